//! Finds airports by typed text: code, city, airport or another name, with a typo or two.
//!
//! It searches the list from `GET /airports` (5 KB) and sends no request while the user types. Exact code first, then
//! names, prefixes of names and of words, then typos: one from four letters, two from eight; a wrong first letter
//! counts twice, swapped letters once. Among equals the busier airport comes first. A fuzzy-search crate
//! (`nucleo-matcher`) adds 30 KB and doesn't rank by typos; names in other scripts need aliases.

mod fold;

use api_types::{Airport, Airports, Iata, Metro};

use fold::fold;

use crate::order;

/// An airport or a city that can be searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The IATA code of the airport or metro area.
    pub iata: Iata,
    pub city: String,
    /// The airport's name; none for all airports of a city.
    pub airport: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: String,
}

impl Place {
    /// `San Francisco (SFO)`, `Tokyo, all airports (TYO)`.
    #[must_use]
    pub fn label(&self) -> String {
        let all = if self.airport.is_none() { ", all airports" } else { "" };
        [&self.city, all, " (", self.iata.as_str(), ")"].concat()
    }
}

/// How well a place matches the typed text; lower is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Code,
    OfThatCity, // an airport of the metropolitan area whose code was typed
    WholeName,
    StartOfName,
    StartOfWord,
    Typos(u8),
}

/// The airports and cities, indexed for search.
#[derive(Debug, PartialEq)]
pub struct AirportIndex {
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq)]
struct Entry {
    place: Place,
    metro: Option<Iata>,
    names: Vec<String>, // folded
    daily_departures: u32,
}

impl AirportIndex {
    #[must_use]
    pub fn new(list: &Airports) -> Self {
        let metros = list.metros.iter().map(|metro| Entry::of_metro(metro, &list.airports));
        let airports = list.airports.iter().map(Entry::of_airport);
        Self { entries: metros.chain(airports).collect() }
    }

    #[must_use]
    pub fn place(&self, code: Iata) -> Option<&Place> {
        self.entries.iter().map(|entry| &entry.place).find(|place| place.iata == code)
    }

    /// The places that fit `typed`, best first, at most `limit`. An exact code comes first, then names, then names
    /// with typos; among equals the busier place.
    #[must_use]
    pub fn search(&self, typed: &str, limit: usize) -> Vec<&Place> {
        let typed = fold(typed);
        if typed.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(Fit, &Entry)> =
            self.entries.iter().filter_map(|entry| Some((entry.fit(&typed)?, entry))).collect();
        order::by_key(&mut found, |(fit, entry)| (*fit, std::cmp::Reverse(entry.daily_departures)));
        found.truncate(limit);
        found.into_iter().map(|(_, entry)| &entry.place).collect()
    }
}

impl Entry {
    fn of_airport(airport: &Airport) -> Self {
        let own = [&airport.city, &airport.name].into_iter().chain(&airport.aliases).map(|name| fold(name));
        let both = fold(&[&airport.city, " ", &airport.name].concat()); // "tokyo narita"
        Self {
            place: Place {
                iata: airport.iata,
                city: airport.city.clone(),
                airport: Some(airport.name.clone()),
                country: airport.country.clone(),
            },
            metro: airport.metro,
            names: own.chain([both]).collect(),
            daily_departures: airport.daily_departures,
        }
    }

    fn of_metro(metro: &Metro, airports: &[Airport]) -> Self {
        let its_own = airports.iter().filter(|airport| airport.metro == Some(metro.iata));
        Self {
            place: Place {
                iata: metro.iata,
                city: metro.city.clone(),
                airport: None,
                country: metro.country.clone(),
            },
            metro: None,
            names: std::iter::once(&metro.city).chain(&metro.aliases).map(|name| fold(name)).collect(),
            daily_departures: its_own.map(|airport| airport.daily_departures).sum(),
        }
    }

    fn fit(&self, typed: &str) -> Option<Fit> {
        if self.place.iata.as_str().eq_ignore_ascii_case(typed) {
            return Some(Fit::Code);
        }
        if self.metro.is_some_and(|metro| metro.as_str().eq_ignore_ascii_case(typed)) {
            return Some(Fit::OfThatCity);
        }
        self.names.iter().filter_map(|name| fit_name(typed, name)).min()
    }
}

