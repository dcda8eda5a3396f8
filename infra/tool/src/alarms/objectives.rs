//! Objectives: what share of what a service does may go wrong, and the alarms that ring when it goes wrong too fast.
//!
//! Every API has one, its availability. A service's own stand in its template's folder:
//!
//! ```yaml
//! Metadata:
//!   Objectives:
//!     MilesInTime: {Runbook: miles-late, Metric: {...}, Budget: 1}
//! ```
//!
//! `Budget` is the share that may go wrong over thirty days, in the unit of the metric's statistic.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{Dimensions, GATEWAY, Series, described, metric_alarm, rings};

/// How fast a month's budget is used up: how many times too fast, over which long and short window. The short one ends
/// the alarm soon after the trouble has ended.
///
/// Source: Google, "The Site Reliability Workbook", chapter 5.
const BURNS: [(&str, f64, u32, u32); 2] = [("FastBurn", 14.4, 3_600, 300), ("SlowBurn", 6.0, 21_600, 1_800)];

/// What is promised of every API: of a thousand requests, one may fail by our fault.
pub(super) const AVAILABILITY: Availability = Availability { budget: 0.001, runbook: "error-budget" };

pub(super) struct Availability {
    budget: f64,
    pub(super) runbook: &'static str,
}

/// What may go wrong, and how much of it.
pub(super) struct Objective {
    name: String,
    runbook: String,
    namespace: String,
    metric: String,
    statistic: String,
    dimensions: Dimensions,
    budget: f64,
}

impl Availability {
    /// The objective of one API.
    pub(super) fn objective(&self, api: &str, dimensions: Dimensions) -> Objective {
        Objective {
            name: api.to_owned(),
            runbook: self.runbook.to_owned(),
            namespace: GATEWAY.to_owned(),
            metric: "5XXError".to_owned(),
            statistic: "Average".to_owned(),
            dimensions,
            budget: self.budget,
        }
    }
}

/// Takes the service's own objectives out of `template`.
///
/// # Errors
/// When one lacks what its alarms must know.
pub(super) fn take(template: &mut Value) -> Result<Vec<Objective>> {
    let Some(metadata) = template.get_mut("Metadata").and_then(Value::as_object_mut) else {
        return Ok(Vec::new());
    };
    let Some(objectives) = metadata.remove("Objectives") else { return Ok(Vec::new()) };
    let nothing_left = metadata.is_empty();
    if nothing_left && let Some(template) = template.as_object_mut() {
        template.remove("Metadata");
    }
    let objectives = objectives.as_object().context("Objectives are named")?;
    objectives.iter().map(|(name, body)| read(name, body)).collect()
}

fn read(name: &str, body: &Value) -> Result<Objective> {
    let text = |value: &Value, what: &str| {
        value[what].as_str().map(str::to_owned).with_context(|| format!("the objective {name} lacks {what}"))
    };
    let metric = &body["Metric"];
    let budget = body["Budget"].as_f64().with_context(|| format!("the objective {name} lacks Budget"))?;
    if budget <= 0.0 {
        bail!("the objective {name} has no Budget to use up");
    }
    let dimensions = metric["Dimensions"].as_object().into_iter().flatten();
    Ok(Objective {
        name: name.to_owned(),
        runbook: text(body, "Runbook")?,
        namespace: text(metric, "Namespace")?,
        metric: text(metric, "MetricName")?,
        statistic: text(metric, "Statistic")?,
        dimensions: dimensions.map(|(name, value)| (name.clone(), value.clone())).collect(),
        budget,
    })
}

impl Objective {
    /// For each burn an alarm of the long window and one of the short, which ring only together.
    pub(super) fn alarms(&self) -> Vec<(String, Value)> {
        BURNS.into_iter().flat_map(|burn| self.burn(burn)).collect()
    }

    fn burn(&self, (name, times, long_secs, short_secs): (&str, f64, u32, u32)) -> [(String, Value); 3] {
        let Self { name: objective, runbook, namespace, metric, statistic, dimensions, budget } = self;
        let description = described(objective, name, runbook);
        let window = |window: &str, period_secs| {
            let series = Series {
                description: &description,
                metric: (namespace, metric, statistic),
                dimensions,
                threshold: (times * budget * 1e6).round() / 1e6, // 0.0144, not 0.014400000000000001
                period_secs,
            };
            (format!("{objective}{name}{window}Alarm"), metric_alarm(&series))
        };
        let (long, short) = (window("Long", long_secs), window("Short", short_secs));
        let both = format!("ALARM(\"${{{}}}\") AND ALARM(\"${{{}}}\")", long.0, short.0);
        let together = json!({
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": { "AlarmDescription": description, "AlarmRule": { "Fn::Sub": both } },
        });
        [long, short, (format!("{objective}{name}Alarm"), rings(together))]
    }
}
