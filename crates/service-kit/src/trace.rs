//! Trace ids: the W3C and X-Ray spellings, and span ids that follow from an event.

use std::fmt;

use http::HeaderMap;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// A span's place on a trace: the trace's id, and the span's.
///
/// As text it is a W3C `traceparent`, which events carry. X-Ray takes the same 128 bits in a spelling of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: u128,
    span_id: SpanId,
    sampled: bool,
}

/// The id of a span on a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId(u64);

/// The caller of a request, read from its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The caller's span; a new trace, with the id of no span, if the headers name none.
    pub(crate) caller: TraceParent,
    pub(crate) kind: OriginKind,
}

/// What the parent of this service's span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OriginKind {
    /// There is none: the trace begins here.
    Nobody,
    /// A caller's span.
    Caller,
    /// X-Ray's own segment for this call, of which our span is a subsegment.
    XRay,
}

impl TraceParent {
    /// The trace's id, as problems, log lines and `traceparent` show it.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        RequestId(self.trace_id)
    }

    /// The same id as X-Ray writes it.
    #[must_use]
    pub fn xray_id(&self) -> XRayId {
        XRayId(self.trace_id)
    }

    /// The span's id.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Whether X-Ray keeps the trace, as decided where it began.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The span called `name` that deals with `subject`.
    ///
    /// Its id follows from trace, name and subject, so that no service has to pass it on: a consumer derives from the
    /// event under which id it was published. A repetition is the same span.
    #[must_use]
    pub fn at(&self, name: &str, subject: &str) -> Self {
        let name = format!("{:032x}/{name}/{subject}", self.trace_id);
        let hash = digest(&SHA256, name.as_bytes());
        let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
        Self { span_id: SpanId(u64::from_be_bytes(first).max(1)), ..*self }
    }

    /// The span in which the event `event_id` is published, for its producer and its consumers.
    #[must_use]
    pub fn published(&self, event_id: &str) -> Self {
        self.at("publish", event_id)
    }

    /// A span of a new, random id on this trace.
    #[must_use]
    pub fn new_span(&self) -> Self {
        Self { span_id: SpanId::random(), ..*self }
    }

    /// Reads a W3C `traceparent`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = || parts.next();
        let ("00", trace_id, span_id, flags) = (part()?, part()?, part()?, part()?) else { return None };
        let (trace_id, span_id) = (hex(trace_id, 32)?, SpanId::parse(span_id)?);
        let sampled = hex(flags, 2)? & 1 == 1;
        let ends = parts.next().is_none() && trace_id != 0;
        ends.then_some(Self { trace_id, span_id, sampled })
    }

    fn begin() -> Self {
        let [high, low] = random();
        let trace_id = (u128::from(high) << 64 | u128::from(low)).max(1);
        Self { trace_id, span_id: SpanId::random(), sampled: true }
    }
}

impl SpanId {
    /// Reads 16 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        u64::try_from(hex(text, 16)?).ok().filter(|id| *id != 0).map(Self)
    }

    pub(crate) fn random() -> Self {
        let [id] = random();
        Self(id.max(1))
    }
}

impl Origin {
    /// Reads a request's headers: X-Ray's before W3C's, as the gateway's own lines and segments are on that trace.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(origin) = text("x-amzn-trace-id").and_then(Self::of_xray) {
            return origin;
        }
        match text("traceparent").and_then(TraceParent::parse) {
            Some(caller) => Self { caller, kind: OriginKind::Caller },
            None => Self::nobody(),
        }
    }

    /// Reads `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0 or 1>`. Without a decision we decide, for it.
    pub(crate) fn of_xray(text: &str) -> Option<Self> {
        let part = |name: &str| text.split(';').find_map(|part| part.trim().strip_prefix(name));
        let (first, rest) = part("Root=1-")?.split_once('-')?;
        let trace_id = hex(first, 8)? << 96 | hex(rest, 24)?;
        let (span_id, kind) = match part("Parent=").and_then(SpanId::parse) {
            Some(id) => (id, OriginKind::XRay),
            None => (SpanId::random(), OriginKind::Nobody),
        };
        let sampled = part("Sampled=") != Some("0");
        (trace_id != 0).then_some(Self { caller: TraceParent { trace_id, span_id, sampled }, kind })
    }

    pub(crate) fn nobody() -> Self {
        Self { caller: TraceParent::begin(), kind: OriginKind::Nobody }
    }

    /// The span that is the parent of this service's.
    pub(crate) fn parent(&self) -> Option<SpanId> {
        (self.kind != OriginKind::Nobody).then_some(self.caller.span_id)
    }
}

