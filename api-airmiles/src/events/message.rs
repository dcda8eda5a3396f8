//! The body of one message: the event itself, as the topic delivers it raw.

use api_types::{BookingStatus, EventType, RecordLocator};
use serde::Deserialize;
use service_kit::events::queue::Message;
use service_kit::json::{self, JsonError};
use service_kit::trace::TraceParent;

use super::booking_event::BookingEvent;
use crate::domain::{BookingFact, Contradiction};

/// A body that no retry makes readable; it ends in the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The message has no body.
    #[error("the message has no body")]
    NoBody,
    /// The body is not the JSON of an event.
    #[error("the body is not an event")]
    NotAnEvent(#[from] JsonError),
    /// A newer producer's event type. It is kept for a version that knows it, as it may change miles.
    #[error("events of type {event_type:?} are not known to this version")]
    UnknownType {
        /// The event's type.
        event_type: String,
    },
    /// The envelope is about another booking than its data.
    #[error("the subject is {subject}, but data is about {record_locator}")]
    Subject {
        /// The booking that the envelope names.
        subject: String,
        /// The booking that the data is about.
        record_locator: RecordLocator,
    },
    /// Type and state contradict each other.
    #[error("the type is {event_type}, but the booking is {status:?}")]
    Status {
        /// The envelope's type.
        event_type: EventType,
        /// The state's status.
        status: BookingStatus,
    },
    /// The booking contradicts itself.
    #[error("the booking contradicts itself")]
    Contradiction(#[from] Contradiction),
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
    if head.event_type.parse::<EventType>().is_err() {
        return Err(Unreadable::UnknownType { event_type: head.event_type });
    }
    let event: BookingEvent = json::from_slice(body.as_bytes())?;
    let BookingEvent { id, event_type, time, subject, aggregate_version, traceparent, data } = event;
    if subject != data.record_locator.as_str() {
        return Err(Unreadable::Subject { subject, record_locator: data.record_locator });
    }
    let expected = match event_type {
        EventType::BookingConfirmedV1 => BookingStatus::Confirmed,
        EventType::BookingCancelledV1 => BookingStatus::Cancelled,
    };
    if expected != data.status {
        return Err(Unreadable::Status { event_type, status: data.status });
    }
    let fact = BookingFact::new(aggregate_version, data.into())?;
    let booking = fact.booking();
    Ok(Message {
        event_id: id,
        version: fact.version(),
        record_locator: Some(booking.record_locator.clone()),
        time,
        trace: traceparent.as_deref().and_then(TraceParent::parse),
        ordering_key: booking.member_id.to_string(),
        content: fact,
    })
}

#[cfg(test)]
mod tests {
    use api_types::{FareClass, PassengerType};

    use super::*;
    use crate::domain::{Booking, Bound, Segment};

    #[test]
    fn an_error_about_a_body_quotes_nothing_of_it() {
        let fixture = include_str!("../../../api-types/fixtures/booking.confirmed.v1.json");
        let wrong = fixture.replacen("\"kenji-mori\"", "{\"name\": \"kenji-mori\"}", 1);
        assert_ne!(wrong, fixture);
        let error = service_kit::telemetry::in_one_line(&read(Some(&wrong)).unwrap_err());
        assert!(
            error.starts_with("the body is not an event: `data.member_id` can't be read, at column "),
            "{error}"
        );
        assert!(!error.contains("kenji"), "{error}");
    }

    #[test]
    fn the_fixture_that_booking_publishes_is_read_as_a_fact() {
        let fixture = include_str!("../../../api-types/fixtures/booking.confirmed.v1.json");
        let message = read(Some(fixture)).unwrap();
        let segment = Segment {
            flight_number: "TN7".parse().unwrap(),
            from: "SFO".parse().unwrap(),
            to: "NRT".parse().unwrap(),
            departure_date: "2026-12-05".parse().unwrap(),
            distance_mi: 5124,
        };
        let booking = Booking {
            record_locator: "K7QZ4M".parse().unwrap(),
            member_id: "kenji-mori".parse().unwrap(),
            status: BookingStatus::Confirmed,
            created_at: "2026-11-21T09:30:00.250Z".parse().unwrap(),
            bounds: vec![Bound { fare_class: FareClass::M, segments: vec![segment] }],
            passengers: vec![PassengerType::Adult, PassengerType::Child, PassengerType::Infant],
        };
        assert_eq!(message.content, BookingFact::new(1, booking).unwrap());
        assert_eq!((message.event_id.as_str(), message.version), ("K7QZ4M-1", 1));
        assert_eq!(message.record_locator, Some("K7QZ4M".parse().unwrap()));
        assert_eq!(message.time, "2026-11-21T09:30:00.250Z".parse().unwrap());
        assert_eq!(message.ordering_key, "kenji-mori");
        assert!(message.trace.is_some());
    }
}
