//! Alarms that every resource of a kind must have, so that none is forgotten when a function or queue is added.
//!
//! An alarm's logical id is the resource's with the alarm's name: `HttpFunctionErrorsAlarm`. Its description names its
//! page in `docs/runbooks/`. All of them ring at the account's topic `tern-alarms`, which the baseline makes.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

/// One kind of alarm.
pub(crate) struct Kind {
    /// What the logical id ends with, before `Alarm`.
    name: &'static str,
    /// The page in `docs/runbooks/`, without `.md`.
    pub(crate) runbook: &'static str,
    metric: (&'static str, &'static str),
    statistic: &'static str,
    /// Rings at this value or above it.
    threshold: f64,
    period_secs: u32,
    /// In how many of how many periods.
    periods: (u32, u32),
}

const ERRORS: Kind = Kind {
    name: "Errors",
    runbook: "function-errors",
    metric: ("AWS/Lambda", "Errors"),
    statistic: "Sum",
    threshold: 1.0,
    period_secs: 60,
    periods: (2, 3),
};
const THROTTLES: Kind = Kind {
    name: "Throttles",
    runbook: "throttles",
    metric: ("AWS/Lambda", "Throttles"),
    statistic: "Sum",
    threshold: 1.0,
    period_secs: 60,
    periods: (1, 1),
};
/// The threshold is four fifths of the function's own timeout.
const SLOW: Kind = Kind {
    name: "Slow",
    runbook: "function-slow",
    metric: ("AWS/Lambda", "Duration"),
    statistic: "p99",
    threshold: 0.8,
    period_secs: 60,
    periods: (3, 5),
};
const ITERATOR_AGE: Kind = Kind {
    name: "IteratorAge",
    runbook: "iterator-age",
    metric: ("AWS/Lambda", "IteratorAge"),
    statistic: "Maximum",
    threshold: 60_000.0,
    period_secs: 60,
    periods: (2, 3),
};
const DEAD_LETTER: Kind = Kind {
    name: "DeadLetter",
    runbook: "dead-letters",
    metric: ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    statistic: "Maximum",
    threshold: 1.0,
    period_secs: 60,
    periods: (1, 1),
};
const OLD_MESSAGES: Kind = Kind {
    name: "OldMessages",
    runbook: "queue-age",
    metric: ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    statistic: "Maximum",
    threshold: 300.0,
    period_secs: 60,
    periods: (3, 3),
};
const SERVER_ERRORS: Kind = Kind {
    name: "ServerErrors",
    runbook: "server-errors",
    metric: ("AWS/ApiGateway", "5XXError"),
    statistic: "Average",
    threshold: 0.02,
    period_secs: 60,
    periods: (2, 3),
};
const LATENCY: Kind = Kind {
    name: "Latency",
    runbook: "latency",
    metric: ("AWS/ApiGateway", "Latency"),
    statistic: "p99",
    threshold: 1_000.0,
    period_secs: 60,
    periods: (3, 5),
};
const READ_THROTTLES: Kind = Kind {
    name: "ReadThrottles",
    runbook: "throttles",
    metric: ("AWS/DynamoDB", "ReadThrottleEvents"),
    statistic: "Sum",
    threshold: 1.0,
    period_secs: 60,
    periods: (1, 1),
};
const WRITE_THROTTLES: Kind =
    Kind { name: "WriteThrottles", metric: ("AWS/DynamoDB", "WriteThrottleEvents"), ..READ_THROTTLES };
const UNDELIVERED: Kind = Kind {
    name: "Undelivered",
    runbook: "undelivered",
    metric: ("AWS/SNS", "NumberOfNotificationsFailed"),
    statistic: "Sum",
    threshold: 1.0,
    period_secs: 60,
    periods: (1, 1),
};

/// Every kind that there is.
#[cfg(test)]
pub(crate) const KINDS: [&Kind; 11] = [
    &ERRORS,
    &THROTTLES,
    &SLOW,
    &ITERATOR_AGE,
    &DEAD_LETTER,
    &OLD_MESSAGES,
    &SERVER_ERRORS,
    &LATENCY,
    &READ_THROTTLES,
    &WRITE_THROTTLES,
    &UNDELIVERED,
];

/// The availability that each API promises: of a thousand requests, one may fail by our fault.
const ERROR_BUDGET: f64 = 0.001;

/// How fast a month's error budget is used up: how many times too fast, over which long and short window. The short one ends
/// the alarm soon after the trouble has ended.
const BURNS: [(&str, f64, u32, u32); 2] = [("FastBurn", 14.4, 3_600, 300), ("SlowBurn", 6.0, 21_600, 1_800)];

