//! Events between services: one envelope, and in it the whole resulting state of the booking.

use serde::{Deserialize, Serialize};

use crate::{
    BookingStatus, Cabin, FareClass, FareFamily, MemberId, PassengerType, Price, RecordLocator, Segment,
    UtcInstant, flight::worded,
};

/// What happened, as a fact in the past tense. A changed meaning is a new name, never a new use of an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventType {
    /// A booking was made.
    #[cfg_attr(feature = "openapi", schema(rename = "booking.confirmed.v1"))]
    BookingConfirmedV1,
    /// A booking was given up.
    #[cfg_attr(feature = "openapi", schema(rename = "booking.cancelled.v1"))]
    BookingCancelledV1,
}
worded!(EventType, "expected an event type this version knows: booking.confirmed.v1 or booking.cancelled.v1",
    BookingConfirmedV1 => "booking.confirmed.v1", BookingCancelledV1 => "booking.cancelled.v1");

/// An event about one booking.
pub type BookingEvent = EventEnvelope<BookingState>;

/// What every event carries around its data: CloudEvents 1.0 attribute names, and what ordering needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventEnvelope<T> {
    /// `<subject>-<aggregate_version>`: the same on every delivery of the same fact.
    pub id: String,
    /// Who says so: `tern.booking`.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// When it happened.
    pub time: UtcInstant,
    /// What it is about: the record locator.
    pub subject: String,
    /// The shape of `data`; consumers accept fields they don't know.
    pub schema_version: u32,
    /// The version of the booking after this event: the highest one wins, in whatever order they arrive.
    pub aggregate_version: u64,
    /// W3C trace context of the request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The full resulting state.
    pub data: T,
}

/// A booking as other services may know it: all but who the people are.
///
/// Names, birth dates and addresses stay in Booking; no consumer needs them to keep miles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookingState {
    /// The booking.
    pub record_locator: RecordLocator,
    /// The member who made it, and whose account its miles go to.
    pub member_id: MemberId,
    /// Where it stands.
    pub status: BookingStatus,
    /// When it was made.
    pub created_at: UtcInstant,
    /// The directions of the trip.
    pub bounds: Vec<BookedBound>,
    /// The types of the passengers, in the booking's order.
    pub passengers: Vec<BookedPassenger>,
    /// What the party pays for all bounds.
    pub price: Price,
}

/// One direction of a booked trip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookedBound {
    /// One or two flights, in order.
    pub segments: Vec<Segment>,
    /// The cabin of every segment.
    pub cabin: Cabin,
    /// What the fare allows, by name.
    pub fare_family: FareFamily,
    /// The letter it was sold under.
    pub fare_class: FareClass,
}

/// A passenger without their person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookedPassenger {
    /// How the passenger is priced and seated.
    #[serde(rename = "type")]
    pub passenger_type: PassengerType,
}
