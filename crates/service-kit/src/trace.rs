//! The trace that a booking's whole way is: which one it is, and where on it something happens.

use std::fmt;

use http::HeaderMap;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// A place on a trace: the trace's id, and the id of a station on it.
///
/// As text it is a W3C `traceparent`, which events carry on. X-Ray takes the same 128 bits, written in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: u128,
    station_id: StationId,
    sampled: bool,
}

/// Names a station on a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StationId(u64);

/// Where a request comes from, as its headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The caller's place; a new trace's if none came. Then nothing stands at that place.
    pub(crate) caller: TraceParent,
    pub(crate) kind: OriginKind,
}

/// What stands before this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OriginKind {
    /// Nothing: the trace begins here.
    Nobody,
    /// A caller with a place of its own.
    Caller,
    /// X-Ray's own segment for this call, of which ours is a part.
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

    /// The station's id.
    #[must_use]
    pub fn station_id(&self) -> StationId {
        self.station_id
    }

    /// Whether the trace is kept. Whoever began it decided so.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Where on this trace `station` deals with `subject`.
    ///
    /// The id follows from trace, station and subject. So nobody has to carry it from one station to the next: who
    /// knows the event knows under which id it was published. And the same again is the same station, not another.
    #[must_use]
    pub fn at(&self, station: &str, subject: &str) -> Self {
        let name = format!("{:032x}/{station}/{subject}", self.trace_id);
        let hash = digest(&SHA256, name.as_bytes());
        let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
        Self { station_id: StationId(u64::from_be_bytes(first).max(1)), ..*self }
    }

    /// Where on this trace the event `event_id` is published: producer and consumers agree on it by this.
    #[must_use]
    pub fn published(&self, event_id: &str) -> Self {
        self.at("publish", event_id)
    }

    /// A place of its own on this trace.
    #[must_use]
    pub fn anywhere(&self) -> Self {
        let [_, _, station_id] = random();
        Self { station_id: StationId(station_id.max(1)), ..*self }
    }

    /// Reads a W3C `traceparent`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = || parts.next();
        let ("00", trace_id, station_id, flags) = (part()?, part()?, part()?, part()?) else { return None };
        let (trace_id, station_id) = (hex(trace_id, 32)?, u64::try_from(hex(station_id, 16)?).ok()?);
        let sampled = hex(flags, 2)? & 1 == 1;
        let ends = parts.next().is_none() && trace_id != 0 && station_id != 0;
        ends.then_some(Self { trace_id, station_id: StationId(station_id), sampled })
    }

    fn begin() -> Self {
        let [high, low, station_id] = random();
        let trace_id = (u128::from(high) << 64 | u128::from(low)).max(1);
        Self { trace_id, station_id: StationId(station_id.max(1)), sampled: true }
    }
}

impl Origin {
    /// As the request's headers say: X-Ray's before W3C's, as the gateway's own lines and segments are on that trace.
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
        let parent = part("Parent=").and_then(|id| hex(id, 16)).and_then(|id| u64::try_from(id).ok());
        let (station_id, kind) = match parent.filter(|id| *id != 0) {
            Some(id) => (StationId(id), OriginKind::XRay),
            None => (TraceParent::begin().station_id, OriginKind::Nobody),
        };
        let sampled = part("Sampled=") != Some("0");
        (trace_id != 0).then_some(Self { caller: TraceParent { trace_id, station_id, sampled }, kind })
    }

    pub(crate) fn nobody() -> Self {
        Self { caller: TraceParent::begin(), kind: OriginKind::Nobody }
    }
}

/// A number of so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let right = text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    right.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Without randomness all are zero: a request is not refused for want of an id.
fn random() -> [u64; 3] {
    let mut bytes = [0_u8; 24];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::warn!("no randomness for a trace id");
    }
    let (eights, _) = bytes.as_chunks();
    [0, 1, 2].map(|position| u64::from_be_bytes(eights[position]))
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.request_id(), self.station_id, u8::from(self.sampled))
    }
}

impl fmt::Display for StationId {
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

/// A trace's id in X-Ray's words: `1-<8 hex>-<24 hex>`.
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
    fn a_trace_is_taken_over_or_made() {
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
        assert_eq!(taken.caller.station_id().to_string(), "53995c3f42cd8ad8");
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
    fn a_station_of_a_subject_is_the_same_whoever_names_it() {
        let trace = TraceParent::parse(W3C).unwrap();
        let publish = trace.published("K7QZ4M-1");
        assert_eq!(trace.at("sale", "K7QZ4M-1").published("K7QZ4M-1"), publish);
        assert_eq!(publish.to_string(), "00-0af7651916cd43dd8448eb211c80319c-e035058383bd82ae-01");
        for other in [trace.published("K7QZ4M-2"), trace.at("sale", "K7QZ4M-1"), trace.anywhere()] {
            assert_ne!(other.station_id(), publish.station_id());
            assert_eq!(other.request_id(), publish.request_id());
        }
    }
}
