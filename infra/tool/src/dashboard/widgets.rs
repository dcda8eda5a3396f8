//! A dashboard's widgets, two in a row.

use serde_json::{Value, json};

/// A dashboard is 24 columns wide.
const WIDTH: usize = 24;
const PER_ROW: usize = 2;
const HEIGHT: usize = 6;

/// Widgets, each with its place.
#[derive(Default)]
pub(super) struct Widgets {
    widgets: Vec<Value>,
    /// Where the next row begins.
    y: usize,
    /// How many graphs the current row has.
    in_row: usize,
}

/// One line of a graph.
pub(super) struct Line {
    metric: Vec<String>,
    options: Value,
}

impl Line {
    /// A metric's statistic, labelled by both.
    pub(super) fn new(
        namespace: &str,
        metric: &str,
        statistic: &str,
        dimensions: Vec<(&str, String)>,
    ) -> Self {
        let mut path = vec![namespace.to_owned(), metric.to_owned()];
        path.extend(dimensions.into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
        Self { metric: path, options: json!({ "stat": statistic, "label": format!("{metric} {statistic}") }) }
    }

    /// One of a service's own metrics.
    pub(super) fn own(service: &str, environment: &str, metric: &str, statistic: &str) -> Self {
        let dimensions = vec![("service", service.to_owned()), ("environment", environment.to_owned())];
        Self::new("Tern", metric, statistic, dimensions)
    }

    /// An expression over the lines that have an id.
    pub(super) fn worked_out(expression: &str, label: &str) -> Self {
        Self { metric: Vec::new(), options: json!({ "expression": expression, "label": label }) }
    }

    /// The same in another account that this one may look into.
    pub(super) fn in_account(mut self, account_id: &str) -> Self {
        self.options["accountId"] = account_id.into();
        self
    }

    /// The same, under a name for working with it.
    pub(super) fn named(mut self, id: &str) -> Self {
        self.options["id"] = id.into();
        self
    }

    /// The same with another label.
    pub(super) fn labelled(mut self, label: &str) -> Self {
        self.options["label"] = label.into();
        self
    }

    fn value(self) -> Value {
        self.metric.into_iter().map(Value::from).chain([self.options]).collect()
    }
}

impl Widgets {
    /// The states of alarms, over the whole width.
    pub(super) fn alarms(&mut self, alarms: Vec<String>) {
        self.wide("alarm", HEIGHT, json!({ "title": "Alarms", "alarms": alarms }));
    }

    /// A text, over the whole width.
    pub(super) fn text(&mut self, markdown: &str) {
        self.wide("text", HEIGHT / 2, json!({ "markdown": markdown }));
    }

    fn wide(&mut self, kind: &str, height: usize, properties: Value) {
        self.end_row();
        self.widgets.push(
            json!({ "type": kind, "x": 0, "y": self.y, "width": WIDTH, "height": height, "properties": properties }),
        );
        self.y += height;
    }

    /// A graph, half as wide.
    pub(super) fn graph(&mut self, title: impl Into<String>, lines: Vec<Line>) {
        if self.in_row == PER_ROW {
            self.end_row();
        }
        let width = WIDTH / PER_ROW;
        let lines: Vec<Value> = lines.into_iter().map(Line::value).collect();
        self.widgets.push(json!({
            "type": "metric", "x": self.in_row * width, "y": self.y, "width": width, "height": HEIGHT,
            "properties": { "title": title.into(), "region": "${AWS::Region}", "period": 60, "metrics": lines },
        }));
        self.in_row += 1;
    }

    fn end_row(&mut self) {
        if self.in_row > 0 {
            self.y += HEIGHT;
            self.in_row = 0;
        }
    }

    /// The dashboard of these widgets; `name` and they may hold `${...}`.
    pub(super) fn dashboard(self, name: &str) -> Value {
        let name = if name.contains("${") { json!({ "Fn::Sub": name }) } else { json!(name) };
        json!({
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": name,
                "DashboardBody": { "Fn::Sub": json!({ "widgets": self.widgets }).to_string() },
            },
        })
    }
}
