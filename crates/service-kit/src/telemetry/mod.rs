//! Log lines, metrics and X-Ray segments, made from `tracing` spans by one [`Layer`].
//!
//! A request, a published event and an applied message each run in a span that has a place of its own on a trace
//! ([`crate::trace`]). Its fields:
//!
//! | field | meaning |
//! |---|---|
//! | `traceparent` | the span's place on the trace; a span without it is a part (an X-Ray subsegment) of its parent |
//! | `parent_id` | the span before it on the trace, perhaps in another service |
//! | `xray_subsegment` | whether X-Ray itself keeps the parent, so that this one is sent as its subsegment |
//! | `function`, `invocation_id` | the Lambda function, and the id that Lambda's own lines give the invocation |
//! | `span_id` | of a part: its id, where others derive it too; otherwise it is random |
//! | `record_locator` | the booking; every line within the span has it |
//! | `outcome` | the message of the line that closes the span; without it there is no line and no segment |
//! | `otel.status_code` | `ERROR` when the work failed by our fault |
//! | any other | a property, for queries: one of our own words or a number, never a caller's text |
//!
//! A part's fields and metrics are added to its parent's when it closes. Metrics are recorded by
//! [`metrics::count`](crate::metrics::count) and `measure`.
//!
//! `RUST_LOG` holds a `level` and `target=level` directives, separated by commas. Directives with regular expressions
//! are left out: they would be a megabyte of a Lambda's binary.

mod format;
mod layer;
mod segment;
mod span;

use std::error::Error;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;

use crate::metrics;

pub use format::{Format, Identity};
pub use layer::{Layer, current_trace};
pub use segment::XRayDaemon;

/// The target of the line that closes a span.
pub const CLOSED: &str = "tern::closed";

/// What the targets of all services, the kit and their telemetry begin with.
const OURS: [&str; 3] = ["api_", "service_kit", "tern::"];

/// Ours at `info`, others' warnings and errors. A target is a prefix: every service is `api_..`.
const DEFAULT: &str = "warn,api_=info,service_kit=info";

/// Starts the logs and traces of a Lambda function; a second call changes nothing.
///
/// The lines that close a span are written whatever `RUST_LOG` holds: alarms stand on their metrics.
pub fn init(service: &'static str, function: &'static str) {
    let targets = targets(DEFAULT).with_target(CLOSED, Level::INFO);
    let format = Format::Json(Identity::from_env(service, function));
    start(Layer::new(format, targets, format::to_stdout).with_segments(XRayDaemon::from_env()));
}

/// Starts logs for a person on standard error, in `colour` or without; `default` holds the directives that
/// `RUST_LOG` adds to. A second call changes nothing.
///
/// # Panics
/// When `default` is no list of directives.
pub fn init_text(default: &str, colour: bool) {
    let layer = Layer::new(Format::Text { colour }, targets(default), format::to_stderr);
    start(layer.with_segments(XRayDaemon::from_env()));
}

fn start<W: Fn(&str) + Send + Sync + 'static>(layer: Layer<W>) {
    if tracing::subscriber::set_global_default(subscriber(layer)).is_err() {
        tracing::debug!("logging was already started");
    }
}

/// A subscriber with `layer`, and its directives as the filter.
pub(crate) fn subscriber<W: Fn(&str) + Send + Sync + 'static>(
    layer: Layer<W>,
) -> impl Subscriber + Send + Sync {
    let targets = layer.targets().clone();
    let filter = filter_fn(move |metadata| enabled(&targets, metadata));
    tracing_subscriber::registry().with(layer).with(filter)
}

/// Our own spans and metrics are always enabled, whatever is logged. Others' spans never are: the AWS SDK opens some
/// for every call, and they cost more than the call itself.
fn enabled(targets: &Targets, metadata: &Metadata<'_>) -> bool {
    let (target, level) = (metadata.target(), metadata.level());
    if metadata.is_span() || target == metrics::TARGET {
        return *level <= Level::INFO && OURS.iter().any(|ours| target.starts_with(ours));
    }
    targets.would_enable(target, level)
}

/// The directives of `default`, overridden by those of `RUST_LOG`. Directives for targets leave the others of
/// `default` in force; a level alone replaces them all.
fn targets(default: &str) -> Targets {
    merge(default, std::env::var("RUST_LOG").ok().as_deref())
}

fn merge(default: &str, asked: Option<&str>) -> Targets {
    let default: Targets = default.parse().expect("the default directives are valid");
    match asked.and_then(|text| text.parse::<Targets>().ok()) {
        Some(asked) if asked.default_level().is_some() => asked,
        Some(asked) => default.with_targets(asked.iter().map(|(target, level)| (target.to_owned(), level))),
        None => default,
    }
}

/// An error with all its sources on one line: an SDK error's own text is "service error" only.
#[must_use]
pub fn in_one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

#[cfg(test)]
mod tests;
