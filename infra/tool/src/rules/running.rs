//! Functions, canaries, alarms.

use serde_json::json;

use super::model::{Resource, list, text};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "function-unlike-the-others", check: function_unlike_the_others },
    Rule { name: "function-without-limit", check: function_without_limit },
    Rule { name: "function-without-trace", check: function_without_trace },
    Rule { name: "stage-in-path", check: stage_in_path },
    Rule { name: "no-canary", check: no_canary },
    Rule { name: "unknown-canary", check: unknown_canary },
    Rule { name: "no-alarm", check: no_alarm },
    Rule { name: "silent-alarm", check: silent_alarm },
];

fn functions(template: &Template) -> impl Iterator<Item = Resource<'_>> {
    template.of_type("AWS::Lambda::Function")
}

fn function_unlike_the_others(template: &Template, findings: &mut Vec<Finding>) {
    for function in functions(template) {
        if function.property("Runtime") != "provided.al2023"
            || function.property("Architectures") != &json!(["arm64"])
        {
            findings.push(Finding::new(function.id, "functions run on provided.al2023, arm64"));
        }
        if !function.has("KmsKeyArn") {
            findings.push(Finding::new(
                function.id,
                "its variables lie under AWS's key: give KmsKeyArn the service's own",
            ));
        }
    }
}

fn function_without_limit(template: &Template, findings: &mut Vec<Finding>) {
    for function in functions(template).filter(|function| !function.has("ReservedConcurrentExecutions")) {
        let says = "it can take every other function's share: give it ReservedConcurrentExecutions";
        findings.push(Finding::new(function.id, says));
    }
}

fn function_without_trace(template: &Template, findings: &mut Vec<Finding>) {
    for function in functions(template) {
        if function.property("TracingConfig")["Mode"] != "Active" {
            findings.push(Finding::new(function.id, "Tracing must be Active, or a booking's way ends here"));
        }
    }
}

/// Without it the router sees `/live/bookings`. Any value counts as yes, so that a `false` would mislead.
fn stage_in_path(template: &Template, findings: &mut Vec<Finding>) {
    const VARIABLE: &str = "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH";
    for permission in template.of_type("AWS::Lambda::Permission") {
        if text(permission.property("Principal")) != "apigateway.amazonaws.com" {
            continue;
        }
        let called = template.referred(permission.property("FunctionName"));
        let function = called.and_then(|called| match called.kind() {
            "AWS::Lambda::Alias" => template.referred(called.property("FunctionName")),
            _ => Some(called),
        });
        let Some(function) = function else { continue };
        if text(&function.property("Environment")["Variables"][VARIABLE]) != "true" {
            findings.push(Finding::new(function.id, format!("{VARIABLE} must be \"true\"")));
        }
    }
}

