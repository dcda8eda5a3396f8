//! The fields of Booking's event that Airmiles reads; `registration.json` registers them.

use api_types::{
    BookingStatus, EventType, FareClass, FlightNumber, Iata, LocalDateTime, MemberId, PassengerType,
    RecordLocator, UtcInstant,
};
use serde::Deserialize;

use crate::domain;

#[derive(Deserialize)]
pub(super) struct BookingEvent {
    pub id: String,
    #[serde(rename = "type")]
    pub event_type: EventType,
    pub time: UtcInstant,
    pub subject: String,
    pub aggregate_version: u64,
    pub traceparent: Option<String>,
    pub data: Booking,
}

#[derive(Deserialize)]
pub(super) struct Booking {
    pub record_locator: RecordLocator,
    member_id: MemberId,
    pub status: BookingStatus,
    created_at: UtcInstant,
    bounds: Vec<Bound>,
    passengers: Vec<Passenger>,
}

#[derive(Deserialize)]
struct Bound {
    fare_class: FareClass,
    segments: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    flight_number: FlightNumber,
    from: Iata,
    to: Iata,
    departure: Departure,
    distance_mi: u32,
}

#[derive(Deserialize)]
struct Departure {
    local: LocalDateTime,
}

#[derive(Deserialize)]
struct Passenger {
    #[serde(rename = "type")]
    passenger_type: PassengerType,
}

impl From<Booking> for domain::Booking {
    fn from(booking: Booking) -> Self {
        let Booking { record_locator, member_id, status, created_at, bounds, passengers } = booking;
        let bounds = bounds.into_iter().map(domain::Bound::from).collect();
        let passengers = passengers.into_iter().map(|passenger| passenger.passenger_type).collect();
        Self { record_locator, member_id, status, created_at, bounds, passengers }
    }
}

impl From<Bound> for domain::Bound {
    fn from(Bound { fare_class, segments }: Bound) -> Self {
        Self { fare_class, segments: segments.into_iter().map(domain::Segment::from).collect() }
    }
}

impl From<Segment> for domain::Segment {
    fn from(Segment { flight_number, from, to, departure, distance_mi }: Segment) -> Self {
        Self { flight_number, from, to, departure_date: departure.local.date(), distance_mi }
    }
}
