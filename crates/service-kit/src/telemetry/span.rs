use std::error::Error;
use std::fmt;
use std::time::{Instant, SystemTime};

use serde_json::{Number, Value};
use tracing::field::{Field, Visit};

use crate::trace::{SpanId, TraceParent};

/// The fields of a span or event, in the order in which they were recorded.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(position).1)
    }

    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        self.take(name).and_then(|value| value.as_str().map(str::to_owned))
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set(field.name(), super::in_one_line(value).into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no NaN.
        let number = Number::from_f64(value).map(Value::Number);
        self.set(field.name(), number.unwrap_or_else(|| value.to_string().into()));
    }
}

/// A metric's name, its unit, and the sum of what was measured.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) sum: i64,
}

impl Measured {
    /// Reads the event of [`metrics::measure`](crate::metrics::measure).
    pub(super) fn of(event: &mut Fields) -> Option<Self> {
        let (name, unit) = (event.take_text("name")?, event.take_text("unit")?);
        Some(Self { name, unit, sum: event.take("value")?.as_i64()? })
    }
}

/// What the layer keeps of an open span, in the span's extensions.
#[derive(Debug)]
pub(super) struct SpanData {
    pub(super) name: &'static str,
    pub(super) started: (SystemTime, Instant),
    /// Its place on a trace; `None` for a part of its parent.
    pub(super) place: Option<Place>,
    pub(super) function: Option<String>,
    pub(super) invocation_id: Option<String>,
    pub(super) fields: Fields,
    pub(super) metrics: Vec<Measured>,
    /// The parts that are closed, as X-Ray subsegments.
    pub(super) parts: Vec<Value>,
}

/// Where a span stands on its trace.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) trace: TraceParent,
    pub(super) parent: Option<SpanId>,
    pub(super) is_xray_subsegment: bool,
}

impl SpanData {
    pub(super) fn new(name: &'static str, mut fields: Fields) -> Self {
        let trace = fields.take("traceparent").and_then(|text| TraceParent::parse(text.as_str()?));
        let parent = fields.take("parent_id").and_then(|text| SpanId::parse(text.as_str()?));
        let is_xray_subsegment = fields.take("xray_subsegment") == Some(Value::Bool(true));
        Self {
            name,
            started: (SystemTime::now(), Instant::now()),
            place: trace.map(|trace| Place { trace, parent, is_xray_subsegment }),
            function: fields.take_text("function"),
            invocation_id: fields.take_text("invocation_id"),
            fields,
            metrics: Vec::new(),
            parts: Vec::new(),
        }
    }

    pub(super) fn measure(&mut self, measured: Measured) {
        match self.metrics.iter_mut().find(|known| known.name == measured.name) {
            Some(known) => known.sum += measured.sum,
            None => self.metrics.push(measured),
        }
    }

    /// Adds what a part recorded, and the part itself.
    pub(super) fn absorb(&mut self, mut part: Self) {
        let id = part.fields.take_text("span_id");
        self.parts.push(part.subsegment(id));
        part.fields.0.into_iter().for_each(|(name, value)| self.fields.set(name, value));
        part.metrics.into_iter().for_each(|measured| self.measure(measured));
    }
}
