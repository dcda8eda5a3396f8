//! Stations: the pieces of work that a trace passes through, and what is noted at them.
//!
//! A request, an event that is published, a message that is applied: each is one station, with one log line that closes
//! it, one X-Ray segment if its trace is kept, and the metrics noted on the way. Whoever works at it needs no handle:
//! [`here`] is the station of the current task.
//!
//! Both line and segment leave as `tracing` events of the targets [`CLOSED`] and [`SEGMENT`]. What becomes of them the
//! subscriber decides: a Lambda's writes the one to standard output and sends the other to X-Ray's daemon; `local`
//! leaves out what nobody asked for.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use api_types::{RecordLocator, UtcInstant};

use crate::metrics::{Members, Metric};
use crate::segment::{Outcome, Segment};
use crate::telemetry::json;
use crate::trace::{Origin, OriginKind, StationId, TraceParent};

/// The target of the one line that closes a station. It is heard whatever the level: metrics are no chatter.
pub const CLOSED: &str = "tern::closed";

/// The target of a station's segment, in the field `document`.
pub const SEGMENT: &str = "tern::segment";

tokio::task_local! {
    static HERE: Station;
}

/// A piece of work that a trace passes through. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Station(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The function's name.
    name: &'static str,
    trace: TraceParent,
    /// The station before, if there is one.
    before: Option<StationId>,
    /// Whether X-Ray keeps a segment of its own for this call, of which this is a part.
    is_part: bool,
    /// Under what Lambda's own lines name the call.
    invocation_id: Option<String>,
    /// The trace that Lambda keeps of the call itself, where that is another one.
    invocation_trace: Option<TraceParent>,
    began: Began,
    notes: Mutex<Notes>,
}

/// When something began: on the clock, and for measuring.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    at: SystemTime,
    instant: Instant,
}

/// What is known by now.
#[derive(Debug, Default)]
struct Notes {
    record_locator: Option<RecordLocator>,
    properties: Vec<(&'static str, Property)>,
    metrics: Vec<(Metric, i64)>,
    parts: Vec<Part>,
}

/// What a property may be: a word of ours or a number, and so no text that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// One of a few words.
    Word(&'static str),
    /// A number.
    Number(i64),
}

impl From<&'static str> for Property {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<usize> for Property {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Property {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// As a JSON value.
impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "\"{}\"", json::Escaped(word)),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// A part of a station's work that others name as the station before theirs.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) id: StationId,
    pub(crate) began_secs: f64,
    pub(crate) ended_secs: f64,
}

/// The station that the current task works at, if there is one.
#[must_use]
pub fn here() -> Option<Station> {
    HERE.try_with(Clone::clone).ok()
}

/// Counts one of `metric` at the current station.
pub fn count(metric: Metric) {
    measure(metric, 1);
}

/// Notes a `value` of `metric` at the current station. A second one of the same metric is added to the first.
pub fn measure(metric: Metric, value: i64) {
    note_here(|notes| match notes.metrics.iter_mut().find(|(known, _)| *known == metric) {
        Some((_, sum)) => *sum += value,
        None => notes.metrics.push((metric, value)),
    });
}

/// Says which booking the current station is about. A locator alone opens no booking, so logs and traces may have it.
pub fn about(record_locator: &RecordLocator) {
    note_here(|notes| notes.record_locator = Some(record_locator.clone()));
}

/// Notes a property for queries: nothing of a person, and nothing with a unit that its name doesn't say.
pub fn note(name: &'static str, value: impl Into<Property>) {
    note_here(|notes| notes.properties.push((name, value.into())));
}

/// Notes that a part of the work, which began at `began`, is done, and that it stands at `place` on the trace.
pub fn passed(name: &'static str, place: TraceParent, began: Began) {
    let part = Part {
        name,
        id: place.station_id(),
        began_secs: began.epoch_secs(),
        ended_secs: began.epoch_secs() + began.instant.elapsed().as_secs_f64(),
    };
    note_here(|notes| notes.parts.push(part));
}

fn note_here(note: impl FnOnce(&mut Notes)) {
    // Nobody works at a station in a test of a use case by itself: then there is nothing to note at.
    HERE.try_with(|station| note(&mut station.notes())).ok();
}

