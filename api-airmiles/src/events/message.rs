//! One message's body: the event itself, as the topic delivers it raw.

use api_types::{BookingEvent, UtcInstant};
use serde::Deserialize;
use service_kit::trace::TraceParent;

use crate::domain::{BookingFact, Contradiction};

/// A body that no retry makes readable: it ends in the dead-letter queue, where a person looks at it.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is none.
    #[error("the message has no body")]
    NoBody,
    /// It is not the JSON of an event.
    #[error("the body is not an event")]
    NotAnEvent(#[source] serde_json::Error),
    /// A newer producer says something that this version has not learnt.
    ///
    /// It is kept for the version that has, rather than dropped: what it says may change miles.
    #[error("events of type {event_type:?} are not known to this version")]
    UnknownType {
        /// The type it claims.
        event_type: String,
    },
    /// It says two things at once.
    #[error("the event contradicts itself")]
    Contradiction(#[from] Contradiction),
}

/// A readable message.
#[derive(Debug)]
pub(super) struct Message {
    /// The event's id.
    pub(super) event_id: String,
    /// When the booking was committed.
    pub(super) time: UtcInstant,
    /// Where on its trace that was.
    pub(super) trace: Option<TraceParent>,
    /// What it says.
    pub(super) fact: BookingFact,
}

/// Reads a message's body.
pub(super) fn read(body: Option<&str>) -> Result<Message, Unreadable> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "type")]
        event_type: String,
    }

    let body = body.ok_or(Unreadable::NoBody)?;
    let head: Head = serde_json::from_str(body).map_err(Unreadable::NotAnEvent)?;
    if head.event_type.parse::<api_types::EventType>().is_err() {
        return Err(Unreadable::UnknownType { event_type: head.event_type });
    }
    let event: BookingEvent = serde_json::from_str(body).map_err(Unreadable::NotAnEvent)?;
    let (event_id, time) = (event.id.clone(), event.time);
    let trace = event.traceparent.as_deref().and_then(TraceParent::parse);
    Ok(Message { event_id, time, trace, fact: event.try_into()? })
}
