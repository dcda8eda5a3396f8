//! Log lines: JSON for CloudWatch, text for a person.

use std::fmt::Write as _;
use std::io::Write as _;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};
use tracing::Level;

use super::span::{Fields, Measured};
use crate::Clock;
use crate::metrics::{DIMENSIONS, NAMESPACE};
use crate::trace::TraceParent;

/// How lines are written.
#[derive(Clone, Debug)]
pub enum Format {
    /// One JSON object a line. A line with metrics is a document of CloudWatch's embedded metric format.
    Json(Identity),
    /// Text for a person: time, level, request id, record locator, target, message and fields.
    Text {
        /// Whether the level is coloured, with ANSI escapes.
        colour: bool,
    },
}

/// The fields that are the same on every line of a process.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `booking`.
    pub service: &'static str,
    /// `booking-http`.
    pub function: &'static str,
    /// The version that Lambda runs.
    pub function_version: String,
    /// `dev`, `qa` or `prod`.
    pub environment: String,
}

impl Identity {
    /// Version and environment as Lambda's variables hold them.
    pub(super) fn from_env(service: &'static str, function: &'static str) -> Self {
        let variable = |name| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
        let function_version = variable("AWS_LAMBDA_FUNCTION_VERSION");
        Self { service, function, function_version, environment: variable("ENVIRONMENT") }
    }
}

/// A line to be written.
pub(super) struct Line<'a> {
    pub(super) level: &'a Level,
    pub(super) target: &'a str,
    pub(super) trace: Option<TraceParent>,
    pub(super) function: Option<&'a str>,
    pub(super) invocation_id: Option<&'a str>,
    pub(super) record_locator: Option<&'a str>,
    /// `message` first.
    pub(super) fields: &'a Fields,
    pub(super) metrics: &'a [Measured],
}

impl Format {
    pub(super) fn write(&self, line: &Line<'_>, write: impl Fn(&str)) {
        let text = match self {
            Self::Json(identity) => serde_json::to_string(&JsonLine { identity, line }),
            Self::Text { colour } => Ok(text(line, *colour)),
        };
        // A line of texts and numbers can always be written.
        if let Ok(mut text) = text {
            text.push('\n');
            write(&text);
        }
    }
}

/// Standard output, which Lambda sends to the function's log group.
pub(super) fn to_stdout(line: &str) {
    // When it is closed, nobody could read why.
    std::io::stdout().lock().write_all(line.as_bytes()).ok();
}

pub(super) fn to_stderr(line: &str) {
    std::io::stderr().lock().write_all(line.as_bytes()).ok();
}

struct JsonLine<'a> {
    identity: &'a Identity,
    line: &'a Line<'a>,
}

impl Serialize for JsonLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { identity, line } = self;
        let now = Clock::system().now();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &now)?;
        map.serialize_entry("level", line.level.as_str())?;
        map.serialize_entry("service", identity.service)?;
        map.serialize_entry("function", line.function.unwrap_or(identity.function))?;
        map.serialize_entry("function_version", &identity.function_version)?;
        map.serialize_entry("environment", &identity.environment)?;
        if let Some(trace) = line.trace {
            map.serialize_entry("request_id", &trace.request_id().to_string())?;
            map.serialize_entry("trace_id", &trace.xray_id().to_string())?;
        }
        for (name, value) in [("invocation_id", line.invocation_id), ("record_locator", line.record_locator)]
        {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        map.serialize_entry("target", line.target)?;
        for (name, value) in &line.fields.0 {
            map.serialize_entry(name, value)?;
        }
        for metric in line.metrics {
            map.serialize_entry(&metric.name, &metric.sum)?;
        }
        if !line.metrics.is_empty() {
            map.serialize_entry("_aws", &embedded_metrics(line.metrics, now.epoch_ms()))?;
        }
        map.end()
    }
}

/// Source: Amazon CloudWatch, "Specification: Embedded metric format".
fn embedded_metrics(metrics: &[Measured], timestamp_ms: i64) -> Value {
    let metrics = metrics.iter().map(|metric| json!({ "Name": metric.name, "Unit": metric.unit }));
    let directive = json!({
        "Namespace": NAMESPACE, "Dimensions": [DIMENSIONS], "Metrics": metrics.collect::<Value>(),
    });
    json!({ "Timestamp": timestamp_ms, "CloudWatchMetrics": [directive] })
}

fn text(line: &Line<'_>, colour: bool) -> String {
    let (on, off) = match *line.level {
        _ if !colour => ("", ""),
        Level::ERROR => ("\x1b[31m", "\x1b[0m"),
        Level::WARN => ("\x1b[33m", "\x1b[0m"),
        _ => ("\x1b[32m", "\x1b[0m"),
    };
    let mut text = format!("{} {on}{:>5}{off} ", Clock::system().now(), line.level.as_str());
    if let Some(trace) = line.trace {
        write!(text, "{} ", trace.request_id()).ok();
    }
    if let Some(record_locator) = line.record_locator {
        write!(text, "record_locator={record_locator} ").ok();
    }
    write!(text, "{}:", line.target).ok();
    for (name, value) in &line.fields.0 {
        match (*name, value) {
            ("message", Value::String(message)) => write!(text, " {message}"),
            (_, value) => write!(text, " {name}={value}"),
        }
        .ok();
    }
    for metric in line.metrics {
        write!(text, " {}={}", metric.name, metric.sum).ok();
    }
    text
}
