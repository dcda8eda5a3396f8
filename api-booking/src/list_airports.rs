//! The airports that Tern serves.

use api_types::{Airport, Airports, Metro};

use crate::domain::Schedule;

/// Every served airport, busiest first, and the cities with more than one.
#[must_use]
pub fn list_airports() -> Airports {
    let schedule = Schedule::current();
    let mut airports: Vec<Airport> = reference_data::airports()
        .iter()
        .map(|served| Airport {
            iata: served.iata,
            name: served.name.to_owned(),
            city: served.city.to_owned(),
            country: served.country.to_owned(),
            latitude: served.latitude,
            longitude: served.longitude,
            zone: served.zone.clone(),
            metro: served.metro,
            aliases: owned(&served.aliases),
            daily_departures: schedule.daily_departures(served.iata),
        })
        .collect();
    airports.sort_by_key(|airport| (std::cmp::Reverse(airport.daily_departures), airport.iata));
    let metros = reference_data::metros().iter().map(|metro| Metro {
        iata: metro.iata,
        city: metro.city.to_owned(),
        country: metro.country.to_owned(),
        aliases: owned(&metro.aliases),
    });
    Airports { airports, metros: metros.collect() }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
