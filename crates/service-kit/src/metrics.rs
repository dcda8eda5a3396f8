//! Metrics: recorded in the current span, and written with the line that closes it.
//!
//! The line is then a document of CloudWatch's embedded metric format, from which CloudWatch extracts the metrics. All
//! are in the namespace [`NAMESPACE`] and have two dimensions, service and environment: each further value of a
//! dimension would be a further metric that is paid for. The span's other fields are properties of the same line, for
//! queries over logs.

use api_types::UtcInstant;

/// The target of the events that carry metrics.
pub(crate) const TARGET: &str = "tern::metric";

/// The namespace of Tern's metrics in CloudWatch.
pub const NAMESPACE: &str = "Tern";

/// The dimensions of each metric; every log line has both fields.
pub const DIMENSIONS: [&str; 2] = ["service", "environment"];

/// Requests that were refused with a 4xx status; the line's `code` is the reason.
pub const REFUSALS: Metric = Metric::count("Refusals");

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    name: &'static str,
    /// CloudWatch's name of the unit.
    unit: &'static str,
}

impl Metric {
    /// A count of things; its name is their plural.
    #[must_use]
    pub const fn count(name: &'static str) -> Self {
        Self { name, unit: "Count" }
    }

    /// A time in milliseconds.
    #[must_use]
    pub const fn millis(name: &'static str) -> Self {
        Self { name, unit: "Milliseconds" }
    }

    /// Its name in CloudWatch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// Counts one of `metric` in the current span.
pub fn count(metric: Metric) {
    measure(metric, 1);
}

/// Records `value` of `metric` in the current span. Values of the same metric are added up.
pub fn measure(metric: Metric, value: i64) {
    tracing::info!(target: TARGET, name = metric.name, unit = metric.unit, value);
}

/// The milliseconds from `since` to `now`; zero when another machine's clock is ahead.
#[must_use]
pub fn millis_since(since: UtcInstant, now: UtcInstant) -> i64 {
    now.epoch_ms().saturating_sub(since.epoch_ms()).max(0)
}
