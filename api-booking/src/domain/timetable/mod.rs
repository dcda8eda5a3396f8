//! Tern's timetable: which flights leave on a day, how they connect, and what an itinerary's id means.
//!
//! The timetable (`data/timetable.txt`) has each flight once, with its local departure time and its days; a dated
//! flight is computed on request and stored nowhere.

mod connections;
mod file;

use std::sync::{LazyLock, OnceLock};

use api_types::{FlightNumber, FlightTime, Iata, LocalDate, UtcInstant};

use super::aircraft::fleet;
use super::itinerary::{DatedFlight, Itinerary};
use super::{connection, zone};
use file::{Timetable, TimetabledFlight};

/// The designator before every flight number.
const AIRLINE: &str = "TN";

/// The flights Tern sells.
#[derive(Debug)]
pub struct Schedule {
    timetable: Timetable,
    /// Flight number and position of each flight, by number; made when an id is first looked up.
    by_number: OnceLock<Vec<(u16, u32)>>,
}

/// A flight on a day, as searching weighs it: no text, no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leg {
    /// The flight's position in the timetable.
    flight: u32,
    date: LocalDate,
    /// Seconds since 1970.
    departs: i64,
    /// Seconds since 1970.
    arrives: i64,
}

impl Schedule {
    /// The schedule in force, read at first use.
    #[must_use]
    pub fn current() -> &'static Self {
        static CURRENT: LazyLock<Schedule> =
            LazyLock::new(|| Schedule::read(include_str!("../../../data/timetable.txt")));
        &CURRENT
    }

    /// Reads a timetable in the format of `data/timetable.txt`.
    ///
    /// # Panics
    /// When it is malformed: the tests read the timetable that is compiled in.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let timetable = Timetable::read(text).expect("data/timetable.txt is a whole timetable");
        Self { timetable, by_number: OnceLock::new() }
    }

    /// The ways from `from` to `to` (airports or metropolitan areas) that leave on `date`, local where they
    /// leave, by time of departure. At most 20, of at most 20 different
    /// flights. What leaves within an hour of `now` is not sold any more.
    #[must_use]
    pub fn itineraries(&self, from: Iata, to: Iata, date: LocalDate, now: UtcInstant) -> Vec<Itinerary> {
        let found = connections::search(self, from, to, date, now);
        found
            .into_iter()
            .map(|(first, second)| Itinerary {
                flights: [Some(first), second].into_iter().flatten().map(|leg| self.dated(leg)).collect(),
            })
            .collect()
    }

    /// The itinerary of this id; `None` if no such flights leave on those dates or they don't connect.
    #[must_use]
    pub fn itinerary(&self, id: &str) -> Option<Itinerary> {
        let legs: Vec<Leg> = id.splitn(3, '_').map(|part| self.leg_of(part)).collect::<Option<_>>()?;
        let connected = match legs[..] {
            [_] => true,
            [first, second] => self.connects(first, second),
            _ => false,
        };
        let itinerary = Itinerary { flights: legs.into_iter().map(|leg| self.dated(leg)).collect() };
        // One itinerary has one id: `TN07` or `+0261205` would be a second one.
        (connected && itinerary.id() == id).then_some(itinerary)
    }

    /// The flight of this number on `date`, if it leaves that day.
    #[must_use]
    pub fn dated_flight(&self, number: &FlightNumber, date: LocalDate) -> Option<DatedFlight> {
        self.leg(number.as_str(), date).map(|leg| self.dated(leg))
    }

    /// How many flights leave `airport` on an average day of the year, rounded; at least one where any does.
    #[must_use]
    pub fn daily_departures(&self, airport: Iata) -> u32 {
        let Some(position) = reference_data::places::position(airport) else { return 0 };
        let routes = self.timetable.routes_from(position as u8).iter();
        // Half weeks, since a season is about half the year.
        let halves: u32 = routes
            .flat_map(|route| self.timetable.flights_of(route))
            .map(|(_, flight)| flight.times_a_week() * if flight.is_seasonal() { 1 } else { 2 })
            .sum();
        if halves == 0 { 0 } else { ((halves + 7) / 14).max(1) }
    }

    /// `flight` on `date`, which must be one of its days.
    fn leg_on(&self, position: u32, flight: &TimetabledFlight, date: LocalDate) -> Leg {
        let route = self.timetable.route_of(flight);
        let departs = zone::instant(usize::from(route.from), date, flight.minute);
        Leg { flight: position, date, departs, arrives: departs + i64::from(route.block_minutes) * 60 }
    }

    fn leg(&self, number: &str, date: LocalDate) -> Option<Leg> {
        let number: u16 = number.strip_prefix(AIRLINE)?.parse().ok()?;
        let by_number = self.by_number.get_or_init(|| {
            let flights = self.timetable.flights().iter().zip(0..);
            let mut by_number: Vec<(u16, u32)> = flights.map(|(flight, at)| (flight.number, at)).collect();
            by_number.sort_unstable();
            by_number
        });
        let found = by_number.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        let position = by_number[found].1;
        let flight = self.timetable.flight(position);
        flight.operates_on(date).then(|| self.leg_on(position, flight, date))
    }

    /// `TN231-20261205`
    fn leg_of(&self, part: &str) -> Option<Leg> {
        let (number, date) = part.split_once('-')?;
        let digits = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        let date: u32 = digits.then(|| date.parse().ok())??;
        let date = LocalDate::new((date / 10_000) as i32, (date / 100 % 100) as u8, (date % 100) as u8)?;
        self.leg(number, date)
    }

    /// Whether somebody on `first` can go on with `second`.
    fn connects(&self, first: Leg, second: Leg) -> bool {
        let route = |leg: Leg| self.timetable.route_of(self.timetable.flight(leg.flight));
        let (one, two) = (route(first), route(second));
        let layover = (second.departs - first.arrives) / 60;
        let least = i64::from(connection::minimum_minutes(one.from, one.to, two.to));
        one.to == two.from
            && one.from != two.to
            && (least..=i64::from(connection::maximum_minutes())).contains(&layover)
    }

    fn dated(&self, leg: Leg) -> DatedFlight {
        let flight = self.timetable.flight(leg.flight);
        let route = self.timetable.route_of(flight);
        let airport = |position: u8| &reference_data::airports()[usize::from(position)];
        let at = |position: u8, epoch_secs: i64| FlightTime {
            utc: UtcInstant::from_epoch_secs(epoch_secs),
            local: zone::wall_clock(usize::from(position), epoch_secs),
            zone: airport(position).zone.clone(),
        };
        let (from, to) = (airport(route.from).iata, airport(route.to).iata);
        DatedFlight {
            flight_number: format!("{AIRLINE}{}", flight.number)
                .parse()
                .expect("a timetable's flight numbers are 1 to 9999"),
            departure_date: leg.date,
            from,
            to,
            departure: at(route.from, leg.departs),
            arrival: at(route.to, leg.arrives),
            block_minutes: u32::from(route.block_minutes),
            distance_mi: reference_data::distance_mi(from, to).expect("a timetable's airports are served"),
            aircraft: &fleet()[usize::from(flight.aircraft)],
        }
    }
}

#[cfg(test)]
mod tests;
