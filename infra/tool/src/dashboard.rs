//! Dashboards: one a service, with its alarms and what its gateway, functions, queues, table and own metrics show
//! (`infra/shared/dashboard.yaml`), and those of the way of events through all services (`infra/operations/whole-way.yaml`).

use anyhow::{Context, Result};
use serde_json::{Value, json};
use service_descriptor::Service;

use crate::fragments;

/// A dashboard is 24 columns wide.
const WIDTH: u64 = 24;

/// Adds the service's dashboard, if it has functions, and lays out all dashboards of the template.
///
/// # Errors
/// When the template has a resource of that name, or a widget lacks its size.
pub(crate) fn add(template: &mut Value, service: Option<&Service>) -> Result<()> {
    if let Some(service) = service.filter(|service| !service.functions.is_empty()) {
        let context = json!({ "service": service, "resources": template["Resources"] });
        fragments::derive(template, "dashboard.yaml", &context)?;
    }
    for (id, resource) in template["Resources"].as_object_mut().into_iter().flatten() {
        if resource["Type"] == "AWS::CloudWatch::Dashboard" {
            let body = &mut resource["Properties"]["DashboardBody"];
            place(&mut body["widgets"]).with_context(|| id.clone())?;
            *body = json!({ "Fn::Sub": body.to_string() });
        }
    }
    Ok(())
}

/// Gives each widget its place: beside the one before it, or in the next row.
fn place(widgets: &mut Value) -> Result<()> {
    let (mut x, mut y, mut row_height) = (0, 0, 0);
    for widget in widgets.as_array_mut().context("a dashboard has widgets")? {
        let width = widget["width"].as_u64().context("a widget has a width")?;
        let height = widget["height"].as_u64().context("a widget has a height")?;
        if x + width > WIDTH {
            (x, y, row_height) = (0, y + row_height, 0);
        }
        (widget["x"], widget["y"]) = (x.into(), y.into());
        (x, row_height) = (x + width, row_height.max(height));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

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
                "FErrorsAlarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmActions": ["t"] } },
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
        add(&mut template, Some(&stock)).unwrap();
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
        add(&mut template, Some(&service("release = \"nothing\"\n"))).unwrap();
        assert!(template["Resources"].get("Dashboard").is_none());
    }

    #[test]
    fn each_environment_has_a_dashboard_and_the_accounts_on_the_way_as_parameters() {
        let template = template::render("operations").unwrap();
        for environment in ["Dev", "Qa", "Prod"] {
            let dashboard = &template["Resources"][format!("WholeWay{environment}Dashboard")]["Properties"];
            let body = dashboard["DashboardBody"]["Fn::Sub"].as_str().unwrap();
            for service in ["Airmiles", "Booking"] {
                let account = format!("{service}{environment}AccountId");
                assert_eq!(template["Parameters"][&account]["Type"], "String");
                assert!(body.contains(&format!("\"${{{account}}}\"")), "{account}");
            }
        }
    }
}