impl Began {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self { at: SystemTime::now(), instant: Instant::now() }
    }

    /// How long ago that is, in microseconds.
    pub(crate) fn elapsed_us(self) -> u64 {
        u64::try_from(self.instant.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn epoch_secs(self) -> f64 {
        self.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
    }
}

impl Station {
    /// Where the function `name` answers a request that came from `origin`.
    pub(crate) fn of_call(name: &'static str, origin: Origin, invocation_id: Option<String>) -> Self {
        let (before, is_part) = match origin.kind {
            OriginKind::Nobody => (None, false),
            OriginKind::Caller => (Some(origin.caller.station_id()), false),
            OriginKind::XRay => (Some(origin.caller.station_id()), true),
        };
        Self::new(name, origin.caller.anywhere(), before, is_part, invocation_id, None)
    }

    /// Where the function `name` deals with an event: at `place` on the event's trace, after the station `before`.
    ///
    /// Without a trace, as an event may come without one, a new one begins.
    #[must_use]
    pub fn of_event(name: &'static str, way: Option<(TraceParent, StationId)>) -> Self {
        let invocation = here();
        let id = invocation.as_ref().and_then(|station| station.0.invocation_id.clone());
        let trace = invocation.map(|station| station.0.trace);
        match way {
            Some((place, before)) => Self::new(name, place, Some(before), false, id, trace),
            None => Self::new(name, Origin::nobody().caller, None, false, id, trace),
        }
    }

    fn new(
        name: &'static str,
        trace: TraceParent,
        before: Option<StationId>,
        is_part: bool,
        invocation_id: Option<String>,
        invocation_trace: Option<TraceParent>,
    ) -> Self {
        let (began, notes) = (Began::now(), Mutex::default());
        Self(Arc::new(Inner { name, trace, before, is_part, invocation_id, invocation_trace, began, notes }))
    }

    /// Its place on the trace.
    #[must_use]
    pub fn trace(&self) -> TraceParent {
        self.0.trace
    }

    /// Under what Lambda's own lines name the call.
    pub(crate) fn invocation_id(&self) -> Option<&str> {
        self.0.invocation_id.as_deref()
    }

    /// Which booking it is about, if that is known by now.
    pub(crate) fn record_locator(&self) -> Option<RecordLocator> {
        self.notes().record_locator.clone()
    }

    /// How long ago it began, in microseconds.
    pub(crate) fn took_us(&self) -> u64 {
        self.0.began.elapsed_us()
    }

    /// Does `work` at this station.
    pub async fn work<W: Future>(&self, work: W) -> W::Output {
        HERE.scope(self.clone(), work).await
    }

    /// Takes what was noted, for the line that closes the station; `None` if that is nothing.
    #[must_use]
    pub fn take_noted(&self) -> Option<Noted> {
        let mut notes = self.notes();
        let noted = Noted {
            properties: notes.properties.clone(),
            metrics: std::mem::take(&mut notes.metrics),
            at: Self::wall_clock(),
        };
        (!noted.properties.is_empty() || !noted.metrics.is_empty()).then_some(noted)
    }

    /// Sends the station's segment on its way, if the trace is kept.
    pub fn close(&self, outcome: &Outcome<'_>) {
        if !self.0.trace.is_sampled() {
            return;
        }
        let (inner, notes) = (&self.0, self.notes());
        let began_secs = inner.began.epoch_secs();
        let segment = Segment {
            name: inner.name,
            trace: inner.trace,
            before: inner.before,
            is_part: inner.is_part,
            invocation_trace: inner.invocation_trace,
            began_secs,
            ended_secs: began_secs + inner.began.instant.elapsed().as_secs_f64(),
            record_locator: notes.record_locator.as_ref(),
            properties: &notes.properties,
            parts: &notes.parts,
            outcome,
        };
        tracing::info!(target: SEGMENT, document = %segment);
    }

    fn wall_clock() -> UtcInstant {
        crate::Clock::system().now()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // A panic while noting leaves a note out and nothing half-noted.
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was noted at a station, as the members of a JSON object.
#[derive(Clone, Debug)]
pub struct Noted {
    properties: Vec<(&'static str, Property)>,
    metrics: Vec<(Metric, i64)>,
    at: UtcInstant,
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, value)) in self.properties.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma}\"{name}\":{value}")?;
        }
        if self.metrics.is_empty() {
            return Ok(());
        }
        let comma = if self.properties.is_empty() { "" } else { "," };
        write!(f, "{comma}{}", Members { metrics: &self.metrics, at: self.at })
    }
}

#[cfg(test)]
mod tests;
