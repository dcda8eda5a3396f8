//! A booking as the rules use it.

use api_types::{
    BookingStatus, FareClass, FlightNumber, Iata, LocalDate, MemberId, PassengerType, RecordLocator,
    UtcInstant,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub record_locator: RecordLocator,
    /// The member whose account its miles go to.
    pub member_id: MemberId,
    pub status: BookingStatus,
    /// Determines the earning chart.
    pub created_at: UtcInstant,
    /// The directions of the trip, in order.
    pub bounds: Vec<Bound>,
    /// One item per passenger.
    pub passengers: Vec<PassengerType>,
}

/// One direction of a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The class that all its segments are sold under.
    pub fare_class: FareClass,
    /// In order.
    pub segments: Vec<Segment>,
}

/// One flight of a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub flight_number: FlightNumber,
    pub from: Iata,
    pub to: Iata,
    /// The local date at `from`.
    pub departure_date: LocalDate,
    /// The WGS84 geodesic, in statute miles.
    pub distance_mi: u32,
}
