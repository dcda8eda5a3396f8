//! The body of one message: the event itself, as the topic delivers it raw.

use api_types::BookingEvent;
use serde::Deserialize;
use service_kit::events::queue::Message;
use service_kit::json::{self, JsonError};
use service_kit::trace::TraceParent;

use crate::domain::{BookingFact, Contradiction};

/// A body that no retry makes readable; it ends in the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The message has no body.
    #[error("the message has no body")]
    NoBody,
    /// The body is not the JSON of an event.
    #[error("the body is not an event: `{path}`")]
    NotAnEvent {
        /// The field that can't be read.
        path: String,
        /// What is wrong there.
        #[source]
        cause: serde_json::Error,
    },
    /// A newer producer's event type. It is kept for a version that knows it, as it may change miles.
    #[error("events of type {event_type:?} are not known to this version")]
    UnknownType {
        /// The event's type.
        event_type: String,
    },
    /// The event contradicts itself.
    #[error("the event contradicts itself")]
    Contradiction(#[from] Contradiction),
}

impl From<JsonError> for Unreadable {
    fn from(JsonError { path, cause }: JsonError) -> Self {
        Self::NotAnEvent { path, cause }
    }
}

/// Reads a message's body. One member's events write to the same account, and so are applied in their order.
pub(super) fn read(body: Option<&str>) -> Result<Message<BookingFact>, Unreadable> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "type")]
        event_type: String,
    }

    let body = body.ok_or(Unreadable::NoBody)?;
    let head: Head = json::from_slice(body.as_bytes())?;
    if head.event_type.parse::<api_types::EventType>().is_err() {
        return Err(Unreadable::UnknownType { event_type: head.event_type });
    }
    let event: BookingEvent = json::from_slice(body.as_bytes())?;
    let (event_id, time) = (event.id.clone(), event.time);
    let trace = event.traceparent.as_deref().and_then(TraceParent::parse);
    let fact: BookingFact = event.try_into()?;
    let booking = fact.booking();
    Ok(Message {
        event_id,
        version: fact.version(),
        record_locator: Some(booking.record_locator.clone()),
        time,
        trace,
        ordering_key: booking.member_id.to_string(),
        content: fact,
    })
}