fn no_canary(template: &Template, findings: &mut Vec<Finding>) {
    for function in functions(template) {
        let mut aliases = template.of_type("AWS::Lambda::Alias").filter(|alias| {
            template.referred(alias.property("FunctionName")).is_some_and(|f| f.id == function.id)
        });
        if !aliases.any(|alias| !alias.body["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].is_null()) {
            findings.push(Finding::new(
                function.id,
                "a new version takes every call at once: give it a DeploymentPreference",
            ));
        }
    }
    for group in template.of_type("AWS::CodeDeploy::DeploymentGroup") {
        let alarms = &group.property("AlarmConfiguration");
        if alarms["Enabled"] != json!(true) || list(&alarms["Alarms"]).is_empty() {
            findings.push(Finding::new(group.id, "a canary that no alarm watches rolls nothing back"));
        }
        let events = list(&group.property("AutoRollbackConfiguration")["Events"]);
        if !events.into_iter().any(|event| event == "DEPLOYMENT_STOP_ON_ALARM") {
            findings.push(Finding::new(group.id, "it must roll back on DEPLOYMENT_STOP_ON_ALARM"));
        }
    }
}

fn unknown_canary(template: &Template, findings: &mut Vec<Finding>) {
    const KNOWN: [&str; 9] = [
        "Canary10Percent5Minutes",
        "Canary10Percent10Minutes",
        "Canary10Percent15Minutes",
        "Canary10Percent30Minutes",
        "Linear10PercentEvery1Minute",
        "Linear10PercentEvery2Minutes",
        "Linear10PercentEvery3Minutes",
        "Linear10PercentEvery10Minutes",
        "AllAtOnce",
    ];
    for group in template.of_type("AWS::CodeDeploy::DeploymentGroup") {
        let name = &group.property("DeploymentConfigName");
        // SAM writes Fn::Sub ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": "..."}].
        let chosen = match name.get("Fn::Sub").and_then(|sub| sub.get(1)) {
            Some(values) => text(&values["ConfigName"]),
            None => text(name).replace("CodeDeployDefault.Lambda", ""),
        };
        if !KNOWN.contains(&chosen.as_str()) {
            findings
                .push(Finding::new(group.id, format!("CodeDeploy knows no Lambda configuration `{chosen}`")));
        } else if chosen == "AllAtOnce" {
            findings.push(Finding::new(group.id, "AllAtOnce is no canary"));
        }
    }
}

fn no_alarm(template: &Template, findings: &mut Vec<Finding>) {
    let alarms =
        template.of_type("AWS::CloudWatch::Alarm").map(|alarm| alarm.body.to_string()).collect::<Vec<_>>();
    let watched = |metric: &str, dimension: &str| {
        let metric = format!("\"MetricName\":\"{metric}\"");
        alarms.iter().any(|alarm| alarm.contains(&metric) && alarm.contains(dimension))
    };
    for resource in template.resources() {
        let reference = json!({ "Ref": resource.id }).to_string();
        let (metrics, dimension): (&[&str], String) = match resource.kind() {
            "AWS::Lambda::Function" => (&["Errors", "Throttles", "Duration"], reference),
            "AWS::DynamoDB::Table" => (&["ReadThrottleEvents", "WriteThrottleEvents"], reference),
            "AWS::SQS::Queue" if resource.id.ends_with("DeadLetters") => {
                (&["ApproximateNumberOfMessagesVisible"], format!("[\"{}\",\"QueueName\"]", resource.id))
            }
            "AWS::SQS::Queue" => {
                (&["ApproximateAgeOfOldestMessage"], format!("[\"{}\",\"QueueName\"]", resource.id))
            }
            "AWS::SNS::Topic" => (
                &["NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq"],
                format!("[\"{}\",\"TopicName\"]", resource.id),
            ),
            "AWS::ApiGateway::RestApi" => (&["5XXError", "Latency"], resource.property("Name").to_string()),
            "AWS::Lambda::EventSourceMapping" if resource.has("StartingPosition") => {
                let alias = template.referred(resource.property("FunctionName"));
                let function =
                    alias.and_then(|alias| template.referred(alias.property("FunctionName"))).or(alias);
                let Some(function) = function else { continue };
                (&["IteratorAge"], json!({ "Ref": function.id }).to_string())
            }
            _ => continue,
        };
        for metric in metrics.iter().filter(|metric| !watched(metric, &dimension)) {
            findings.push(Finding::new(resource.id, format!("no alarm watches its {metric}")));
        }
        // An index is throttled by itself, and holds up its table's writes.
        for index in list(resource.property("GlobalSecondaryIndexes")) {
            let name = text(&index["IndexName"]);
            for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] {
                if !watched(metric, &format!("\"Value\":\"{name}\"")) {
                    findings.push(Finding::new(resource.id, format!("no alarm watches {metric} of {name}")));
                }
            }
        }
    }
}

fn silent_alarm(template: &Template, findings: &mut Vec<Finding>) {
    let composites: Vec<_> = template.of_type("AWS::CloudWatch::CompositeAlarm").collect();
    for alarm in template.of_type("AWS::CloudWatch::Alarm").chain(composites.iter().copied()) {
        // One window of a composite alarm rings through that.
        let name = format!("${{{}}}", alarm.id);
        let is_part =
            composites.iter().any(|composite| text(composite.property("AlarmRule")).contains(&name));
        if !is_part && list(alarm.property("AlarmActions")).is_empty() {
            findings.push(Finding::new(alarm.id, "nobody hears it: give it AlarmActions"));
        }
        if !text(alarm.property("AlarmDescription")).contains("docs/runbooks/") {
            findings.push(Finding::new(alarm.id, "its description must name the page that says what to do"));
        }
    }
}