fn fit_name(typed: &str, name: &str) -> Option<Fit> {
    if name == typed {
        return Some(Fit::WholeName);
    }
    if name.starts_with(typed) {
        return Some(Fit::StartOfName);
    }
    let words = || name.match_indices(' ').map(|(at, _)| &name[at + 1..]);
    if words().any(|rest| rest.starts_with(typed)) {
        return Some(Fit::StartOfWord);
    }
    let allowed = match typed.len() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    let cost =
        std::iter::once(name).chain(words()).map(|rest| typos(typed.as_bytes(), rest.as_bytes())).min()?;
    (cost <= allowed).then_some(Fit::Typos(cost))
}

/// How many letters of `typed` are wrong, missing, too many or swapped, at least, for it to begin `name`.
/// A wrong first letter counts twice: people rarely get it wrong. Both are folded, so bytes are letters.
fn typos(typed: &[u8], name: &[u8]) -> u8 {
    // Optimal string alignment, three rows at a time; what follows in the name costs nothing.
    let width = name.len().min(typed.len() + 2) + 1;
    let mut before: Vec<u8> = Vec::new();
    let mut above: Vec<u8> = (0..width).map(|column| count(column) + u8::from(column > 0)).collect();
    for (row, letter) in typed.iter().enumerate() {
        let mut current = vec![above[0] + 1 + u8::from(row == 0)];
        for column in 1..width {
            let first = u8::from(row == 0 && column == 1);
            let wrong = if name[column - 1] == *letter { 0 } else { 1 + first };
            let mut cost = (above[column - 1] + wrong).min(above[column] + 1).min(current[column - 1] + 1);
            let swapped =
                row > 0 && column > 1 && name[column - 2] == *letter && name[column - 1] == typed[row - 1];
            if swapped {
                cost = cost.min(before[column - 2] + 1 + u8::from(row == 1 && column == 2));
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.into_iter().min().unwrap_or(u8::MAX)
}

fn count(letters: usize) -> u8 {
    u8::try_from(letters).unwrap_or(u8::MAX - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small network for tests: code, city, name, metro, aliases, departures.
    type Row = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], u32);
    const AIRPORTS: &[Row] = &[
        ("LHR", "London", "London Heathrow Airport", "LON", &["Londres"], 40),
        ("LGW", "London", "London Gatwick Airport", "LON", &["Londres"], 12),
        ("NRT", "Tokyo", "Narita International Airport", "TYO", &["Tōkyō"], 30),
        ("HND", "Tokyo", "Tokyo Haneda Airport", "TYO", &[], 34),
        ("JFK", "New York", "John F. Kennedy International Airport", "NYC", &["Kennedy"], 38),
        ("EWR", "Newark", "Newark Liberty International Airport", "NYC", &[], 20),
        ("ZRH", "Zurich", "Zurich Airport", "", &["Zürich"], 9),
        ("KEF", "Reykjavik", "Keflavik International Airport", "", &["Reykjavík"], 6),
        ("MUC", "Munich", "Munich Airport", "", &["München"], 14),
        ("CPH", "Copenhagen", "Copenhagen Kastrup Airport", "", &["København"], 11),
        ("LGB", "Long Beach", "Long Beach Airport", "", &[], 5),
        ("SFO", "San Francisco", "San Francisco International Airport", "", &[], 60),
        ("SAN", "San Diego", "San Diego International Airport", "", &[], 15),
        ("LPA", "Las Palmas", "Gran Canaria Airport", "", &[], 4),
        ("PMI", "Palma", "Palma de Mallorca Airport", "", &["Majorca"], 7),
        ("GRU", "São Paulo", "São Paulo/Guarulhos International Airport", "", &[], 18),
        ("WAW", "Warsaw", "Warsaw Chopin Airport", "", &["Warszawa"], 6),
        ("WRO", "Wrocław", "Copernicus Wrocław Airport", "", &[], 2),
    ];

    fn index() -> AirportIndex {
        let airports = AIRPORTS.iter().map(|(iata, city, name, metro, aliases, daily_departures)| Airport {
            iata: iata.parse().unwrap(),
            name: (*name).to_owned(),
            city: (*city).to_owned(),
            country: "XX".to_owned(),
            latitude: 0.0,
            longitude: 0.0,
            zone: "UTC".parse().unwrap(),
            metro: metro.parse().ok(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            daily_departures: *daily_departures,
        });
        let metro = |iata: &str, city: &str, aliases: &[&str]| Metro {
            iata: iata.parse().unwrap(),
            city: city.to_owned(),
            country: "XX".to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        };
        let metros = vec![
            metro("LON", "London", &["Londres"]),
            metro("TYO", "Tokyo", &["Tōkyō"]),
            metro("NYC", "New York", &["New York City", "Manhattan"]),
        ];
        AirportIndex::new(&Airports { airports: airports.collect(), metros })
    }

    #[test]
    fn what_people_type_finds_what_they_mean() {
        let index = index();
        for (typed, first) in [
            ("SFO", "SFO"),
            ("sfo ", "SFO"),
            ("lon", "LON"),
            ("london", "LON"),
            ("londn", "LON"),
            ("Lodnon", "LON"),
            ("heathrow", "LHR"),
            ("heathrwo", "LHR"),
            ("tokyo", "TYO"),
            ("tokio", "TYO"),
            ("Tōkyō", "TYO"),
            ("tokyo nar", "NRT"),
            ("haneda", "HND"),
            ("nyc", "NYC"),
            ("new yrok", "NYC"),
            ("manhatan", "NYC"),
            ("kennedy", "JFK"),
            ("zürich", "ZRH"),
            ("zurich", "ZRH"),
            ("reykjavk", "KEF"),
            ("munchen", "MUC"),
            ("münchen", "MUC"),
            ("mu\u{308}nchen", "MUC"), // as macOS file names spell it
            ("kobenhavn", "CPH"),
            ("københavn", "CPH"),
            ("sao paulo", "GRU"),
            ("guarulhos", "GRU"),
            ("wroclaw", "WRO"),
            ("wwarsaw", "WAW"),
            ("san", "SAN"), // an exact code goes before a busier name
            ("san f", "SFO"),
            ("pal", "PMI"),
            ("malorca", "PMI"),
        ] {
            let found = index.search(typed, 8);
            assert_eq!(found.first().map(|place| place.iata.as_str()), Some(first), "{typed}: {found:?}");
        }
    }

    #[test]
    fn the_airports_of_a_city_follow_it_busiest_first() {
        let index = index();
        for (typed, codes) in [("lon", ["LON", "LHR", "LGW"]), ("tokyo", ["TYO", "HND", "NRT"])] {
            let found: Vec<&str> = index.search(typed, 3).iter().map(|place| place.iata.as_str()).collect();
            assert_eq!(found, codes, "{typed}");
        }
    }

    #[test]
    fn what_is_too_far_off_finds_nothing() {
        let index = index();
        for typed in ["", "  ", "xqz", "zzzz", "bondon", "lxndxn", "tkk"] {
            assert_eq!(index.search(typed, 8), Vec::<&Place>::new(), "{typed}");
        }
    }

    #[test]
    fn typos_are_counted_as_letters_wrong_missing_added_or_swapped() {
        for (typed, name, cost) in [
            ("london", "london", 0),
            ("lond", "london", 0), // the rest costs nothing
            ("londn", "london", 1),
            ("lonndon", "london", 1),
            ("lindon", "london", 1),
            ("lnodon", "london", 1),
            ("oldnon", "london", 3), // swapping the first counts twice
            ("bondon", "london", 2), // a wrong first letter counts twice
            ("ondon", "london", 2),  // and so does a missing one
        ] {
            assert_eq!(typos(typed.as_bytes(), name.as_bytes()), cost, "{typed}, {name}");
        }
    }

    #[test]
    fn a_place_says_what_it_is() {
        let index = index();
        let label = |code: &str| index.place(code.parse().unwrap()).unwrap().label();
        assert_eq!(label("SFO"), "San Francisco (SFO)");
        assert_eq!(label("TYO"), "Tokyo, all airports (TYO)");
    }
}