/// The page for both burns.
const BURN_RUNBOOK: &str = "error-budget";

/// Adds to `template` the alarms that its resources must have.
///
/// # Errors
/// When a resource has an alarm's name already, or lacks what its alarm must know.
pub(crate) fn add(template: &mut Value) -> Result<()> {
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    for (id, alarm) in of(resources)? {
        if resources.insert(id.clone(), alarm).is_some() {
            bail!("{id} is written out, but alarms of its kind are made for every resource");
        }
    }
    Ok(())
}

fn of(resources: &Map<String, Value>) -> Result<Vec<(String, Value)>> {
    let mut alarms = Vec::new();
    for (id, resource) in resources {
        let properties = &resource["Properties"];
        let mut add = |kind: &Kind, threshold: f64, dimensions: &[(&str, Value)]| {
            alarms.push((format!("{id}{}Alarm", kind.name), alarm(kind, id, threshold, dimensions)));
        };
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::Serverless::Function" => {
                let function = [("FunctionName", json!({ "Ref": id }))];
                let Some(timeout_secs) = properties["Timeout"].as_f64() else { bail!("{id} has no Timeout") };
                add(&ERRORS, ERRORS.threshold, &function);
                add(&THROTTLES, THROTTLES.threshold, &function);
                add(&SLOW, SLOW.threshold * timeout_secs * 1_000.0, &function);
                let mut events = properties["Events"].as_object().into_iter().flatten();
                if events.any(|(_, event)| event["Type"] == "DynamoDB") {
                    add(&ITERATOR_AGE, ITERATOR_AGE.threshold, &function);
                }
            }
            "AWS::SQS::Queue" => {
                let kind = if id.ends_with("DeadLetters") { &DEAD_LETTER } else { &OLD_MESSAGES };
                add(kind, kind.threshold, &[("QueueName", json!({ "Fn::GetAtt": [id, "QueueName"] }))]);
            }
            "AWS::Serverless::Api" => {
                // By name: the API refers to the function's alias, whose canary watches this very alarm.
                let Some(name) = properties.get("Name") else { bail!("{id} has no Name") };
                let api = [("ApiName", name.clone()), ("Stage", properties["StageName"].clone())];
                add(&SERVER_ERRORS, SERVER_ERRORS.threshold, &api);
                add(&LATENCY, LATENCY.threshold, &api);
                alarms.extend(burns(id, &api));
            }
            "AWS::DynamoDB::Table" => {
                let table = [("TableName", json!({ "Ref": id }))];
                add(&READ_THROTTLES, READ_THROTTLES.threshold, &table);
                add(&WRITE_THROTTLES, WRITE_THROTTLES.threshold, &table);
            }
            "AWS::SNS::Topic" => {
                let topic = [("TopicName", json!({ "Fn::GetAtt": [id, "TopicName"] }))];
                add(&UNDELIVERED, UNDELIVERED.threshold, &topic);
            }
            _ => {}
        }
    }
    Ok(alarms)
}

/// For each burn an alarm of the long window and one of the short, which ring only together.
fn burns(api: &str, dimensions: &[(&str, Value)]) -> Vec<(String, Value)> {
    let mut alarms = Vec::new();
    for (name, times, long_secs, short_secs) in BURNS {
        let windows = [("Long", long_secs), ("Short", short_secs)];
        for (window, period_secs) in windows {
            let kind = Kind { name, runbook: BURN_RUNBOOK, period_secs, periods: (1, 1), ..SERVER_ERRORS };
            let mut alarm = alarm(&kind, api, times * ERROR_BUDGET, dimensions);
            if let Some(properties) = alarm["Properties"].as_object_mut() {
                properties.retain(|property, _| property != "AlarmActions" && property != "OKActions");
            }
            alarms.push((format!("{api}{name}{window}Alarm"), alarm));
        }
        let rings =
            windows.map(|(window, _)| format!("ALARM(\"${{{api}{name}{window}Alarm}}\")")).join(" AND ");
        let together = json!({
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": {
                "AlarmDescription": format!("{api}: {name}. What to do: docs/runbooks/{BURN_RUNBOOK}.md"),
                "AlarmRule": { "Fn::Sub": rings },
                "AlarmActions": [topic()],
                "OKActions": [topic()],
            },
        });
        alarms.push((format!("{api}{name}Alarm"), together));
    }
    alarms
}

/// The account's topic for alarms.
fn topic() -> Value {
    json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:tern-alarms" })
}

