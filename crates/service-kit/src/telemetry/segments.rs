//! Segments on their way to X-Ray's daemon, which runs beside every Lambda: one datagram each.
//!
//! Fire and forget: a datagram that is lost is a station missing in a trace. No request waits for one or fails for it.

use std::fmt::{self, Write};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::station::SEGMENT;

/// What each datagram begins with.
///
/// Source: AWS X-Ray, sending segment documents to the daemon.
const HEADER: &str = "{\"format\":\"json\",\"version\":1}\n";

/// Sends segments.
pub struct Segments(UdpSocket);

impl Segments {
    /// To the daemon at `AWS_XRAY_DAEMON_ADDRESS`; `None` where there is none, or it can't be sent to.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let address = std::env::var("AWS_XRAY_DAEMON_ADDRESS").ok()?;
        let address = address.to_socket_addrs().ok()?.next()?;
        Self::to(address).ok()
    }

    /// To the daemon at `address`.
    ///
    /// # Errors
    /// When there is no socket to send from.
    pub fn to(address: SocketAddr) -> io::Result<Self> {
        let own: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(own)?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }
}

impl<S: Subscriber> Layer<S> for Segments {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == SEGMENT {
            let mut datagram = Datagram(HEADER.to_owned());
            event.record(&mut datagram);
            self.0.send(datagram.0.as_bytes()).ok();
        }
    }
}

struct Datagram(String);

impl Visit for Datagram {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "document" {
            // Writing to a text doesn't fail, and half a document is dropped by the daemon.
            write!(self.0, "{value:?}").ok();
        }
    }
}
