//! The airports Tern serves and the metropolitan areas they make up.
//!
//! Source: `data/airports.json`, extracted by `data/extract_airports.py` from the PyPI package `airportsdata`
//! (MIT licence, `data/airportsdata-LICENSE.txt`). The script selects the airports and corrects cities (Narita
//! serves Tokyo), abbreviated names and aliases.
//!
//! One code means one thing: IST, SHA and BKK name both a city and one of its airports, so Tern serves one airport
//! there and has no metropolitan area of that code. A second airport needs a wire format that tells both apart.

use std::sync::LazyLock;

use api_types::{Iata, Zone};
use serde::Deserialize;

/// An airport that Tern serves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ServedAirport {
    /// Its code.
    pub iata: Iata,
    /// Its name in English.
    pub name: &'static str,
    /// The city it serves, in English: Tokyo for Narita.
    pub city: &'static str,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its time zone.
    pub zone: Zone,
    /// The code of its metropolitan area, where Tern serves several airports there.
    pub metro: Option<Iata>,
    /// Other names under which people look for it.
    #[serde(borrow)]
    pub aliases: Vec<&'static str>,
}

/// A city with several served airports and a code of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MetroArea {
    /// Its code; never the code of an airport as well.
    pub iata: Iata,
    /// The city, in English.
    pub city: &'static str,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
    /// Other names under which people look for it.
    #[serde(borrow)]
    pub aliases: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "ServedAirport: Deserialize<'de>, MetroArea: Deserialize<'de>"))] // texts stay in the binary
struct Extract {
    airports: Vec<ServedAirport>,
    metros: Vec<MetroArea>,
}

struct Places {
    extract: Extract,
    /// The position of each served airport by [`slot`] of its code, [`UNSERVED`] elsewhere.
    positions: Vec<u8>,
}

const UNSERVED: u8 = u8::MAX;

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let extract: Extract = serde_json::from_str(include_str!("../data/airports.json"))
        .expect("data/airports.json has the shape its script writes");
    let mut positions = vec![UNSERVED; 26 * 26 * 26];
    for (position, airport) in extract.airports.iter().enumerate() {
        positions[slot(airport.iata)] =
            u8::try_from(position).expect("data/airports.json holds fewer than 255 airports");
    }
    Places { extract, positions }
});

/// Every airport Tern serves, region by region. The order is the same in every run.
#[must_use]
pub fn airports() -> &'static [ServedAirport] {
    &PLACES.extract.airports
}

/// The served airport of this code; `None` for metropolitan areas and airports that Tern doesn't serve.
#[must_use]
pub fn airport(iata: Iata) -> Option<&'static ServedAirport> {
    position(iata).map(|position| &airports()[position])
}

/// The index of the airport in [`airports`], for tables by airport.
#[must_use]
pub fn position(iata: Iata) -> Option<usize> {
    let position = PLACES.positions[slot(iata)];
    (position != UNSERVED).then_some(usize::from(position))
}

/// Every metropolitan area with several served airports.
#[must_use]
pub fn metros() -> &'static [MetroArea] {
    &PLACES.extract.metros
}

/// The metropolitan area of this code.
#[must_use]
pub fn metro(iata: Iata) -> Option<&'static MetroArea> {
    metros().iter().find(|metro| metro.iata == iata)
}

/// The served airports of a code: one for an airport's code, all of the city for a metropolitan area's, none for an
/// unknown code.
#[must_use]
pub fn airports_of(iata: Iata) -> Vec<Iata> {
    match airport(iata) {
        Some(airport) => vec![airport.iata],
        None => airports().iter().filter(|each| each.metro == Some(iata)).map(|each| each.iata).collect(),
    }
}

/// The code of the city that an airport is in: its metropolitan area's, or its own where it has none. A metropolitan
/// area's code stands for itself.
#[must_use]
pub fn city_of(iata: Iata) -> Iata {
    airport(iata).and_then(|airport| airport.metro).unwrap_or(iata)
}

/// Whether two codes are of one city: Narita and Haneda, Tokyo and Haneda, or the same code twice.
#[must_use]
pub fn same_city(one: Iata, other: Iata) -> bool {
    city_of(one) == city_of(other)
}

