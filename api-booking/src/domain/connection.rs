//! How long changing from one flight to the next takes at least, and may take at most.
//!
//! Source: `data/connecting-times.json`. A change is within one airport; Tern sells none between airports.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

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
    /// Countries without border controls between them.
    areas: Vec<Vec<String>>,
    default: ConnectingTimes,
    countries: BTreeMap<String, ConnectingTimes>,
    airports: BTreeMap<String, ConnectingTimes>,
}

struct Connections {
    max_layover: u16,
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

/// The minutes that Tern lets anybody wait at most.
pub(crate) fn maximum_minutes() -> u16 {
    CONNECTIONS.max_layover
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_take_their_time() {
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
