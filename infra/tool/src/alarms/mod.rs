//! Alarms that every resource of a kind must have, so that none is forgotten when a function or queue is added, and those
//! of a service's objectives.
//!
//! An alarm's logical id is the resource's with the alarm's name: `HttpFunctionErrorsAlarm`. Its description names its
//! page in `docs/runbooks/`. All of them ring at the account's topic `tern-alarms`, which the baseline makes.

mod objectives;
#[cfg(test)]
mod tests;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use objectives::{AVAILABILITY, Objective};

use crate::fragments::camel;

/// What an alarm may watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    Function,
    /// A function that reads a table's stream.
    StreamReader,
    Api,
    Queue,
    DeadLetters,
    Table,
    /// A global secondary index, which is throttled by itself.
    Index,
    Topic,
}

/// One kind of alarm.
#[derive(Clone, Copy)]
struct Kind {
    of: Watched,
    /// What the logical id ends with, before `Alarm`.
    name: &'static str,
    /// The page in `docs/runbooks/`, without `.md`.
    runbook: &'static str,
    namespace: &'static str,
    metric: &'static str,
    statistic: &'static str,
    /// Rings at this value or above it.
    threshold: Threshold,
    /// In how many of how many minutes.
    minutes: (u32, u32),
}

#[derive(Clone, Copy)]
enum Threshold {
    At(f64),
    /// A share of the function's own timeout.
    OfTimeout(f64),
}

const LAMBDA: &str = "AWS/Lambda";
const SQS: &str = "AWS/SQS";
const GATEWAY: &str = "AWS/ApiGateway";
const DYNAMODB: &str = "AWS/DynamoDB";
const SNS: &str = "AWS/SNS";

