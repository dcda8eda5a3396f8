use std::fmt;
use std::io::IsTerminal;

use service_kit::station::{self, SEGMENT};
use service_kit::telemetry::{self, Segments};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging to standard error: standard output belongs to the one line that others wait for.
///
/// Segments go to an X-Ray daemon, or whatever listens at `AWS_XRAY_DAEMON_ADDRESS`, if that is set.
///
/// The embedded stores warn of every condition that didn't hold; here that is how a taken seat is found out.
pub(crate) fn start() {
    let segments = Segments::from_env();
    let mut filter = telemetry::filter("warn,local=info,dynoxide=error");
    if segments.is_some() {
        filter = filter.with_target(SEGMENT, Level::INFO);
    }
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .event_format(OfRequest(Format::default().with_ansi(std::io::stderr().is_terminal())))
        .with_filter(filter_fn(|metadata| metadata.target() != SEGMENT));
    tracing_subscriber::registry().with(lines).with(segments).with(filter).init();
}

/// Lines for a person; one about a request begins with its id, which `GET /local/events` shows too.
struct OfRequest(Format);

impl<S, N> FormatEvent<S, N> for OfRequest
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if let Some(station) = station::here() {
            write!(writer, "{} ", station.trace().request_id())?;
        }
        self.0.format_event(context, writer, event)
    }
}
