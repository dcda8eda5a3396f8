use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::CLOSED;
use super::format::{Format, Line};
use super::segment::XRayDaemon;
use super::span::{Fields, Measured, SpanData};
use crate::metrics;
use crate::trace::TraceParent;

/// Writes events and closed spans as lines, and sends closed spans as X-Ray segments.
pub struct Layer<W> {
    format: Format,
    targets: Targets,
    write: W,
    segments: Option<XRayDaemon>,
}

impl<W> Layer<W> {
    /// A layer that gives each line, with its end of line, to `write`. `targets` are the directives of the filter.
    #[must_use]
    pub fn new(format: Format, targets: Targets, write: W) -> Self {
        Self { format, targets, write, segments: None }
    }

    /// The same layer, which sends segments to `daemon`.
    #[must_use]
    pub fn with_segments(self, daemon: Option<XRayDaemon>) -> Self {
        Self { segments: daemon, ..self }
    }

    pub(super) fn targets(&self) -> &Targets {
        &self.targets
    }
}

/// The trace of the invocation or message that the current span belongs to; `None` without a [`Layer`].
///
/// Handlers of requests take theirs from the request's extensions, which don't depend on logging.
#[must_use]
pub fn current_trace() -> Option<TraceParent> {
    let trace = Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        Around::of(registry.span(id).map(|span| span.scope())).trace
    });
    trace.flatten()
}

/// What the open spans around an event, or around a span that closes, say about it.
#[derive(Default)]
struct Around {
    trace: Option<TraceParent>,
    /// The trace of the invocation, if the span is on another one.
    invocation_trace: Option<TraceParent>,
    function: Option<String>,
    invocation_id: Option<String>,
    record_locator: Option<String>,
}

impl Around {
    /// Innermost first.
    fn of<'a, S: LookupSpan<'a>>(scope: Option<Scope<'a, S>>) -> Self {
        let mut around = Self::default();
        for span in scope.into_iter().flatten() {
            if let Some(data) = span.extensions().get::<SpanData>() {
                around.add(data);
            }
        }
        around
    }

    fn add(&mut self, data: &SpanData) {
        if let Some(place) = &data.place {
            match self.trace {
                None => self.trace = Some(place.trace),
                Some(_) => self.invocation_trace = self.invocation_trace.or(Some(place.trace)),
            }
        }
        let or = |known: &mut Option<String>, outer: Option<&str>| {
            if known.is_none() {
                *known = outer.map(str::to_owned);
            }
        };
        or(&mut self.function, data.function.as_deref());
        or(&mut self.invocation_id, data.invocation_id.as_deref());
        or(&mut self.record_locator, data.fields.text("record_locator"));
    }

    fn line<'a>(&'a self, level: &'a Level, target: &'a str, fields: &'a Fields) -> Line<'a> {
        Line {
            level,
            target,
            trace: self.trace,
            function: self.function.as_deref(),
            invocation_id: self.invocation_id.as_deref(),
            record_locator: self.record_locator.as_deref(),
            fields,
            metrics: &[],
        }
    }
}

impl<S, W> tracing_subscriber::Layer<S> for Layer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(SpanData::new(span.name(), fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(data) = span.extensions_mut().get_mut::<SpanData>() {
            values.record(&mut data.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if event.metadata().target() == metrics::TARGET {
            let Some(span) = context.event_span(event) else { return };
            if let (Some(data), Some(measured)) =
                (span.extensions_mut().get_mut::<SpanData>(), Measured::of(&mut fields))
            {
                data.measure(measured);
            }
            return;
        }
        let around = Around::of(context.event_scope(event));
        let line = around.line(event.metadata().level(), event.metadata().target(), &fields);
        self.format.write(&line, &self.write);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(mut data) = span.extensions_mut().remove::<SpanData>() else { return };
        let Some(place) = &data.place else {
            if let Some(parent) = span.parent()
                && let Some(parent) = parent.extensions_mut().get_mut::<SpanData>()
            {
                parent.absorb(data);
            }
            return;
        };
        let trace = place.trace;
        let Some(outcome) = data.fields.take("outcome") else { return };
        let mut around = Around::default();
        around.add(&data);
        span.scope().skip(1).for_each(|outer| {
            if let Some(outer) = outer.extensions().get::<SpanData>() {
                around.add(outer);
            }
        });
        if trace.is_sampled()
            && let Some(daemon) = &self.segments
        {
            daemon.send(&data.segment(around.invocation_trace));
        }
        data.fields.take("record_locator");
        let failed = data.fields.take_text("otel.status_code").is_some_and(|code| code == "ERROR");
        let level = if failed { Level::ERROR } else { Level::INFO };
        if self.targets.would_enable(CLOSED, &level) {
            data.fields.0.insert(0, ("message", outcome));
            let took_us = u64::try_from(data.started.1.elapsed().as_micros()).unwrap_or(u64::MAX);
            data.fields.set("took_us", took_us.into());
            let line = Line { metrics: &data.metrics, ..around.line(&level, CLOSED, &data.fields) };
            self.format.write(&line, &self.write);
        }
    }
}