/// A number of so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let right = text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    right.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Without randomness all are zero: a request is not refused for want of an id.
fn random<const N: usize>() -> [u64; N] {
    let mut bytes = [[0_u8; 8]; N];
    if SystemRandom::new().fill(bytes.as_flattened_mut()).is_err() {
        tracing::warn!("no randomness for a trace id");
    }
    bytes.map(u64::from_be_bytes)
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.request_id(), self.span_id, u8::from(self.sampled))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A trace's id in 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(u128);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A trace's id in X-Ray's spelling: `1-<8 hex>-<24 hex>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XRayId(u128);

impl fmt::Display for XRayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1-{:08x}-{:024x}", self.0 >> 96, self.0 & ((1 << 96) - 1))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const W3C: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    fn of(headers: &[(&'static str, &'static str)]) -> Origin {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        Origin::of_headers(&headers.iter().map(header).collect())
    }

    #[test]
    fn a_trace_is_continued_or_begun() {
        let taken = of(&[("traceparent", W3C)]);
        assert_eq!((taken.caller.to_string().as_str(), taken.kind), (W3C, OriginKind::Caller));
        assert_eq!(taken.caller.request_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(taken.caller.xray_id().to_string(), "1-0af76519-16cd43dd8448eb211c80319c");
        for refused in [
            "",
            "00-zz",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "01-x-y-z",
        ] {
            let made = of(&[("traceparent", refused)]);
            assert_eq!(made.kind, OriginKind::Nobody, "{refused}");
            assert!(TraceParent::parse(&made.caller.to_string()).is_some(), "{made:?}");
        }
    }

    #[test]
    fn the_gateways_trace_goes_before_the_callers() {
        let taken = of(&[("traceparent", W3C), ("x-amzn-trace-id", XRAY)]);
        assert_eq!(taken.kind, OriginKind::XRay);
        assert_eq!(taken.caller.xray_id().to_string(), "1-5759e988-bd862e3fe1be46a994272793");
        assert_eq!(taken.caller.span_id().to_string(), "53995c3f42cd8ad8");
        for (header, kind, sampled) in [
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
                OriginKind::XRay,
                false,
            ),
            ("Sampled=1; Root=1-5759e988-bd862e3fe1be46a994272793", OriginKind::Nobody, true),
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Lineage=1:ab:0",
                OriginKind::XRay,
                true,
            ),
        ] {
            let taken = Origin::of_xray(header).unwrap();
            assert_eq!((taken.kind, taken.caller.is_sampled()), (kind, sampled), "{header}");
        }
        for nonsense in ["", "Root=2-5759e988-bd862e3fe1be46a994272793", "Root=1-5759e988", "Self=1-0-0"] {
            assert_eq!(Origin::of_xray(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_span_of_a_subject_has_the_same_id_for_everyone() {
        let trace = TraceParent::parse(W3C).unwrap();
        let publish = trace.published("K7QZ4M-1");
        assert_eq!(trace.at("sale", "K7QZ4M-1").published("K7QZ4M-1"), publish);
        assert_eq!(publish.to_string(), "00-0af7651916cd43dd8448eb211c80319c-e035058383bd82ae-01");
        for other in [trace.published("K7QZ4M-2"), trace.at("sale", "K7QZ4M-1"), trace.new_span()] {
            assert_ne!(other.span_id(), publish.span_id());
            assert_eq!(other.request_id(), publish.request_id());
        }
    }
}
