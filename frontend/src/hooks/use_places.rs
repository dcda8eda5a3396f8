//! Names of airports.

use std::rc::Rc;

use api_types::{Airports, Iata};
use yew::prelude::*;

use super::use_airports;

/// The names of airports; their codes until the names are loaded.
#[derive(Clone, PartialEq, Default)]
pub struct Places(Option<Rc<Airports>>);

impl Places {
    /// The names in `airports`.
    #[must_use]
    pub fn of(airports: Rc<Airports>) -> Self {
        Self(Some(airports))
    }

    /// The city that the airport serves, or that the metropolitan area is named after: `San Francisco`.
    #[must_use]
    pub fn city(&self, airport: Iata) -> AttrValue {
        let known = self.0.as_ref().and_then(|all| {
            let of_airport = all.airports.iter().find(|each| each.iata == airport).map(|each| &each.city);
            of_airport.or_else(|| all.metros.iter().find(|each| each.iata == airport).map(|each| &each.city))
        });
        known.map_or_else(|| airport.as_str().to_owned().into(), |city| city.clone().into())
    }

    /// City and code: `San Francisco (SFO)`; the code alone until names are loaded.
    #[must_use]
    pub fn city_and_code(&self, airport: Iata) -> String {
        let city = self.city(airport);
        if city == airport.as_str() {
            city.to_string()
        } else {
            [&city, " (", airport.as_str(), ")"].concat()
        }
    }
}

/// The names of airports. A page shows codes if they can't be loaded.
#[hook]
pub fn use_places() -> Places {
    use_airports().known().map_or_else(Places::default, |known| Places::of(known.list.clone()))
}
