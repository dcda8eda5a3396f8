//! What events say of a booking.

use api_types::event::{BookedBound, BookedPassenger};
use api_types::{Booking, BookingEvent, BookingState, BookingStatus, EventEnvelope, EventType, MemberId};
use service_kit::trace::TraceParent;

/// The `source` of every event of Booking.
pub const EVENT_SOURCE: &str = "tern.booking";

/// The shape of the event's data; grows when fields are added.
const SCHEMA_VERSION: u32 = 1;

/// The span that commits a booking: the parent of the span that publishes its event.
pub const SALE: &str = "sale";

/// Where on `trace` the event `event_id` was committed.
#[must_use]
pub fn place_of_sale(trace: TraceParent, event_id: &str) -> TraceParent {
    trace.at(SALE, event_id)
}

/// The event of `booking` in its present version, made by `member`: its whole state, without who the people are.
///
/// Its id names the booking's version, so that the same event published again is known as a repeat.
#[must_use]
pub fn current(booking: &Booking, member: &MemberId, trace: Option<TraceParent>) -> BookingEvent {
    let id = format!("{}-{}", booking.record_locator, booking.version);
    EventEnvelope {
        traceparent: trace.map(|trace| place_of_sale(trace, &id).to_string()),
        id,
        source: EVENT_SOURCE.to_owned(),
        event_type: event_type(booking.status),
        time: booking.created_at,
        subject: booking.record_locator.to_string(),
        schema_version: SCHEMA_VERSION,
        aggregate_version: booking.version,
        data: state(booking, member),
    }
}

fn event_type(status: BookingStatus) -> EventType {
    match status {
        BookingStatus::Confirmed => EventType::BookingConfirmedV1,
        BookingStatus::Cancelled => EventType::BookingCancelledV1,
    }
}

fn state(booking: &Booking, member: &MemberId) -> BookingState {
    let bounds = booking.bounds.iter().map(|bound| BookedBound {
        segments: bound.segments.clone(),
        cabin: bound.cabin,
        fare_family: bound.fare_family,
        fare_class: bound.fare_class,
    });
    let passengers = booking.passengers.iter();
    BookingState {
        record_locator: booking.record_locator.clone(),
        member_id: member.clone(),
        status: booking.status,
        created_at: booking.created_at,
        bounds: bounds.collect(),
        passengers: passengers
            .map(|passenger| BookedPassenger { passenger_type: passenger.passenger_type })
            .collect(),
        price: booking.price.clone(),
    }
}
