//! Alarms that every resource of a kind must have, so that none is forgotten when a function or queue is added, and those of
//! objectives: `infra/shared/alarms.yaml` makes them.
//!
//! An objective is what share of what a service does may go wrong. Every API has one, its availability. A service's own stand in
//! its template's folder:
//!
//! ```yaml
//! Metadata:
//!   Objectives:
//!     MilesInTime: {Runbook: miles-late, Metric: {...}, Budget: 1}
//! ```

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fragments;

/// What may go wrong, and how much of it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Objective {
    runbook: String,
    metric: Metric,
    /// The share that may go wrong over thirty days, in the unit of the metric's statistic.
    budget: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Metric {
    namespace: String,
    metric_name: String,
    statistic: String,
    dimensions: Map<String, Value>,
}

/// Adds to `template` the alarms that its resources and objectives must have; the objectives themselves go.
///
/// # Errors
/// When a resource has an alarm's name already, or what an alarm must know is missing.
pub(crate) fn add(template: &mut Value) -> Result<()> {
    let mut objectives = BTreeMap::new();
    if let Some(Value::Object(own)) = fragments::take_metadata(template, "Objectives") {
        for (name, body) in own {
            let objective = read(body).with_context(|| format!("the objective {name}"))?;
            objectives.insert(name, objective);
        }
    }
    let context = json!({ "resources": template["Resources"], "objectives": objectives });
    fragments::derive(template, "alarms.yaml", &context)
}

