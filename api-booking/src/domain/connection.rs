//! How long changing from one flight to the next takes at least, and may take at most.
//!
//! Source: `data/connecting-times.json`. A connection is within one airport: Tern sells none between airports. A return
//! trip may turn around at another airport of the city.

use std::{collections::BTreeMap, sync::LazyLock};

use reference_data::places;
use serde::Deserialize;

use super::DatedFlight;

/// Minimum connecting times at one airport, in minutes, by whether each flight crosses a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectingTimes {
    /// Neither does.
    inside: u16,
    /// Only the second does.
    leaving: u16,
    /// Only the first does: passports, and in some countries the bags too.
    entering: u16,
    /// Both do.
    abroad: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    max_layover: u16,
    /// From one airport of a city to another: the longest that OAG publishes between two airports of London (LHR to
    /// LCY, oag.com/minimum-connection-time).
    between_airports: u16,
    /// Countries without border controls between them.
    areas: Vec<Vec<String>>,
    default: ConnectingTimes,
    countries: BTreeMap<String, ConnectingTimes>,
    airports: BTreeMap<String, ConnectingTimes>,
}

struct Connections {
    max_layover: u16,
    between_airports: u16,
    /// By position of the airport.
    times: Vec<ConnectingTimes>,
    /// A number for the country or area without inner borders, by position of the airport.
    areas: Vec<u16>,
}

static CONNECTIONS: LazyLock<Connections> = LazyLock::new(|| {
    let written: Written = serde_json::from_str(include_str!("../../data/connecting-times.json"))
        .expect("data/connecting-times.json has a time for each kind of change");
    let area = |country: &str| {
        let shared = written.areas.iter().position(|area| area.iter().any(|each| each == country));
        let own = || country.bytes().fold(1, |number, letter| number * 26 + u16::from(letter - b'A'));
        // Two letters after a leading 1 make at least 676: no number of an area.
        shared.map_or_else(own, |position| position as u16)
    };
    let airports = reference_data::airports();
    Connections {
        max_layover: written.max_layover,
        between_airports: written.between_airports,
        times: airports
            .iter()
            .map(|airport| {
                let airports = written.airports.get(airport.iata.as_str());
                *airports.or_else(|| written.countries.get(airport.country)).unwrap_or(&written.default)
            })
            .collect(),
        areas: airports.iter().map(|airport| area(airport.country)).collect(),
    }
});

/// The minutes that changing takes at least at airport `via`, coming from `from` and going on to `to` (all by
/// position).
pub(crate) fn minimum_minutes(from: u8, via: u8, to: u8) -> u16 {
    let times = &CONNECTIONS.times[usize::from(via)];
    let area = |airport: u8| CONNECTIONS.areas[usize::from(airport)];
    match (area(from) == area(via), area(via) == area(to)) {
        (true, true) => times.inside,
        (true, false) => times.leaving,
        (false, true) => times.entering,
        (false, false) => times.abroad,
    }
}

/// The minutes between the arrival of `out` and the departure of `back`, the next flight of the trip, at least: as for
/// a connection at that airport, or longer if `back` leaves from another airport.
///
/// Source: docs/programme-rules.md, "Turning around".
pub(crate) fn turnaround_minutes(out: &DatedFlight, back: &DatedFlight) -> u16 {
    if out.to != back.from {
        return CONNECTIONS.between_airports;
    }
    let position = |iata| places::position(iata).expect("a flight's airports are served") as u8;
    minimum_minutes(position(out.from), position(out.to), position(back.to))
}

/// The longest connection that is sold, in minutes.
pub(crate) fn maximum_minutes() -> u16 {
    CONNECTIONS.max_layover
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_a_border_takes_longer() {
        let position = |iata: &str| reference_data::places::position(iata.parse().unwrap()).unwrap() as u8;
        for (from, via, to, minutes) in [
            ("SEA", "SFO", "LAX", 45),
            ("SEA", "SFO", "NRT", 75),
            ("NRT", "SFO", "LAX", 105), // immigration, bags and customs at the first airport in the US
            ("NRT", "SFO", "LHR", 105),
            ("NRT", "JFK", "BOS", 120),
            ("MUC", "FRA", "CDG", 45), // no border between
            ("MUC", "FRA", "SFO", 60),
            ("SFO", "LHR", "DUB", 90),
            ("EDI", "LHR", "DUB", 60),
            ("SFO", "KIX", "ITM", 90),
            ("LAX", "HND", "CTS", 80),
        ] {
            let asked = minimum_minutes(position(from), position(via), position(to));
            assert_eq!(asked, minutes, "{from}-{via}-{to}");
        }
        assert_eq!(maximum_minutes(), 720);
    }
}
