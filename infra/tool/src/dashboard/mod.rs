//! Dashboards: one a service, with its alarms and what its gateway, functions, queues, table and own metrics show; and one
//! of a booking's whole way ([`way`]).

pub(crate) mod way;
mod widgets;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use widgets::{Line, Widgets};

const LOGICAL_ID: &str = "Dashboard";

/// Adds the dashboard to a template that has functions; others have nothing to watch.
///
/// # Errors
/// When the template has a resource of that name, or no `Environment` to tell its dashboards apart.
pub(crate) fn add(template: &mut Value, service: &str) -> Result<()> {
    let has_environment = template["Parameters"].get("Environment").is_some();
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    if !resources.values().any(|resource| resource["Type"] == "AWS::Serverless::Function") {
        return Ok(());
    }
    if !has_environment {
        bail!("a stack with functions has the parameter Environment");
    }
    let name = format!("tern-${{Environment}}-{service}");
    if resources.insert(LOGICAL_ID.to_owned(), of_service(resources, service).dashboard(&name)).is_some() {
        bail!("{LOGICAL_ID} is written out, but every service's is made");
    }
    Ok(())
}

fn of_service(resources: &Map<String, Value>, service: &str) -> Widgets {
    // The windows of a burn ring through the alarm of both.
    let alarms = resources.iter().filter(|(_, resource)| !resource["Properties"]["AlarmActions"].is_null());
    let alarms = alarms.map(|(id, _)| format!("${{{id}.Arn}}")).collect();
    let mut widgets = Widgets::default();
    widgets.alarms(alarms);
    for (title, lines) in own(service) {
        widgets.graph(title, lines);
    }
    for (id, resource) in resources {
        for (title, lines) in of_resource(id, resource) {
            widgets.graph(format!("{id}: {title}"), lines);
        }
    }
    widgets
}

