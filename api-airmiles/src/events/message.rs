//! One message's body: the event itself, as the topic delivers it raw.

use api_types::BookingEvent;
use serde::Deserialize;

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

/// Reads a message's body, and the trace it belongs to.
pub(super) fn read(body: Option<&str>) -> Result<(BookingFact, Option<String>), Unreadable> {
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
    let mut event: BookingEvent = serde_json::from_str(body).map_err(Unreadable::NotAnEvent)?;
    let traceparent = event.traceparent.take();
    Ok((event.try_into()?, traceparent))
}
