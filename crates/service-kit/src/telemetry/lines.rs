//! A Lambda's log: one JSON object a line.
//!
//! Every line says when, how bad, from which service, function and version, and (at a station) the trace and the booking.
//! The line that closes a station carries its metrics too; see [`crate::metrics`].

use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::in_one_line;
use super::json::{Escaped, Escaping};
use crate::{Clock, station};

/// The field that holds members of JSON already; see [`station::Noted`].
const NOTED: &str = "noted";

/// Who speaks: what is the same on every line of a process.
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
    /// Of the function `function` of `service`, with its version and environment as Lambda's variables say.
    pub(super) fn from_env(service: &'static str, function: &'static str) -> Self {
        let variable = |name| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
        let function_version = variable("AWS_LAMBDA_FUNCTION_VERSION");
        Self { service, function, function_version, environment: variable("ENVIRONMENT") }
    }
}

/// Writes events as lines.
pub struct Lines<W> {
    /// The members that tell who speaks.
    identity: String,
    write: W,
}

impl<W: Fn(&str)> Lines<W> {
    /// Lines of `identity`, each given to `write` with its end of line.
    #[must_use]
    pub fn new(identity: &Identity, write: W) -> Self {
        let Identity { service, function, function_version, environment } = identity;
        let identity = format!(
            r#""service":"{service}","function":"{function}","function_version":"{}","environment":"{}""#,
            Escaped(function_version),
            Escaped(environment)
        );
        Self { identity, write }
    }

    fn line(&self, line: &mut String, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        let now = Clock::system().now();
        write!(line, r#"{{"timestamp":"{now}","level":"{}",{}"#, metadata.level(), self.identity)?;
        if let Some(station) = station::here() {
            let trace = station.trace();
            write!(line, r#","request_id":"{}","trace_id":"{}""#, trace.request_id(), trace.xray_id())?;
            if let Some(id) = station.invocation_id() {
                write!(line, r#","invocation_id":"{}""#, Escaped(id))?;
            }
            if let Some(record_locator) = station.record_locator() {
                write!(line, r#","record_locator":"{record_locator}""#)?;
            }
        }
        write!(line, r#","target":"{}""#, metadata.target())?;
        let mut fields = Fields { line, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        line.write_str("}\n")
    }
}

impl<S: Subscriber, W: Fn(&str) + 'static> Layer<S> for Lines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        thread_local! {
            static LINE: Cell<String> = const { Cell::new(String::new()) };
        }
        if event.metadata().target() == station::SEGMENT {
            return;
        }
        let mut line = LINE.take();
        line.clear();
        // Writing to a text fails only when a value refuses to be shown; the line is lost then, not the request.
        if self.line(&mut line, event).is_ok() {
            (self.write)(&line);
        }
        LINE.set(line);
    }
}

/// Standard output, which Lambda takes to the function's log group.
pub(super) fn to_stdout(line: &str) {
    // Whoever closed it reads no line that says so.
    std::io::stdout().lock().write_all(line.as_bytes()).ok();
}

/// An event's fields, as members.
struct Fields<'a> {
    line: &'a mut String,
    result: fmt::Result,
}

impl Fields<'_> {
    fn member(&mut self, field: &Field, value: impl fmt::Display) {
        self.result = self.result.and_then(|()| write!(self.line, r#","{}":{value}"#, field.name()));
    }

    fn text(&mut self, field: &Field, value: impl fmt::Display) {
        self.member(field, format_args!("\"{}\"", Escaped(value)));
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.result = self.result.and_then(|()| {
            if field.name() == NOTED {
                return write!(self.line, ",{value:?}");
            }
            write!(self.line, r#","{}":""#, field.name())?;
            write!(Escaping(&mut *self.line), "{value:?}")?;
            self.line.write_str("\"")
        });
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, in_one_line(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no NaN.
        if value.is_finite() { self.member(field, value) } else { self.text(field, value) }
    }
}
