//! Queues, topics, subscriptions, streams.

use serde_json::Value;

use super::model::{Resource, is_intrinsic, list, text};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "queue-without-dead-letters", check: queue_without_dead_letters },
    Rule { name: "short-visibility", check: short_visibility },
    Rule { name: "short-retention", check: short_retention },
    Rule { name: "unencrypted-messages", check: unencrypted_messages },
    Rule { name: "subscription-loses-messages", check: subscription_loses_messages },
    Rule { name: "open-subscribing", check: open_subscribing },
    Rule { name: "whole-batch-fails", check: whole_batch_fails },
    Rule { name: "stream-blocks", check: stream_blocks },
    Rule { name: "stream-filter", check: stream_filter },
];

fn is_for_dead_letters(queue: Resource) -> bool {
    queue.id.ends_with("DeadLetters")
}

fn queue_without_dead_letters(template: &Template, findings: &mut Vec<Finding>) {
    for queue in template.of_type("AWS::SQS::Queue").filter(|queue| !is_for_dead_letters(*queue)) {
        let redrive = queue.property("RedrivePolicy");
        if redrive["deadLetterTargetArn"].is_null() || redrive["maxReceiveCount"].is_null() {
            let says =
                "a message that can't be applied is tried for ever: give RedrivePolicy a dead-letter queue";
            findings.push(Finding::new(queue.id, says));
        }
    }
}

/// AWS recommends six times the function's timeout, so that a throttled batch isn't redelivered while it is processed.
fn short_visibility(template: &Template, findings: &mut Vec<Finding>) {
    for mapping in mappings(template) {
        let Some(queue) = template.referred(mapping.property("EventSourceArn")) else { continue };
        let Some(function) = function_of(template, mapping) else { continue };
        if queue.kind() != "AWS::SQS::Queue" {
            continue;
        }
        let visible_secs = queue.property("VisibilityTimeout").as_u64().unwrap_or(30);
        let timeout_secs = function.property("Timeout").as_u64().unwrap_or(3);
        if visible_secs < 6 * timeout_secs {
            let says = format!(
                "VisibilityTimeout is {visible_secs} s, below six times the {timeout_secs} s of {}: at least {}",
                function.id,
                6 * timeout_secs
            );
            findings.push(Finding::new(queue.id, says));
        }
    }
}

fn short_retention(template: &Template, findings: &mut Vec<Finding>) {
    const FOURTEEN_DAYS_SECS: u64 = 1_209_600;
    for queue in template.of_type("AWS::SQS::Queue") {
        if queue.property("MessageRetentionPeriod").as_u64() != Some(FOURTEEN_DAYS_SECS) {
            let says = "messages are kept for fourteen days: a long weekend is no reason to lose one";
            findings.push(Finding::new(queue.id, says));
        }
    }
}

fn unencrypted_messages(template: &Template, findings: &mut Vec<Finding>) {
    for kind in ["AWS::SQS::Queue", "AWS::SNS::Topic"] {
        for resource in template.of_type(kind).filter(|resource| !resource.has("KmsMasterKeyId")) {
            findings.push(Finding::new(
                resource.id,
                "messages lie in the clear: give KmsMasterKeyId the service's key",
            ));
        }
    }
}

fn subscription_loses_messages(template: &Template, findings: &mut Vec<Finding>) {
    for subscription in template.of_type("AWS::SNS::Subscription") {
        if text(subscription.property("Protocol")) == "email" {
            continue;
        }
        if subscription.property("RedrivePolicy")["deadLetterTargetArn"].is_null() {
            findings.push(Finding::new(
                subscription.id,
                "an undelivered message is lost: give RedrivePolicy a dead-letter queue",
            ));
        }
        if subscription.property("RawMessageDelivery") != &Value::Bool(true) {
            findings.push(Finding::new(
                subscription.id,
                "RawMessageDelivery is true: the consumer reads the event itself",
            ));
        }
        if !subscription.has("FilterPolicy") {
            findings.push(Finding::new(
                subscription.id,
                "FilterPolicy names the types of event that the consumer knows",
            ));
        }
    }
}

