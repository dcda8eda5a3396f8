//! Audit and alarms of an account, and their recipients.

use serde_json::{Value, json};

use super::model::{list, text};
use super::policy::{Statement, statements};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "trail-unprotected", check: trail_unprotected },
    Rule { name: "audit-can-be-stopped", check: audit_can_be_stopped },
    Rule { name: "finding-unheard", check: finding_unheard },
    Rule { name: "budget-unheard", check: budget_unheard },
];

fn trail_unprotected(template: &Template, findings: &mut Vec<Finding>) {
    for trail in template.of_type("AWS::CloudTrail::Trail") {
        for property in ["IsLogging", "IsMultiRegionTrail", "EnableLogFileValidation"] {
            if trail.property(property) != &json!(true) {
                findings.push(Finding::new(trail.id, format!("{property} must be true")));
            }
        }
        if !trail.has("KMSKeyId") {
            findings.push(Finding::new(trail.id, "its files lie under no key of ours: KMSKeyId"));
        }
        let lock = template
            .referred(trail.property("S3BucketName"))
            .map(|bucket| &bucket.property("ObjectLockConfiguration")["Rule"]["DefaultRetention"]);
        if lock.is_none_or(|retention| retention["Mode"] != "COMPLIANCE") {
            let says = "its bucket's files can be deleted: ObjectLockConfiguration with a DefaultRetention in COMPLIANCE";
            findings.push(Finding::new(trail.id, says));
        }
    }
}

/// No role that a template makes may turn off what watches the account.
fn audit_can_be_stopped(template: &Template, findings: &mut Vec<Finding>) {
    const STOP: [&str; 8] = [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:DeleteConfigRule",
    ];
    for statement in statements(template).into_iter().filter(Statement::allows) {
        if let Some(action) = statement.actions().into_iter().find(|action| STOP.contains(&action.as_str())) {
            let says = format!("{} allows {action}: nobody who deploys stops the audit", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// Config can't write to an encrypted topic, so a finding is an event that a rule must take to a person.
fn finding_unheard(template: &Template, findings: &mut Vec<Finding>) {
    let Some(first) = template.of_type("AWS::Config::ConfigRule").next() else { return };
    let heard = template.of_type("AWS::Events::Rule").any(|rule| {
        let pattern = rule.property("EventPattern").to_string();
        let is_for_findings = pattern.contains("\"aws.config\"")
            && pattern.contains("\"Config Rules Compliance Change\"")
            && pattern.contains("\"NON_COMPLIANT\"");
        is_for_findings
            && list(rule.property("Targets"))
                .into_iter()
                .any(|target| reaches_a_person(template, &target["Arn"], "events.amazonaws.com"))
    });
    if !heard {
        let says = "nobody hears what it finds: an AWS::Events::Rule must take NON_COMPLIANT to a topic with a subscriber";
        findings.push(Finding::new(first.id, says));
    }
}

fn budget_unheard(template: &Template, findings: &mut Vec<Finding>) {
    for budget in template.of_type("AWS::Budgets::Budget") {
        let notices = list(budget.property("NotificationsWithSubscribers"));
        for kind in ["ACTUAL", "FORECASTED"] {
            let heard = notices.iter().any(|notice| {
                notice["Notification"]["NotificationType"] == kind
                    && list(&notice["Subscribers"]).into_iter().any(|subscriber| {
                        subscriber["SubscriptionType"] == "EMAIL"
                            || reaches_a_person(template, &subscriber["Address"], "budgets.amazonaws.com")
                    })
            });
            if !heard {
                let says =
                    format!("nobody hears when the {kind} cost is above it: NotificationsWithSubscribers");
                findings.push(Finding::new(budget.id, says));
            }
        }
    }
}

/// Whether what `service` sends to `topic` comes out at somebody: the topic takes it, its key too, and it has a subscriber.
///
/// A topic that isn't this template's is the account's `tern-alarms`, which the baseline's own check sees.
pub(super) fn reaches_a_person(template: &Template, topic: &Value, service: &str) -> bool {
    let Some(topic) = template.referred(topic) else { return text(topic).ends_with(":tern-alarms") };
    let lets = |kind: &str, action: &str, id: &str| {
        statements(template).into_iter().filter(Statement::allows).any(|statement| {
            let of_it = statement.resource.id == id
                || list(statement.resource.property("Topics"))
                    .into_iter()
                    .any(|of| template.referred(of).is_some_and(|of| of.id == id));
            let service_is_named =
                list(&statement.body["Principal"]["Service"]).into_iter().any(|who| text(who) == service);
            statement.resource.kind() == kind && of_it && service_is_named && statement.covers(action)
        })
    };
    let key = template.referred(topic.property("KmsMasterKeyId"));
    !list(topic.property("Subscription")).is_empty()
        && lets("AWS::SNS::TopicPolicy", "sns:Publish", topic.id)
        && key.is_none_or(|key| lets("AWS::KMS::Key", "kms:GenerateDataKey", key.id))
}
