//! What is counted and measured: noted at the station that is being worked at, and written with its one log line.
//!
//! The line is then a document of CloudWatch's embedded metric format, from which CloudWatch makes metrics by itself. All
//! stand in the namespace [`NAMESPACE`] and have two dimensions, service and environment: each further value of a
//! dimension would be a further metric that is paid for. What else is known of a station stands in the line as a
//! property, for queries over logs.

use std::fmt;

use api_types::UtcInstant;

/// Where CloudWatch keeps Tern's own metrics.
pub const NAMESPACE: &str = "Tern";

/// By what they are told apart; every log line has a value of each.
pub const DIMENSIONS: [&str; 2] = ["service", "environment"];

/// Requests that were refused for what was asked (4xx); the line's `code` says why.
pub const REFUSALS: Metric = Metric::count("Refusals");

/// Something that is counted or measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    name: &'static str,
    unit: Unit,
}

/// In what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Milliseconds,
}

impl Metric {
    /// A count of things; its name is their plural.
    #[must_use]
    pub const fn count(name: &'static str) -> Self {
        Self { name, unit: Unit::Count }
    }

    /// A time in milliseconds.
    #[must_use]
    pub const fn millis(name: &'static str) -> Self {
        Self { name, unit: Unit::Milliseconds }
    }

    /// What it is called in CloudWatch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl Unit {
    /// CloudWatch's word for it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// How long after `since` it is `now`, in milliseconds. Two machines' clocks may differ: never less than nothing.
#[must_use]
pub fn millis_since(since: UtcInstant, now: UtcInstant) -> i64 {
    now.epoch_ms().saturating_sub(since.epoch_ms()).max(0)
}

/// Metrics as the members of a JSON object: their values, and what tells CloudWatch to take them.
pub(crate) struct Members<'a> {
    pub(crate) metrics: &'a [(Metric, i64)],
    pub(crate) at: UtcInstant,
}

impl fmt::Display for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [service, environment] = DIMENSIONS;
        write!(
            f,
            r#""_aws":{{"Timestamp":{},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{service}","{environment}"]],"Metrics":["#,
            self.at.epoch_ms()
        )?;
        for (position, (metric, _)) in self.metrics.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, r#"{comma}{{"Name":"{}","Unit":"{}"}}"#, metric.name, metric.unit.as_str())?;
        }
        f.write_str("]}]}")?;
        self.metrics.iter().try_for_each(|(metric, value)| write!(f, r#","{}":{value}"#, metric.name))
    }
}
