//! Finding the itineraries of a pair of places and a day.
//!
//! A change costs time, so only ways that somebody might choose are kept: no absurd detours, no way that leaves
//! earlier and arrives later than another, no journey far longer than the fastest.

use api_types::{Iata, LocalDate, UtcInstant};
use reference_data::places;

use super::{Leg, Schedule, file::Route};
use crate::domain::{connection, trip::SALES_CLOSE_MINUTES, zone};

/// How many itineraries a search gives at most, and of how many different flights they are made at most: seats
/// are counted per flight.
pub(super) const MOST_ITINERARIES: usize = 20;

/// What a change counts for when itineraries are ranked, in seconds: a nonstop flight may take that much longer.
const CHANGE_COUNTS_SECS: i64 = 90 * 60;

/// One or two legs.
type Way = (Leg, Option<Leg>);

/// The ways from `from` to `to` on `date`, by time of departure.
pub(super) fn search(
    schedule: &Schedule,
    from: Iata,
    to: Iata,
    date: LocalDate,
    now: UtcInstant,
) -> Vec<Way> {
    let positions = |code| places::airports_of(code).into_iter().filter_map(places::position);
    let origins: Vec<u8> = positions(from).map(|position| position as u8).collect();
    let destinations: Vec<u8> = positions(to).map(|position| position as u8).collect();
    let opens = now.plus_secs(SALES_CLOSE_MINUTES * 60).epoch_secs();

    let mut ways = Vec::new();
    for &origin in &origins {
        for &destination in destinations.iter().filter(|destination| !origins.contains(destination)) {
            let mut pair = Pair { schedule, origin, destination, date, opens, ways: Vec::new() };
            pair.add_nonstop();
            for route in schedule.timetable.routes_from(origin) {
                if !origins.contains(&route.to) && !destinations.contains(&route.to) {
                    pair.add_changing(route);
                }
            }
            ways.extend(undominated(pair.ways));
        }
    }
    choose(ways)
}

/// One pair of airports, and the ways found between them.
struct Pair<'a> {
    schedule: &'a Schedule,
    origin: u8,
    destination: u8,
    date: LocalDate,
    /// Nothing that leaves before is sold, in seconds since 1970.
    opens: i64,
    ways: Vec<Way>,
}

impl Pair<'_> {
    fn add_nonstop(&mut self) {
        if let Some(route) = self.schedule.timetable.route(self.origin, self.destination) {
            let opens = self.opens;
            let legs = legs(self.schedule, route, self.date);
            self.ways.extend(legs.filter(|leg| leg.departs >= opens).map(|leg| (leg, None)));
        }
    }

    /// Adds the ways that begin with a flight on `first` and change where it lands.
    fn add_changing(&mut self, first: &Route) {
        let Some(second) = self.schedule.timetable.route(first.to, self.destination) else { return };
        if self.is_absurd_by(first.to) {
            return;
        }
        let opens = self.opens;
        let mut firsts = legs(self.schedule, first, self.date).filter(|leg| leg.departs >= opens).peekable();
        if firsts.peek().is_none() {
            return;
        }
        let least = i64::from(connection::minimum_minutes(self.origin, first.to, self.destination)) * 60;
        let most = i64::from(connection::maximum_minutes()) * 60;
        // Who arrives on one day goes on that day or the next; nobody arrives before they left by more than a day.
        let mut seconds: Vec<Leg> = Vec::new();
        let (mut listed_from, mut listed_until) = (None, None);
        for one in firsts {
            let arrives_on = zone::wall_clock(usize::from(first.to), one.arrives).date();
            for day in [Some(arrives_on), arrives_on.plus_days(1)].into_iter().flatten() {
                if listed_from.is_none_or(|from| day < from) || listed_until.is_none_or(|until| day > until) {
                    seconds.extend(legs(self.schedule, second, day));
                    listed_from = Some(listed_from.map_or(day, |from: LocalDate| from.min(day)));
                    listed_until = Some(listed_until.map_or(day, |until: LocalDate| until.max(day)));
                }
            }
            // A later second flight arrives later: only the earliest is worth taking.
            let window = one.arrives + least..=one.arrives + most;
            let best =
                seconds.iter().filter(|two| window.contains(&two.departs)).min_by_key(|two| two.arrives);
            self.ways.extend(best.map(|two| (one, Some(*two))));
        }
    }

    /// Whether changing at `via` leads too far out of the way: over half as far again, and 300 miles.
    fn is_absurd_by(&self, via: u8) -> bool {
        let distance_mi = |from: u8, to: u8| {
            let iata = |position: u8| places::airports()[usize::from(position)].iata;
            reference_data::distance_mi(iata(from), iata(to)).unwrap_or(u32::MAX / 4)
        };
        let by_way = distance_mi(self.origin, via) + distance_mi(via, self.destination);
        by_way > distance_mi(self.origin, self.destination) * 3 / 2 + 300
    }
}

/// The flights of `route` on `date`.
fn legs<'a>(schedule: &'a Schedule, route: &'a Route, date: LocalDate) -> impl Iterator<Item = Leg> + 'a {
    let flights = schedule.timetable.flights_of(route);
    flights
        .filter(move |(_, flight)| flight.operates_on(date))
        .map(move |(position, flight)| schedule.leg_on(position, flight, date))
}

fn arrives(way: &Way) -> i64 {
    way.1.unwrap_or(way.0).arrives
}

fn duration(way: &Way) -> i64 {
    arrives(way) - way.0.departs
}

/// `ways` between two airports without those that change while another leaves no earlier and arrives no later.
fn undominated(mut ways: Vec<Way>) -> Vec<Way> {
    ways.sort_by_key(|way| (std::cmp::Reverse(way.0.departs), arrives(way), way.1.is_some()));
    let mut earliest_arrival = i64::MAX;
    ways.retain(|way| {
        let better = arrives(way) < earliest_arrival;
        earliest_arrival = earliest_arrival.min(arrives(way));
        better || way.1.is_none()
    });
    ways
}

/// The best of `ways` within the limits of a search, by time of departure.
fn choose(mut ways: Vec<Way>) -> Vec<Way> {
    let fastest = ways.iter().map(duration).min().unwrap_or(0);
    ways.retain(|way| way.1.is_none() || duration(way) <= fastest * 3 / 2 + 5 * 3600);
    ways.sort_by_key(|way| {
        let change = if way.1.is_some() { CHANGE_COUNTS_SECS } else { 0 };
        (duration(way) + change, way.0.departs, way.0.flight)
    });
    let mut flights: Vec<(u32, LocalDate)> = Vec::with_capacity(MOST_ITINERARIES);
    let mut chosen: Vec<Way> = Vec::with_capacity(MOST_ITINERARIES);
    for way in ways {
        let legs = [Some(way.0), way.1].into_iter().flatten().map(|leg| (leg.flight, leg.date));
        let new: Vec<_> = legs.filter(|leg| !flights.contains(leg)).collect();
        if flights.len() + new.len() <= MOST_ITINERARIES {
            flights.extend(new);
            chosen.push(way);
            if chosen.len() == MOST_ITINERARIES {
                break;
            }
        }
    }
    chosen.sort_by_key(|way| (way.0.departs, arrives(way), way.0.flight));
    chosen
}