fn open_subscribing(template: &Template, findings: &mut Vec<Finding>) {
    const MUST_NAME: [&str; 3] = ["aws:PrincipalOrgID", "sns:Protocol", "sns:Endpoint"];
    for policy in template.of_type("AWS::SNS::TopicPolicy") {
        for statement in list(&policy.property("PolicyDocument")["Statement"]) {
            let subscribes = list(&statement["Action"])
                .into_iter()
                .any(|action| text(action).eq_ignore_ascii_case("sns:Subscribe"));
            if !subscribes || statement["Effect"] != "Allow" {
                continue;
            }
            let named = &statement["Condition"]["StringEquals"];
            for key in MUST_NAME.iter().filter(|key| named[**key].is_null()) {
                findings.push(Finding::new(
                    policy.id,
                    format!("subscribing is open: StringEquals must name {key}"),
                ));
            }
        }
    }
}

fn whole_batch_fails(template: &Template, findings: &mut Vec<Finding>) {
    for mapping in mappings(template) {
        let types = list(mapping.property("FunctionResponseTypes"));
        if !types.into_iter().any(|kind| kind == "ReportBatchItemFailures") {
            findings.push(Finding::new(
                mapping.id,
                "one bad message fails its batch: FunctionResponseTypes needs ReportBatchItemFailures",
            ));
        }
    }
}

fn stream_blocks(template: &Template, findings: &mut Vec<Finding>) {
    for mapping in mappings(template).filter(|mapping| is_stream(*mapping)) {
        // The default is to try for as long as the record lives, and the shard waits.
        if mapping.property("MaximumRetryAttempts").as_i64().is_none_or(|retries| retries < 0) {
            findings.push(Finding::new(
                mapping.id,
                "a record that fails blocks its shard: MaximumRetryAttempts must be finite",
            ));
        }
        if mapping.property("BisectBatchOnFunctionError") != &Value::Bool(true) {
            findings.push(Finding::new(
                mapping.id,
                "BisectBatchOnFunctionError finds the record that crashes the function",
            ));
        }
        if mapping.property("DestinationConfig")["OnFailure"]["Destination"].is_null() {
            findings.push(Finding::new(
                mapping.id,
                "what was given up leaves no trace: DestinationConfig needs OnFailure",
            ));
        }
    }
}

fn stream_filter(template: &Template, findings: &mut Vec<Finding>) {
    for mapping in mappings(template) {
        let filters = list(&mapping.property("FilterCriteria")["Filters"]);
        if is_stream(mapping) && filters.is_empty() {
            findings.push(Finding::new(
                mapping.id,
                "every write wakes the function: FilterCriteria takes new outbox items only",
            ));
        }
        for filter in filters {
            let pattern = &filter["Pattern"];
            let Some(pattern) = pattern.as_str() else {
                if !is_intrinsic(pattern) {
                    findings.push(Finding::new(mapping.id, "a filter's Pattern is JSON in a text"));
                }
                continue;
            };
            match serde_json::from_str::<Value>(pattern) {
                Ok(Value::Object(pattern)) => {
                    if is_stream(mapping) && pattern.get("eventName") != Some(&serde_json::json!(["INSERT"]))
                    {
                        let says = "the filter lets removals through: eventName must be [\"INSERT\"], or expiry publishes";
                        findings.push(Finding::new(mapping.id, says));
                    }
                }
                Ok(_) => findings.push(Finding::new(mapping.id, "a filter's Pattern is a JSON object")),
                Err(error) => findings
                    .push(Finding::new(mapping.id, format!("a filter's Pattern is not JSON: {error}"))),
            }
        }
    }
}

fn mappings(template: &Template) -> impl Iterator<Item = Resource<'_>> {
    template.of_type("AWS::Lambda::EventSourceMapping")
}

/// A stream's mapping has a starting position.
fn is_stream(mapping: Resource) -> bool {
    mapping.has("StartingPosition")
}

/// The function itself, where the mapping calls its alias.
fn function_of<'a>(template: &'a Template, mapping: Resource<'a>) -> Option<Resource<'a>> {
    let called = template.referred(mapping.property("FunctionName"))?;
    if called.kind() == "AWS::Lambda::Alias" {
        template.referred(called.property("FunctionName"))
    } else {
        Some(called)
    }
}
