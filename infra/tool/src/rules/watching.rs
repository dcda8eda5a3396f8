//! What is seen of a service from outside: metrics, traces, alarms and their pages, over all accounts.

use super::model::{list, text};
use super::{Finding, Rule, Template};
use crate::project;

pub(super) const RULES: &[Rule] = &[
    Rule { name: "nameless-metrics", check: nameless_metrics },
    Rule { name: "unknown-runbook", check: unknown_runbook },
    Rule { name: "open-sink", check: open_sink },
    Rule { name: "half-a-link", check: half_a_link },
];

/// What is shared between accounts: numbers, lines and traces. With one of them missing, a booking's way ends at a border.
const SHARED: [&str; 3] = ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"];

fn nameless_metrics(template: &Template, findings: &mut Vec<Finding>) {
    for function in template.of_type("AWS::Lambda::Function") {
        if function.property("Environment")["Variables"]["ENVIRONMENT"].is_null() {
            let says =
                "its metrics are of no environment, so no alarm finds them: give it the variable ENVIRONMENT";
            findings.push(Finding::new(function.id, says));
        }
    }
}

fn unknown_runbook(template: &Template, findings: &mut Vec<Finding>) {
    for kind in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"] {
        for alarm in template.of_type(kind) {
            let description = text(alarm.property("AlarmDescription"));
            let Some(at) = description.find("docs/runbooks/") else { continue };
            let page = description[at..].split_whitespace().next().unwrap_or_default();
            if !project::root().join(page).is_file() {
                findings.push(Finding::new(alarm.id, format!("there is no page {page}: write it")));
            }
        }
    }
}

fn open_sink(template: &Template, findings: &mut Vec<Finding>) {
    for sink in template.of_type("AWS::Oam::Sink") {
        for statement in list(&sink.property("Policy")["Statement"]) {
            let condition = &statement["Condition"];
            if condition["StringEquals"]["aws:PrincipalOrgID"].is_null() {
                findings.push(Finding::new(
                    sink.id,
                    "any account can link: StringEquals must name aws:PrincipalOrgID",
                ));
            }
            let types = list(&condition["ForAllValues:StringEquals"]["oam:ResourceTypes"]);
            if types.is_empty() || types.into_iter().any(|kind| !SHARED.contains(&text(kind).as_str())) {
                let says = format!("oam:ResourceTypes must name what may be shared: {}", SHARED.join(", "));
                findings.push(Finding::new(sink.id, says));
            }
        }
    }
}

fn half_a_link(template: &Template, findings: &mut Vec<Finding>) {
    for link in template.of_type("AWS::Oam::Link") {
        let shared: Vec<_> = list(link.property("ResourceTypes")).into_iter().map(text).collect();
        for missing in SHARED.iter().filter(|kind| !shared.iter().any(|shared| shared == *kind)) {
            findings.push(Finding::new(link.id, format!("a booking's way ends here: share {missing} too")));
        }
    }
}
