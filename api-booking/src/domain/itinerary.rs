//! Flights on a date, and one or two of them in a row.

use api_types::{Cabin, FlightNumber, FlightTime, Iata, LocalDate, Segment, UtcInstant};

use super::aircraft::AircraftType;

/// A departure on one date, with its own seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedFlight {
    /// The flight.
    pub flight_number: FlightNumber,
    /// The local date on which the timetable has it depart: with the number, the name of the dated flight.
    pub departure_date: LocalDate,
    /// Where it takes off.
    pub from: Iata,
    /// Where it lands.
    pub to: Iata,
    /// When it leaves the gate.
    pub departure: FlightTime,
    /// When it reaches the gate.
    pub arrival: FlightTime,
    /// From gate to gate, in minutes.
    pub block_minutes: u32,
    /// The WGS84 geodesic, in statute miles.
    pub distance_mi: u32,
    /// What it is flown with.
    pub aircraft: &'static AircraftType,
}

impl DatedFlight {
    /// How many seats it has in `cabin`; 0 where it has no such cabin.
    #[must_use]
    pub fn seat_capacity(&self, cabin: Cabin) -> u32 {
        self.aircraft.seats(cabin)
    }

    /// The flight, as replies and events show it.
    #[must_use]
    pub fn segment(&self) -> Segment {
        Segment {
            flight_number: self.flight_number.clone(),
            from: self.from,
            to: self.to,
            departure: self.departure.clone(),
            arrival: self.arrival.clone(),
            duration_minutes: self.block_minutes,
            aircraft: self.aircraft.name.to_owned(),
            distance_mi: self.distance_mi,
        }
    }
}

/// A way from one airport to another: one flight, or two with a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Itinerary {
    /// One or two flights, in order; the second takes off where the first lands.
    pub flights: Vec<DatedFlight>, // invariant: not empty
}

impl Itinerary {
    /// Its name, from which [`Schedule::itinerary`](super::Schedule::itinerary) finds it again:
    /// `TN231-20261205_TN17-20261206`.
    #[must_use]
    pub fn id(&self) -> String {
        let part = |flight: &DatedFlight| {
            let date = flight.departure_date;
            format!("{}-{:04}{:02}{:02}", flight.flight_number, date.year(), date.month(), date.day())
        };
        self.flights.iter().map(part).collect::<Vec<_>>().join("_")
    }

    /// Its flights, as replies and events show them.
    #[must_use]
    pub fn segments(&self) -> Vec<Segment> {
        self.flights.iter().map(DatedFlight::segment).collect()
    }

    /// The origin.
    #[must_use]
    pub fn from(&self) -> Iata {
        self.first().from
    }

    /// The destination.
    #[must_use]
    pub fn to(&self) -> Iata {
        self.last().to
    }

    /// When its first flight leaves.
    #[must_use]
    pub fn departure(&self) -> UtcInstant {
        self.first().departure.utc
    }

    /// When its last flight arrives.
    #[must_use]
    pub fn arrival(&self) -> UtcInstant {
        self.last().arrival.utc
    }

    /// The local date on which its first flight leaves.
    #[must_use]
    pub fn departure_date(&self) -> LocalDate {
        self.first().departure_date
    }

    /// From first departure to last arrival, in minutes.
    #[must_use]
    pub fn duration_minutes(&self) -> u32 {
        u32::try_from(self.departure().minutes_until(self.arrival())).unwrap_or(0)
    }

    /// The statute miles of all its flights.
    #[must_use]
    pub fn distance_mi(&self) -> u32 {
        self.flights.iter().map(|flight| flight.distance_mi).sum()
    }

    /// Whether every flight has this cabin.
    #[must_use]
    pub fn has_cabin(&self, cabin: Cabin) -> bool {
        self.flights.iter().all(|flight| flight.seat_capacity(cabin) > 0)
    }

    /// Its first flight.
    #[must_use]
    pub fn first(&self) -> &DatedFlight {
        self.flights.first().expect("an itinerary has a flight")
    }

    /// Its last flight, which is the first where there is one only.
    #[must_use]
    pub fn last(&self) -> &DatedFlight {
        self.flights.last().expect("an itinerary has a flight")
    }
}
