//! Logs on standard output, filtered by `RUST_LOG`, and segments to X-Ray's daemon.
//!
//! What `RUST_LOG` may say is `level` and `target=level`, separated by commas. The directives that need regular
//! expressions are left out: they would be a megabyte of a Lambda's binary.

pub(crate) mod json;
mod lines;
mod segments;

use std::error::Error;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use crate::station::{CLOSED, SEGMENT};

pub use lines::{Identity, Lines};
pub use segments::Segments;

/// Ours at `info`, others' only when something is wrong: the AWS SDK opens spans for every call at `info`, and
/// they cost more than the call itself.
const DEFAULT: &str = "warn,api_=info,service_kit=info"; // a target is a prefix: every service is `api_...`

/// Starts the logs and traces of the function `function` of `service`; a second call changes nothing.
pub fn init(service: &'static str, function: &'static str) {
    let lines = Lines::new(&Identity::from_env(service, function), lines::to_stdout);
    let segments = Segments::from_env();
    // Metrics and traces are no matter of how much is logged.
    let mut filter = filter(DEFAULT).with_target(CLOSED, Level::INFO);
    if segments.is_some() {
        filter = filter.with_target(SEGMENT, Level::INFO);
    }
    let subscriber = tracing_subscriber::registry().with(lines).with(segments).with(filter);
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("logging was already started");
    }
}

/// What `RUST_LOG` asks for; `default` where it is not set or makes no sense.
///
/// # Panics
/// When `default` itself is no filter.
#[must_use]
pub fn filter(default: &str) -> Targets {
    let asked = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or_else(|| default.parse().expect("a default is written in the code and tested"))
}

/// An error with all that caused it, on one line: an SDK error's own text says "service error" only.
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
mod tests {
    use tracing_subscriber::filter::LevelFilter;

    use super::*;

    #[test]
    fn by_default_ours_are_heard_and_others_only_when_something_is_wrong() {
        let targets: Targets = DEFAULT.parse().unwrap();
        assert!(targets.would_enable("api_booking::book", &tracing::Level::INFO));
        assert!(targets.would_enable("service_kit::http::finish", &tracing::Level::INFO));
        assert!(!targets.would_enable("aws_smithy_runtime::client", &tracing::Level::INFO));
        assert_eq!(targets.default_level(), Some(LevelFilter::WARN));
    }
}