/// The number of a code among all codes of three letters.
fn slot(iata: Iata) -> usize {
    iata.as_str().bytes().fold(0, |slot, letter| slot * 26 + usize::from(letter - b'A'))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn code(text: &str) -> Iata {
        text.parse().unwrap()
    }

    #[test]
    fn airports_serve_the_city_people_travel_to() {
        for (iata, city, country, zone, metro) in [
            ("NRT", "Tokyo", "JP", "Asia/Tokyo", Some("TYO")),
            ("HND", "Tokyo", "JP", "Asia/Tokyo", Some("TYO")),
            ("LHR", "London", "GB", "Europe/London", Some("LON")),
            ("MXP", "Milan", "IT", "Europe/Rome", Some("MIL")),
            ("EWR", "Newark", "US", "America/New_York", Some("NYC")),
            ("ORD", "Chicago", "US", "America/Chicago", Some("CHI")),
            ("YYZ", "Toronto", "CA", "America/Toronto", Some("YTO")),
            ("EZE", "Buenos Aires", "AR", "America/Argentina/Buenos_Aires", Some("BUE")),
            ("KTM", "Kathmandu", "NP", "Asia/Kathmandu", None),
            ("SFO", "San Francisco", "US", "America/Los_Angeles", None),
        ] {
            let airport = airport(code(iata)).unwrap();
            assert_eq!((airport.city, airport.country), (city, country), "{iata}");
            assert_eq!(airport.zone.as_str(), zone, "{iata}");
            assert_eq!(airport.metro, metro.map(code), "{iata}");
        }
    }

    #[test]
    fn a_code_means_one_thing() {
        let mut seen = BTreeSet::new();
        for iata in airports().iter().map(|each| each.iata).chain(metros().iter().map(|each| each.iata)) {
            assert!(seen.insert(iata), "{iata} is there twice");
        }
        assert!(airports().len() >= 160, "{}", airports().len());
    }

    #[test]
    fn a_metropolitan_area_has_several_airports_in_one_country() {
        let mut members = BTreeMap::<Iata, usize>::new();
        for airport in airports() {
            if let Some(code) = airport.metro {
                assert_eq!(metro(code).map(|metro| metro.country), Some(airport.country), "{code}");
                *members.entry(code).or_default() += 1;
            }
        }
        for metro in metros() {
            assert!(members[&metro.iata] >= 2, "{}", metro.iata);
        }
    }

    #[test]
    fn a_code_stands_for_its_airports() {
        for (asked, answered) in [
            ("SFO", vec!["SFO"]),
            ("TYO", vec!["NRT", "HND"]),
            ("LON", vec!["LHR", "LGW", "LCY"]),
            ("XQZ", vec![]),
        ] {
            assert_eq!(
                airports_of(code(asked)),
                answered.into_iter().map(code).collect::<Vec<_>>(),
                "{asked}"
            );
        }
        assert_eq!(airport(code("TYO")), None);
    }

    #[test]
    fn airports_of_one_metropolitan_area_are_one_city() {
        for (one, other, same) in [
            ("NRT", "HND", true),
            ("TYO", "HND", true),
            ("SFO", "SFO", true),
            ("SFO", "NRT", false),
            ("LHR", "HND", false),
            ("XQZ", "XQZ", true),
            ("XQZ", "SFO", false),
        ] {
            assert_eq!(same_city(code(one), code(other)), same, "{one} and {other}");
        }
    }

    #[test]
    fn local_and_former_names_are_known() {
        for (alias, iata) in [
            ("München", "MUC"),
            ("København", "CPH"),
            ("Wien", "VIE"),
            ("Bombay", "BOM"),
            ("Saigon", "SGN"),
            ("NYC", "EWR"),
        ] {
            assert!(airport(code(iata)).unwrap().aliases.contains(&alias), "{alias}");
        }
    }

    #[test]
    fn words_are_whole_and_places_are_on_earth() {
        for airport in airports() {
            let words = [airport.name, airport.city].into_iter().chain(airport.aliases.iter().copied());
            for word in words {
                assert!(!word.is_empty() && word.trim() == word && !word.contains("  "), "{word:?}");
                assert!(!word.contains('/'), "{word:?} is two names");
            }
            assert!(airport.country.len() == 2 && airport.country.bytes().all(|b| b.is_ascii_uppercase()));
            assert!(airport.latitude.abs() < 90.0 && airport.longitude.abs() <= 180.0, "{}", airport.iata);
        }
    }
}
