//! Closed spans as X-Ray segments, one datagram each to the daemon that runs beside every Lambda.
//!
//! Nothing waits for a datagram and nothing fails without it: a lost one is a span missing in a trace.
//!
//! Source: AWS X-Ray segment documents; AWS X-Ray, sending segment documents to the daemon.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::UNIX_EPOCH;

use serde_json::{Map, Value, json};

use super::span::SpanData;
use crate::trace::{SpanId, TraceParent};

/// What each datagram begins with.
const HEADER: &str = "{\"format\":\"json\",\"version\":1}\n";

/// Fields that are no annotations: `http` has them, or they are longer than an annotation may be.
const NOT_ANNOTATED: [&str; 5] = ["method", "status", "cause", "error", "otel.status_code"];

/// The X-Ray daemon.
#[derive(Debug)]
pub struct XRayDaemon(UdpSocket);

impl XRayDaemon {
    /// The daemon at `AWS_XRAY_DAEMON_ADDRESS`; `None` when it is not set, or can't be sent to.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let address = std::env::var("AWS_XRAY_DAEMON_ADDRESS").ok()?;
        let address = address.to_socket_addrs().ok()?.next()?;
        Self::at(address).ok()
    }

    /// The daemon at `address`.
    ///
    /// # Errors
    /// When there is no socket to send from.
    pub fn at(address: SocketAddr) -> io::Result<Self> {
        let own: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(own)?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    pub(super) fn send(&self, segment: &Value) {
        self.0.send(format!("{HEADER}{segment}").as_bytes()).ok();
    }
}

impl SpanData {
    /// The segment of a span that has a place on a trace, closed now.
    pub(super) fn segment(&self, invocation_trace: Option<TraceParent>) -> Value {
        let Some(place) = &self.place else { return Value::Null };
        let mut segment = self.timed(self.function.as_deref().unwrap_or(self.name), place.trace.span_id());
        segment.insert("trace_id".into(), place.trace.xray_id().to_string().into());
        if let Some(parent) = place.parent {
            segment.insert("parent_id".into(), parent.to_string().into());
        }
        if place.is_xray_subsegment {
            segment.insert("type".into(), "subsegment".into());
        }
        let status = self.fields.get("status").and_then(Value::as_u64);
        if let Some(status) = status {
            let request = json!({ "method": self.fields.get("method") });
            segment.insert("http".into(), json!({ "request": request, "response": { "status": status } }));
        }
        if status.is_some_and(|status| (400..500).contains(&status)) {
            segment.insert("error".into(), true.into());
        }
        if status >= Some(500) || self.fields.text("otel.status_code") == Some("ERROR") {
            segment.insert("fault".into(), true.into());
        }
        let mut annotations = Map::new();
        annotations.insert("request_id".into(), place.trace.request_id().to_string().into());
        if let Some(trace) = invocation_trace {
            annotations.insert("invocation_trace".into(), trace.xray_id().to_string().into());
        }
        let properties = self.fields.0.iter().filter(|(name, _)| !NOT_ANNOTATED.contains(name));
        annotations.extend(properties.map(|(name, value)| ((*name).to_owned(), value.clone())));
        segment.insert("annotations".into(), annotations.into());
        segment.into()
    }

    /// The subsegment of a part, closed now.
    pub(super) fn subsegment(&self, id: Option<String>) -> Value {
        let id = id.and_then(|id| SpanId::parse(&id)).unwrap_or_else(SpanId::random);
        self.timed(self.name, id).into()
    }

    fn timed(&self, name: &str, id: SpanId) -> Map<String, Value> {
        let (started_at, started) = self.started;
        let start_secs = started_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let mut segment = Map::new();
        segment.insert("name".into(), name.into());
        segment.insert("id".into(), id.to_string().into());
        segment.insert("start_time".into(), start_secs.into());
        segment.insert("end_time".into(), (start_secs + started.elapsed().as_secs_f64()).into());
        if !self.parts.is_empty() {
            segment.insert("subsegments".into(), self.parts.clone().into());
        }
        segment
    }
}
