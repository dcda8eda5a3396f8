//! Dashboards: one a service, with its alarms and what its gateway, functions, queues, table and own metrics show; and one
//! of the way of events through all services ([`way`]).

pub(crate) mod way;
mod widgets;

use anyhow::{Result, bail};
use serde_json::{Map, Value};
use service_descriptor::Service;

use widgets::{Line, Widgets};

const LOGICAL_ID: &str = "Dashboard";

/// Adds the dashboard to a template that has functions; others have nothing to watch.
///
/// # Errors
/// When the template has a resource of that name.
pub(crate) fn add(template: &mut Value, service: &Service) -> Result<()> {
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    if service.functions.is_empty() {
        return Ok(());
    }
    let name = format!("tern-${{Environment}}-{}", service.name);
    if resources.insert(LOGICAL_ID.to_owned(), of_service(resources, service).dashboard(&name)).is_some() {
        bail!("{LOGICAL_ID} is written out, but every service's is made");
    }
    Ok(())
}

fn of_service(resources: &Map<String, Value>, service: &Service) -> Widgets {
    // The windows of a burn ring through the alarm of both.
    let alarms = resources.iter().filter(|(_, resource)| !resource["Properties"]["AlarmActions"].is_null());
    let alarms = alarms.map(|(id, _)| format!("${{{id}.Arn}}")).collect();
    let mut widgets = Widgets::default();
    widgets.alarms(alarms);
    for graph in &service.dashboard {
        widgets.graph(&graph.title, own(graph, &service.name, "${Environment}", None));
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

/// The lines of a graph of a service's own metrics, in another account if one is given.
fn own(
    graph: &service_descriptor::Graph,
    service: &str,
    environment: &str,
    account: Option<&str>,
) -> Vec<Line> {
    let lines = graph.lines().map(|(metric, statistic)| {
        let line = Line::own(service, environment, metric, statistic);
        let line = if graph.expression.is_some() { line.named(&metric.to_lowercase()) } else { line };
        account.into_iter().fold(line, Line::in_account)
    });
    let worked_out = graph.expression.iter().map(|expression| Line::worked_out(expression, expression));
    lines.chain(worked_out).collect()
}

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

    fn service(rest: &str) -> Service {
        let text =
            format!("name = \"stock\"\ntitle = \"Stock\"\nsummary = \"counts\"\naccess = \"public\"\n{rest}");
        Service::parse(&text, "service.toml").unwrap()
    }

    #[test]
    fn a_service_has_a_dashboard_with_its_alarms_and_graphs() {
        let mut template = json!({
            "Resources": {
                "F": { "Type": "AWS::Serverless::Function" },
                "FErrorsAlarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmActions": [] } },
                "FastBurnLongAlarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": {} },
                "Q": { "Type": "AWS::SQS::Queue" },
            },
        });
        let stock = service(
            "release = \"functions\"\npackage = \"api-stock\"\n\
             functions.sweep.triggers = [{ schedule = \"rate(1 minute)\" }]\n\
             [[dashboard]]\ntitle = \"Counts\"\nmetrics = [\"Applied Sum\"]\n\
             [[dashboard]]\ntitle = \"Ratio\"\nmetrics = [\"Sold Sum\", \"Counted Sum\"]\nexpression = \"sold / counted\"\n",
        );
        add(&mut template, &stock).unwrap();
        let properties = &template["Resources"]["Dashboard"]["Properties"];
        assert_eq!(properties["DashboardName"]["Fn::Sub"], "tern-${Environment}-stock");
        let body: Value =
            serde_json::from_str(properties["DashboardBody"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let widgets = body["widgets"].as_array().unwrap();
        assert_eq!(widgets[0]["properties"]["alarms"], json!(["${FErrorsAlarm.Arn}"]));
        let titles: Vec<_> =
            widgets[1..].iter().map(|widget| widget["properties"]["title"].as_str().unwrap()).collect();
        assert_eq!(
            titles,
            ["Counts", "Ratio", "F: calls", "F: duration, ms", "Q: messages, and the oldest one's age in s"]
        );
        let lines = |widget: usize| &widgets[widget]["properties"]["metrics"];
        assert_eq!(
            lines(1)[0],
            json!(["Tern", "Applied", "service", "stock", "environment", "${Environment}",
                { "stat": "Sum", "label": "Applied Sum" }])
        );
        assert_eq!(lines(2)[0][6]["id"], "sold");
        assert_eq!(lines(2)[2], json!([{ "expression": "sold / counted", "label": "sold / counted" }]));
        assert_eq!(lines(3)[0][3], "${F}");
        let places: Vec<_> =
            widgets.iter().map(|widget| (widget["x"].as_u64(), widget["y"].as_u64())).collect();
        let expected = [(0, 0), (0, 6), (12, 6), (0, 12), (12, 12), (0, 18)];
        assert_eq!(places, expected.map(|(x, y)| (Some(x), Some(y))));
    }

    #[test]
    fn a_service_without_functions_has_none() {
        let mut template = json!({ "Resources": { "Q": { "Type": "AWS::SQS::Queue" } } });
        add(&mut template, &service("release = \"nothing\"\n")).unwrap();
        assert!(template["Resources"].get("Dashboard").is_none());
    }
}