/// Every kind that there is: of what, name, page, metric and statistic, from where on, in how many of how many minutes.
#[rustfmt::skip] // a table is read by its columns
const KINDS: [Kind; 14] = [
    kind(Watched::Function, "Errors", "function-errors", (LAMBDA, "Errors", "Sum"), Threshold::At(1.0), (2, 3)),
    kind(Watched::Function, "Throttles", "throttles", (LAMBDA, "Throttles", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Function, "Slow", "function-slow", (LAMBDA, "Duration", "p99"), Threshold::OfTimeout(0.8), (3, 5)),
    kind(Watched::StreamReader, "IteratorAge", "iterator-age", (LAMBDA, "IteratorAge", "Maximum"), Threshold::At(60_000.0), (2, 3)),
    kind(Watched::DeadLetters, "DeadLetter", "dead-letters", (SQS, "ApproximateNumberOfMessagesVisible", "Maximum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Queue, "OldMessages", "queue-age", (SQS, "ApproximateAgeOfOldestMessage", "Maximum"), Threshold::At(300.0), (3, 3)),
    kind(Watched::Api, "ServerErrors", "server-errors", (GATEWAY, "5XXError", "Average"), Threshold::At(0.02), (2, 3)),
    kind(Watched::Api, "Latency", "latency", (GATEWAY, "Latency", "p99"), Threshold::At(1_000.0), (3, 5)),
    kind(Watched::Table, "ReadThrottles", "throttles", (DYNAMODB, "ReadThrottleEvents", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Table, "WriteThrottles", "throttles", (DYNAMODB, "WriteThrottleEvents", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Index, "ReadThrottles", "throttles", (DYNAMODB, "ReadThrottleEvents", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Index, "WriteThrottles", "throttles", (DYNAMODB, "WriteThrottleEvents", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Topic, "Undelivered", "undelivered", (SNS, "NumberOfNotificationsFailed", "Sum"), Threshold::At(1.0), (1, 1)),
    kind(Watched::Topic, "Lost", "undelivered", (SNS, "NumberOfNotificationsFailedToRedriveToDlq", "Sum"), Threshold::At(1.0), (1, 1)),
];

const fn kind(
    of: Watched,
    name: &'static str,
    runbook: &'static str,
    (namespace, metric, statistic): (&'static str, &'static str, &'static str),
    threshold: Threshold,
    minutes: (u32, u32),
) -> Kind {
    Kind { of, name, runbook, namespace, metric, statistic, threshold, minutes }
}

/// Adds to `template` the alarms that its resources and objectives must have; the objectives themselves go.
///
/// # Errors
/// When a resource has an alarm's name already, or what its alarm must know is missing.
pub(crate) fn add(template: &mut Value) -> Result<()> {
    let objectives = objectives::take(template)?;
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    let mut alarms = of(resources)?;
    alarms.extend(objectives.iter().flat_map(Objective::alarms));
    for (id, alarm) in alarms {
        if resources.insert(id.clone(), alarm).is_some() {
            bail!("{id} is written out, but alarms of its kind are made for every resource");
        }
    }
    Ok(())
}

fn of(resources: &Map<String, Value>) -> Result<Vec<(String, Value)>> {
    let mut alarms = Vec::new();
    for (id, resource) in resources {
        for (watched, name, dimensions) in watched(id, resource)? {
            for kind in KINDS.iter().filter(|kind| kind.of == watched) {
                let threshold = match kind.threshold {
                    Threshold::At(threshold) => threshold,
                    Threshold::OfTimeout(share) => {
                        let Some(secs) = resource["Properties"]["Timeout"].as_f64() else {
                            bail!("{id} has no Timeout")
                        };
                        share * secs * 1_000.0
                    }
                };
                alarms.push((format!("{name}{}Alarm", kind.name), kind.alarm(&name, threshold, &dimensions)));
            }
            if watched == Watched::Api {
                alarms.extend(AVAILABILITY.objective(&name, dimensions).alarms());
            }
        }
    }
    Ok(alarms)
}

/// A resource to watch: its part of the alarms' names, and the dimensions of its metrics.
fn watched(id: &str, resource: &Value) -> Result<Vec<(Watched, String, Dimensions)>> {
    let properties = &resource["Properties"];
    let one = |watched, name: &str, value: Value| (watched, id.to_owned(), vec![(name.to_owned(), value)]);
    let attribute = |name: &str| json!({ "Fn::GetAtt": [id, name] });
    let reference = || json!({ "Ref": id });
    Ok(match resource["Type"].as_str().unwrap_or_default() {
        "AWS::Serverless::Function" => {
            let mut events = properties["Events"].as_object().into_iter().flatten();
            let reads_stream = events.any(|(_, event)| event["Type"] == "DynamoDB");
            let reader = reads_stream.then(|| one(Watched::StreamReader, "FunctionName", reference()));
            [one(Watched::Function, "FunctionName", reference())].into_iter().chain(reader).collect()
        }
        "AWS::SQS::Queue" => {
            let kind = if id.ends_with("DeadLetters") { Watched::DeadLetters } else { Watched::Queue };
            vec![one(kind, "QueueName", attribute("QueueName"))]
        }
        "AWS::Serverless::Api" => {
            // By name: the API refers to the function's alias, whose canary watches this very alarm.
            let Some(name) = properties.get("Name") else { bail!("{id} has no Name") };
            let stage = ("Stage".to_owned(), properties["StageName"].clone());
            vec![(Watched::Api, id.to_owned(), vec![("ApiName".to_owned(), name.clone()), stage])]
        }
        "AWS::DynamoDB::Table" => {
            let table = || ("TableName".to_owned(), reference());
            let indexes = properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
            let indexes = indexes.filter_map(|index| index["IndexName"].as_str()).map(|index| {
                let named = ("GlobalSecondaryIndexName".to_owned(), json!(index));
                (Watched::Index, format!("{id}{}", camel(index)), vec![table(), named])
            });
            [(Watched::Table, id.to_owned(), vec![table()])].into_iter().chain(indexes).collect()
        }
        "AWS::SNS::Topic" => vec![one(Watched::Topic, "TopicName", attribute("TopicName"))],
        _ => vec![],
    })
}

/// The dimensions of a resource's metrics, by name and value.
type Dimensions = Vec<(String, Value)>;

impl Kind {
    fn alarm(&self, resource: &str, threshold: f64, dimensions: &Dimensions) -> Value {
        let (needed, looked_at) = self.minutes;
        let mut alarm = metric_alarm(&Series {
            description: &described(resource, self.name, self.runbook),
            metric: (self.namespace, self.metric, self.statistic),
            dimensions,
            threshold,
            period_secs: 60,
        });
        alarm["Properties"]["DatapointsToAlarm"] = needed.into();
        alarm["Properties"]["EvaluationPeriods"] = looked_at.into();
        rings(alarm)
    }
}

/// What an alarm of one metric looks at.
struct Series<'a> {
    description: &'a str,
    /// Namespace, name, statistic.
    metric: (&'a str, &'a str, &'a str),
    dimensions: &'a Dimensions,
    threshold: f64,
    period_secs: u32,
}

/// The common form of all alarms of one metric, with one period and without an action.
fn metric_alarm(series: &Series<'_>) -> Value {
    let (namespace, metric, statistic) = series.metric;
    let dimensions: Vec<_> =
        series.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    // Percentiles and shares have a property of their own.
    let is_simple = ["Sum", "Average", "Maximum", "Minimum", "SampleCount"].contains(&statistic);
    let property = if is_simple { "Statistic" } else { "ExtendedStatistic" };
    json!({
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": series.description,
            "Namespace": namespace,
            "MetricName": metric,
            property: statistic,
            "Dimensions": dimensions,
            "Period": series.period_secs,
            "EvaluationPeriods": 1,
            "Threshold": series.threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    })
}

fn described(resource: &str, name: &str, runbook: &str) -> String {
    format!("{resource}: {name}. What to do: docs/runbooks/{runbook}.md")
}

/// Lets `alarm` ring at the account's topic for alarms.
fn rings(mut alarm: Value) -> Value {
    let topic =
        json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:tern-alarms" });
    for actions in ["AlarmActions", "OKActions"] {
        alarm["Properties"][actions] = json!([topic]);
    }
    alarm
}