/// A graph's title and lines.
type Graph = (&'static str, Vec<Line>);

/// What a service says of itself.
fn own(service: &str) -> Vec<Graph> {
    let lines = |metrics: &[(&'static str, &'static str)]| -> Vec<Line> {
        metrics
            .iter()
            .map(|(metric, statistic)| Line::own(service, "${Environment}", metric, statistic))
            .collect()
    };
    match service {
        "booking" => vec![
            ("Searches, bookings, refusals", lines(&BOOKING_COUNTS)),
            ("Events published", lines(&PUBLISHING_COUNTS)),
            ("From booking to published, ms", lines(&OUTBOX_LAG)),
        ],
        "airmiles" => vec![
            ("Events applied", lines(&APPLYING_COUNTS)),
            ("From booking to miles, ms", lines(&MILES_LAG)),
        ],
        _ => vec![],
    }
}

const BOOKING_COUNTS: [(&str, &str); 4] =
    [("Searches", "Sum"), ("Bookings", "Sum"), ("Repeats", "Sum"), ("Refusals", "Sum")];
const PUBLISHING_COUNTS: [(&str, &str); 3] = [("Published", "Sum"), ("Swept", "Sum"), ("Unpublished", "Sum")];
const OUTBOX_LAG: [(&str, &str); 3] = [("OutboxLag", "p50"), ("OutboxLag", "p99"), ("OutboxLag", "Maximum")];
const APPLYING_COUNTS: [(&str, &str); 5] = [
    ("Applied", "Sum"),
    ("Duplicates", "Sum"),
    ("Redelivered", "Sum"),
    ("Unapplied", "Sum"),
    ("Unreadable", "Sum"),
];
const MILES_LAG: [(&str, &str); 3] = [("MilesLag", "p50"), ("MilesLag", "p99"), ("MilesLag", "Maximum")];

/// The graphs of one resource.
fn of_resource(id: &str, resource: &Value) -> Vec<Graph> {
    let lines = |namespace: &'static str,
                 dimension: &'static str,
                 value: String,
                 metrics: &[(&'static str, &'static str)]| {
        let line = |(metric, statistic): &(&'static str, &'static str)| {
            Line::new(namespace, metric, statistic, vec![(dimension, value.clone())])
        };
        metrics.iter().map(line).collect::<Vec<_>>()
    };
    match resource["Type"].as_str().unwrap_or_default() {
        "AWS::Serverless::Api" => {
            let name = &resource["Properties"]["Name"];
            let name = name["Fn::Sub"].as_str().or_else(|| name.as_str()).unwrap_or_default().to_owned();
            vec![
                ("answers", lines("AWS/ApiGateway", "ApiName", name.clone(), &ANSWERS)),
                ("latency, ms", lines("AWS/ApiGateway", "ApiName", name, &LATENCY)),
            ]
        }
        "AWS::Serverless::Function" => {
            let name = format!("${{{id}}}");
            let calls = [("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum")];
            vec![
                ("calls", lines("AWS/Lambda", "FunctionName", name.clone(), &calls)),
                (
                    "duration, ms",
                    lines("AWS/Lambda", "FunctionName", name, &[("Duration", "p50"), ("Duration", "p99")]),
                ),
            ]
        }
        "AWS::SQS::Queue" => {
            let name = format!("${{{id}.QueueName}}");
            vec![("messages, and the oldest one's age in s", lines("AWS/SQS", "QueueName", name, &MESSAGES))]
        }
        "AWS::DynamoDB::Table" => {
            let metrics = [
                ("ConsumedReadCapacityUnits", "Sum"),
                ("ConsumedWriteCapacityUnits", "Sum"),
                ("ReadThrottleEvents", "Sum"),
                ("WriteThrottleEvents", "Sum"),
            ];
            vec![("units", lines("AWS/DynamoDB", "TableName", format!("${{{id}}}"), &metrics))]
        }
        _ => Vec::new(),
    }
}

const ANSWERS: [(&str, &str); 3] = [("Count", "Sum"), ("4XXError", "Sum"), ("5XXError", "Sum")];
const LATENCY: [(&str, &str); 2] = [("Latency", "p50"), ("Latency", "p99")];
const MESSAGES: [(&str, &str); 2] =
    [("ApproximateNumberOfMessagesVisible", "Maximum"), ("ApproximateAgeOfOldestMessage", "Maximum")];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_has_a_dashboard_with_its_alarms_and_graphs() {
        let mut template = json!({
            "Parameters": { "Environment": {} },
            "Resources": {
                "F": { "Type": "AWS::Serverless::Function" },
                "FErrorsAlarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmActions": [] } },
                "FastBurnLongAlarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": {} },
                "Q": { "Type": "AWS::SQS::Queue" },
            },
        });
        add(&mut template, "airmiles").unwrap();
        let properties = &template["Resources"]["Dashboard"]["Properties"];
        assert_eq!(properties["DashboardName"]["Fn::Sub"], "tern-${Environment}-airmiles");
        let body: Value =
            serde_json::from_str(properties["DashboardBody"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let widgets = body["widgets"].as_array().unwrap();
        assert_eq!(widgets[0]["properties"]["alarms"], json!(["${FErrorsAlarm.Arn}"]));
        let titles: Vec<_> =
            widgets[1..].iter().map(|widget| widget["properties"]["title"].as_str().unwrap()).collect();
        assert_eq!(
            titles,
            [
                "Events applied",
                "From booking to miles, ms",
                "F: calls",
                "F: duration, ms",
                "Q: messages, and the oldest one's age in s"
            ]
        );
        assert_eq!(
            widgets[1]["properties"]["metrics"][0],
            json!(["Tern", "Applied", "service", "airmiles", "environment", "${Environment}",
                { "stat": "Sum", "label": "Applied Sum" }])
        );
        assert_eq!(widgets[3]["properties"]["metrics"][0][3], "${F}");
        let places: Vec<_> =
            widgets.iter().map(|widget| (widget["x"].as_u64(), widget["y"].as_u64())).collect();
        let expected = [(0, 0), (0, 6), (12, 6), (0, 12), (12, 12), (0, 18)];
        assert_eq!(places, expected.map(|(x, y)| (Some(x), Some(y))));
    }

    #[test]
    fn a_stack_without_functions_has_none() {
        let mut template = json!({ "Resources": { "Q": { "Type": "AWS::SQS::Queue" } } });
        add(&mut template, "members").unwrap();
        assert!(template["Resources"].get("Dashboard").is_none());
    }
}