fn read(objective: Value) -> Result<Objective> {
    let objective: Objective = serde_json::from_value(objective)?;
    if objective.budget <= 0.0 {
        bail!("there is no Budget to use up");
    }
    Ok(objective)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    fn with_alarms(resources: Value) -> Value {
        let mut template = json!({ "Resources": resources });
        add(&mut template).unwrap();
        template["Resources"].take()
    }

    fn api() -> Value {
        json!({ "Type": "AWS::Serverless::Api", "Properties": { "Name": "api", "StageName": "live" } })
    }

    #[test]
    fn every_kind_of_resource_gets_its_alarms() {
        let stream = json!({ "Timeout": 30, "Events": { "Stream": { "Type": "DynamoDB" } } });
        let index = json!({ "GlobalSecondaryIndexes": [{ "IndexName": "by_member" }] });
        for (id, kind, properties, alarms) in [
            ("F", "Serverless::Function", json!({ "Timeout": 30 }), "Errors Slow Throttles"),
            ("F", "Serverless::Function", stream, "Errors IteratorAge Slow Throttles"),
            (
                "Api",
                "Serverless::Api",
                api()["Properties"].take(),
                "FastBurnLong FastBurnShort Latency ServerErrors SlowBurnLong SlowBurnShort",
            ),
            ("Queue", "SQS::Queue", json!({}), "OldMessages"),
            ("DeadLetters", "SQS::Queue", json!({}), "DeadLetter"),
            ("T", "DynamoDB::Table", json!({}), "ReadThrottles WriteThrottles"),
            (
                "T",
                "DynamoDB::Table",
                index,
                "ByMemberReadThrottles ByMemberWriteThrottles ReadThrottles WriteThrottles",
            ),
            ("Topic", "SNS::Topic", json!({}), "Lost Undelivered"),
            ("Key", "KMS::Key", json!({}), ""),
        ] {
            let resources =
                with_alarms(json!({ id: { "Type": format!("AWS::{kind}"), "Properties": properties } }));
            let made = resources.as_object().unwrap().iter();
            let made = made.filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
            let made: Vec<_> = made.map(|(alarm, _)| alarm.clone()).collect();
            let expected: Vec<_> =
                alarms.split_whitespace().map(|alarm| format!("{id}{alarm}Alarm")).collect();
            assert_eq!(made, expected, "{id}: {kind}");
        }
    }

    #[test]
    fn an_alarm_says_what_it_watches_from_where_on_and_who_hears_it() {
        let topic =
            json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:tern-alarms" });
        assert_eq!(
            with_alarms(json!({ "Api": api() }))["ApiLatencyAlarm"],
            json!({
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmDescription": "Api: Latency. What to do: docs/runbooks/latency.md",
                    "Namespace": "AWS/ApiGateway", "MetricName": "Latency", "ExtendedStatistic": "p99",
                    "Dimensions": [{ "Name": "ApiName", "Value": "api" }, { "Name": "Stage", "Value": "live" }],
                    "Period": 60, "DatapointsToAlarm": 3, "EvaluationPeriods": 5, "Threshold": 1000,
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
                    "AlarmActions": [topic], "OKActions": [topic],
                },
            })
        );
    }

    #[test]
    fn an_error_budget_burns_when_both_windows_say_so() {
        let resources = with_alarms(json!({ "Api": api() }));
        let of = |id: &str| &resources[id]["Properties"];
        assert_eq!(
            of("ApiFastBurnAlarm")["AlarmRule"]["Fn::Sub"],
            "ALARM(\"${ApiFastBurnLongAlarm}\") AND ALARM(\"${ApiFastBurnShortAlarm}\")"
        );
        for (id, period_secs, threshold) in [
            ("ApiFastBurnLongAlarm", 3_600, 0.0144),
            ("ApiFastBurnShortAlarm", 300, 0.0144),
            ("ApiSlowBurnLongAlarm", 21_600, 0.006),
            ("ApiSlowBurnShortAlarm", 1_800, 0.006),
        ] {
            let alarm = of(id);
            assert_eq!(
                (alarm["Period"].as_u64(), alarm["Threshold"].as_f64()),
                (Some(period_secs), Some(threshold))
            );
            assert!(alarm.get("AlarmActions").is_none(), "{id} rings by itself");
        }
        assert!(of("ApiSlowBurnAlarm").get("AlarmActions").is_some());
    }

    #[test]
    fn a_services_own_objective_burns_like_an_apis() {
        let metric = json!({ "Namespace": "Tern", "MetricName": "MilesLag", "Statistic": "PR(10000:)",
            "Dimensions": { "service": "airmiles", "environment": { "Ref": "Environment" } } });
        let objective = json!({ "Runbook": "miles-late", "Metric": metric, "Budget": 1 });
        let with = |objective: &Value| json!({ "Metadata": { "Objectives": { "MilesInTime": objective } }, "Resources": {} });
        let mut template = with(&objective);
        add(&mut template).unwrap();
        assert!(template.get("Metadata").is_none(), "{template}");
        let long = &template["Resources"]["MilesInTimeFastBurnLongAlarm"]["Properties"];
        assert_eq!(
            (&long["ExtendedStatistic"], long["Threshold"].as_f64()),
            (&json!("PR(10000:)"), Some(14.4))
        );
        assert_eq!(
            long["Dimensions"][0],
            json!({ "Name": "environment", "Value": { "Ref": "Environment" } })
        );
        for (field, value, said) in [
            ("Runbook", json!(null), "expected a string"),
            ("Metric", json!({}), "missing field `Namespace`"),
            ("Budget", json!("1"), "expected f64"),
            ("Budget", json!(0), "there is no Budget to use up"),
            ("Budgets", json!(1), "unknown field `Budgets`"),
        ] {
            let mut objective = objective.clone();
            objective[field] = value;
            let error = format!("{:#}", add(&mut with(&objective)).unwrap_err());
            assert!(error.starts_with("the objective MilesInTime: ") && error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_function_is_slow_at_four_fifths_of_its_timeout() {
        let function = json!({ "Type": "AWS::Serverless::Function", "Properties": { "Timeout": 30 } });
        let resources = with_alarms(json!({ "F": function }));
        assert_eq!(resources["FSlowAlarm"]["Properties"]["Threshold"], 24_000);
        let without = json!({ "F": { "Type": "AWS::Serverless::Function" } });
        assert!(add(&mut json!({ "Resources": without })).is_err(), "its alarm needs a Timeout");
    }

    #[test]
    fn an_alarm_written_by_hand_beside_them_is_refused() {
        let mut template = json!({ "Resources": {
            "T": { "Type": "AWS::SNS::Topic" }, "TUndeliveredAlarm": { "Type": "AWS::CloudWatch::Alarm" } } });
        assert!(add(&mut template).unwrap_err().to_string().contains("TUndeliveredAlarm is written out"));
    }

    #[test]
    fn every_alarm_has_its_runbook() {
        for stack in template::all().unwrap() {
            let rendered = template::render(stack).unwrap().to_string();
            for mention in rendered.split("docs/runbooks/").skip(1) {
                let page = mention.split_inclusive(".md").next().unwrap();
                let path = crate::project::root().join("docs/runbooks").join(page);
                assert!(path.is_file(), "{stack}: there is no page {}", path.display());
            }
        }
    }
}