fn alarm(kind: &Kind, resource: &str, threshold: f64, dimensions: &[(&str, Value)]) -> Value {
    let (namespace, metric) = kind.metric;
    let dimensions: Vec<_> =
        dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let statistic = if kind.statistic.starts_with('p') { "ExtendedStatistic" } else { "Statistic" };
    json!({
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": format!("{resource}: {}. What to do: docs/runbooks/{}.md", kind.name, kind.runbook),
            "Namespace": namespace,
            "MetricName": metric,
            statistic: kind.statistic,
            "Dimensions": dimensions,
            "Period": kind.period_secs,
            "DatapointsToAlarm": kind.periods.0,
            "EvaluationPeriods": kind.periods.1,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [topic()],
            "OKActions": [topic()],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms_of(resources: Value) -> Vec<String> {
        let mut template = json!({ "Resources": resources });
        add(&mut template).unwrap();
        let resources = template["Resources"].as_object().unwrap();
        let alarms = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
        alarms.map(|(id, _)| id.clone()).collect()
    }

    #[test]
    fn every_kind_of_resource_gets_its_alarms() {
        let function = json!({ "Type": "AWS::Serverless::Function", "Properties": {
            "Timeout": 30, "Events": { "Stream": { "Type": "DynamoDB" } } } });
        let api =
            json!({ "Type": "AWS::Serverless::Api", "Properties": { "Name": "api", "StageName": "live" } });
        let of_type = |kind: &str| json!({ "Type": kind, "Properties": {} });
        for (id, resource, alarms) in [
            ("F", function, vec!["FErrorsAlarm", "FIteratorAgeAlarm", "FSlowAlarm", "FThrottlesAlarm"]),
            (
                "Api",
                api,
                vec![
                    "ApiFastBurnLongAlarm",
                    "ApiFastBurnShortAlarm",
                    "ApiLatencyAlarm",
                    "ApiServerErrorsAlarm",
                    "ApiSlowBurnLongAlarm",
                    "ApiSlowBurnShortAlarm",
                ],
            ),
            ("Queue", of_type("AWS::SQS::Queue"), vec!["QueueOldMessagesAlarm"]),
            ("DeadLetters", of_type("AWS::SQS::Queue"), vec!["DeadLettersDeadLetterAlarm"]),
            ("T", of_type("AWS::DynamoDB::Table"), vec!["TReadThrottlesAlarm", "TWriteThrottlesAlarm"]),
            ("Topic", of_type("AWS::SNS::Topic"), vec!["TopicUndeliveredAlarm"]),
            ("Key", of_type("AWS::KMS::Key"), vec![]),
        ] {
            assert_eq!(alarms_of(json!({ id: resource })), alarms, "{id}");
        }
    }

    #[test]
    fn an_error_budget_burns_when_both_windows_say_so() {
        let mut template = json!({ "Resources": { "Api": {
            "Type": "AWS::Serverless::Api", "Properties": { "Name": "api", "StageName": "live" } } } });
        add(&mut template).unwrap();
        let of = |id: &str| template["Resources"][id]["Properties"].clone();
        assert_eq!(
            of("ApiFastBurnAlarm")["AlarmRule"]["Fn::Sub"],
            "ALARM(\"${ApiFastBurnLongAlarm}\") AND ALARM(\"${ApiFastBurnShortAlarm}\")"
        );
        let long = of("ApiSlowBurnLongAlarm");
        assert_eq!((long["Period"].as_u64(), long["Threshold"].as_f64()), (Some(21_600), Some(0.006)));
        assert!(long.get("AlarmActions").is_none() && of("ApiSlowBurnAlarm").get("AlarmActions").is_some());
    }

    #[test]
    fn a_function_is_slow_at_four_fifths_of_its_timeout() {
        let mut template = json!({ "Resources": { "F": {
            "Type": "AWS::Serverless::Function", "Properties": { "Timeout": 30 } } } });
        add(&mut template).unwrap();
        assert_eq!(template["Resources"]["FSlowAlarm"]["Properties"]["Threshold"], 24_000.0);
    }

    #[test]
    fn an_alarm_written_by_hand_beside_them_is_refused() {
        let mut template = json!({ "Resources": {
            "T": { "Type": "AWS::SNS::Topic" }, "TUndeliveredAlarm": { "Type": "AWS::CloudWatch::Alarm" } } });
        assert!(add(&mut template).unwrap_err().to_string().contains("TUndeliveredAlarm is written out"));
    }

    #[test]
    fn every_alarm_has_its_runbook() {
        for runbook in KINDS.iter().map(|kind| kind.runbook).chain([BURN_RUNBOOK]) {
            let page = crate::project::root().join(format!("docs/runbooks/{runbook}.md"));
            assert!(page.is_file(), "there is no page {}", page.display());
        }
    }
}
