//! One dashboard a service: its alarms first, then what its gateway, functions, queues and table do.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

const LOGICAL_ID: &str = "Dashboard";
/// A dashboard is 24 columns wide.
const WIDTH: usize = 24;
const PER_ROW: usize = 2;
const HEIGHT: usize = 6;

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
    let body = json!({ "widgets": widgets(resources) }).to_string();
    let dashboard = json!({
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": { "Fn::Sub": format!("tern-${{Environment}}-{service}") },
            "DashboardBody": { "Fn::Sub": body },
        },
    });
    if resources.insert(LOGICAL_ID.to_owned(), dashboard).is_some() {
        bail!("{LOGICAL_ID} is written out, but every service's is made");
    }
    Ok(())
}

fn widgets(resources: &Map<String, Value>) -> Vec<Value> {
    let alarms: Vec<_> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(id, _)| format!("${{{id}.Arn}}"))
        .collect();
    let mut widgets = vec![json!({
        "type": "alarm", "x": 0, "y": 0, "width": WIDTH, "height": HEIGHT,
        "properties": { "title": "Alarms", "alarms": alarms },
    })];
    for (title, metrics) in resources.iter().flat_map(|(id, resource)| graphs(id, resource)) {
        let place = widgets.len() - 1;
        let width = WIDTH / PER_ROW;
        widgets.push(json!({
            "type": "metric", "x": place % PER_ROW * width, "y": HEIGHT + place / PER_ROW * HEIGHT,
            "width": width, "height": HEIGHT,
            "properties": { "title": title, "region": "${AWS::Region}", "period": 60, "metrics": metrics },
        }));
    }
    widgets
}

/// The graphs of one resource: a title and its metrics.
fn graphs(id: &str, resource: &Value) -> Vec<(String, Vec<Value>)> {
    let graph = |title: &str, namespace: &str, dimensions: &[(&str, String)], metrics: &[(&str, &str)]| {
        let metrics = metrics.iter().map(|(metric, statistic)| {
            let mut line = vec![json!(namespace), json!(metric)];
            line.extend(dimensions.iter().flat_map(|(name, value)| [json!(name), json!(value)]));
            line.push(json!({ "stat": statistic, "label": format!("{metric} {statistic}") }));
            Value::Array(line)
        });
        (format!("{id}: {title}"), metrics.collect())
    };
    match resource["Type"].as_str().unwrap_or_default() {
        "AWS::Serverless::Api" => {
            let name = &resource["Properties"]["Name"];
            let name = name["Fn::Sub"].as_str().or_else(|| name.as_str()).unwrap_or_default().to_owned();
            let api = [("ApiName", name)];
            vec![
                graph(
                    "answers",
                    "AWS/ApiGateway",
                    &api,
                    &[("Count", "Sum"), ("4XXError", "Sum"), ("5XXError", "Sum")],
                ),
                graph("latency, ms", "AWS/ApiGateway", &api, &[("Latency", "p50"), ("Latency", "p99")]),
            ]
        }
        "AWS::Serverless::Function" => {
            let function = [("FunctionName", format!("${{{id}}}"))];
            vec![
                graph(
                    "calls",
                    "AWS/Lambda",
                    &function,
                    &[("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum")],
                ),
                graph("duration, ms", "AWS/Lambda", &function, &[("Duration", "p50"), ("Duration", "p99")]),
            ]
        }
        "AWS::SQS::Queue" => {
            let queue = [("QueueName", format!("${{{id}.QueueName}}"))];
            let metrics = [
                ("ApproximateNumberOfMessagesVisible", "Maximum"),
                ("ApproximateAgeOfOldestMessage", "Maximum"),
            ];
            vec![graph("messages, and the oldest one's age in s", "AWS/SQS", &queue, &metrics)]
        }
        "AWS::DynamoDB::Table" => {
            let table = [("TableName", format!("${{{id}}}"))];
            let metrics = [
                ("ConsumedReadCapacityUnits", "Sum"),
                ("ConsumedWriteCapacityUnits", "Sum"),
                ("ReadThrottleEvents", "Sum"),
                ("WriteThrottleEvents", "Sum"),
            ];
            vec![graph("units", "AWS/DynamoDB", &table, &metrics)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_dashboard_with_its_alarms_and_graphs() {
        let mut template = json!({
            "Parameters": { "Environment": {} },
            "Resources": {
                "F": { "Type": "AWS::Serverless::Function" },
                "FErrorsAlarm": { "Type": "AWS::CloudWatch::Alarm" },
                "Q": { "Type": "AWS::SQS::Queue" },
            },
        });
        add(&mut template, "booking").unwrap();
        let properties = &template["Resources"]["Dashboard"]["Properties"];
        assert_eq!(properties["DashboardName"]["Fn::Sub"], "tern-${Environment}-booking");
        let body: Value =
            serde_json::from_str(properties["DashboardBody"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let widgets = body["widgets"].as_array().unwrap();
        assert_eq!(widgets[0]["properties"]["alarms"], json!(["${FErrorsAlarm.Arn}"]));
        let titles: Vec<_> =
            widgets[1..].iter().map(|widget| widget["properties"]["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["F: calls", "F: duration, ms", "Q: messages, and the oldest one's age in s"]);
        assert_eq!(widgets[1]["properties"]["metrics"][0][3], "${F}");
        let places: Vec<_> =
            widgets.iter().map(|widget| (widget["x"].as_u64(), widget["y"].as_u64())).collect();
        assert_eq!(
            places,
            [(Some(0), Some(0)), (Some(0), Some(6)), (Some(12), Some(6)), (Some(0), Some(12))]
        );
    }

    #[test]
    fn a_stack_without_functions_has_none() {
        let mut template = json!({ "Resources": { "Q": { "Type": "AWS::SQS::Queue" } } });
        add(&mut template, "members").unwrap();
        assert!(template["Resources"].get("Dashboard").is_none());
    }
}
