//! A station as X-Ray's daemon takes it: one JSON document.
//!
//! Source: AWS X-Ray segment documents.

use std::fmt;

use api_types::RecordLocator;

use crate::station::{Part, Property};
use crate::telemetry::json;
use crate::trace::{StationId, TraceParent};

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// A request was answered.
    Answered {
        /// Its method.
        method: &'a str,
        /// Its route, without what stands in the path's places.
        route: &'a str,
        /// The answer's status.
        status: u16,
    },
    /// It was done.
    Done,
    /// It failed by our fault.
    Failed,
}

/// All that is told of a station.
pub(crate) struct Segment<'a> {
    pub(crate) name: &'static str,
    pub(crate) trace: TraceParent,
    pub(crate) before: Option<StationId>,
    pub(crate) is_part: bool,
    pub(crate) invocation_trace: Option<TraceParent>,
    pub(crate) began_secs: f64,
    pub(crate) ended_secs: f64,
    pub(crate) record_locator: Option<&'a RecordLocator>,
    pub(crate) properties: &'a [(&'static str, Property)],
    pub(crate) parts: &'a [Part],
    pub(crate) outcome: &'a Outcome<'a>,
}

impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, trace, began_secs, ended_secs, .. } = self;
        write!(f, r#"{{"name":"{name}","id":"{}","trace_id":"{}""#, trace.station_id(), trace.xray_id())?;
        write!(f, r#","start_time":{began_secs:.6},"end_time":{ended_secs:.6}"#)?;
        if let Some(before) = self.before {
            write!(f, r#","parent_id":"{before}""#)?;
        }
        if self.is_part {
            f.write_str(r#","type":"subsegment""#)?;
        }
        match self.outcome {
            Outcome::Answered { method, status, .. } => {
                write!(
                    f,
                    r#","http":{{"request":{{"method":"{method}"}},"response":{{"status":{status}}}}}"#
                )?;
                match status {
                    400..=499 => f.write_str(r#","error":true"#)?,
                    500.. => f.write_str(r#","fault":true"#)?,
                    _ => {}
                }
            }
            Outcome::Done => {}
            Outcome::Failed => f.write_str(r#","fault":true"#)?,
        }
        self.annotations(f)?;
        if !self.parts.is_empty() {
            f.write_str(r#","subsegments":["#)?;
            for (position, Part { name, id, began_secs, ended_secs }) in self.parts.iter().enumerate() {
                let comma = if position == 0 { "" } else { "," };
                write!(
                    f,
                    r#"{comma}{{"name":"{name}","id":"{id}","start_time":{began_secs:.6},"end_time":{ended_secs:.6}}}"#
                )?;
            }
            f.write_str("]")?;
        }
        f.write_str("}")
    }
}

impl Segment<'_> {
    /// What traces can be found by.
    fn annotations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#","annotations":{{"request_id":"{}""#, self.trace.request_id())?;
        if let Outcome::Answered { route, .. } = self.outcome {
            write!(f, r#","route":"{}""#, json::Escaped(route))?;
        }
        if let Some(record_locator) = self.record_locator {
            write!(f, r#","record_locator":"{record_locator}""#)?;
        }
        if let Some(invocation) = self.invocation_trace {
            write!(f, r#","invocation_trace":"{}""#, invocation.xray_id())?;
        }
        for (name, value) in self.properties {
            write!(f, r#","{name}":{value}"#)?;
        }
        f.write_str("}")
    }
}
