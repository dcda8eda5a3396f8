//! The computation of a search: the itineraries of a city pair and day, each priced in its three fare families.
//!
//! No store, no HTTP, no signature: those belong to [`crate::requests`].

use std::hint::black_box;
use std::time::Instant;

use api_booking::domain::fares;
use api_booking::domain::party::Party;
use api_booking::domain::timetable::Schedule;
use api_types::{Cabin, FareFamily, Iata, LocalDate, UtcInstant};
use journeys::traveller::day;
use service_kit::Clock;

use crate::figure;
use crate::samples::Samples;

/// Pairs: long and short, metropolitan areas on either side, with and without nonstops.
pub(crate) const CITY_PAIRS: [(&str, &str); 8] = [
    ("SFO", "TYO"),
    ("LON", "NYC"),
    ("NYC", "LON"),
    ("SFO", "SEA"),
    ("LHR", "SIN"),
    ("SYD", "LON"),
    ("LAX", "CDG"),
    ("TYO", "SFO"),
];

const SEARCHES: usize = 20_000;

/// Times searches of changing pairs and days.
pub(crate) fn measure() {
    let places = reference_data::airports().len();
    println!("search of one city pair and day, {places} airports, connections included: computing only");
    let schedule = Schedule::current();
    let now = Clock::system().now();
    let party = Party::one_adult();
    let mut samples = Samples::default();
    let (mut itineraries, mut prices) = (0, 0);
    for round in 0..SEARCHES + 200 {
        let (from, to) = CITY_PAIRS[round % CITY_PAIRS.len()];
        let (from, to): (Iata, Iata) = (parsed(from), parsed(to));
        let date = day(1 + i32::try_from(round * 7 % 300).expect("below 300"));
        let begun = Instant::now();
        let (found, priced) = search(schedule, from, to, date, &party, now);
        let took = begun.elapsed();
        if round >= 200 {
            samples.add(took);
            itineraries += found;
            prices += priced;
        }
    }
    samples.print("itineraries and prices", 0.3, 1.0);
    figure::note(&format!(
        "{} searches, {:.1} itineraries and {:.1} prices each on average",
        samples.count(),
        itineraries as f64 / SEARCHES as f64,
        prices as f64 / SEARCHES as f64
    ));
}

/// As `api_booking::search` before it reads availability; returns the numbers of itineraries and prices.
fn search(
    schedule: &Schedule,
    from: Iata,
    to: Iata,
    date: LocalDate,
    party: &Party,
    now: UtcInstant,
) -> (usize, usize) {
    let itineraries = schedule.itineraries(from, to, date, now);
    let mut prices = 0;
    for itinerary in &itineraries {
        for family in FareFamily::ALL {
            if let Some(price) = fares::price(itinerary, Cabin::Economy, family, party, now) {
                black_box(price);
                prices += 1;
            }
        }
    }
    (black_box(itineraries).len(), prices)
}

fn parsed<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("codes and dates written here are well-formed")
}
