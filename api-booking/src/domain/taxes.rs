//! Taxes, fees and charges on a ticket.
//!
//! Source: `data/taxes.json`, Tern's own price list in US dollars: named as on tickets, of about their size.

use std::sync::LazyLock;

use serde::Deserialize;

use super::itinerary::Itinerary;

/// One tax, fee or charge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tax {
    /// Its code on the ticket.
    pub(super) code: &'static str,
    /// What it is, in words.
    pub(super) name: &'static str,
    levied: Levied,
    /// The countries that levy it; none given: all.
    #[serde(borrow, default)]
    countries: Vec<&'static str>,
    /// Countries that don't.
    #[serde(borrow, default)]
    not_countries: Vec<&'static str>,
    /// Whether infants without a seat pay it.
    pub(super) infants: bool,
}

/// What a tax is levied on.
#[derive(Debug, Deserialize)]
#[serde(tag = "per", rename_all = "snake_case", deny_unknown_fields)]
enum Levied {
    /// Once, whatever the country, if the trip is longer than that.
    Trip { over_mi: u32, minor: i64 },
    /// Once, where the trip begins in the country (and, if given, is longer than that).
    Origin {
        #[serde(default)]
        over_mi: u32,
        minor: i64,
    },
    /// Once, where the trip begins in the country and ends in another.
    DepartureAbroad { minor: i64 },
    /// Once, where the trip ends in the country and began in another.
    ArrivalFromAbroad { minor: i64 },
    /// For each flight that leaves in the country.
    Segment { minor: i64 },
    /// For each flight of a trip that stays in the country.
    DomesticSegment { minor: i64 },
    /// A share of the fare of a trip that stays in the country, in thousandths.
    DomesticFare { permille: i64 },
}

/// What one passenger owes under one tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Levy {
    each_minor: i64,
    fare_permille: i64,
}

impl Levy {
    /// The amount for somebody who pays `fare_minor`; fractions of a cent are dropped.
    pub(super) fn amount_minor(&self, fare_minor: i64) -> i64 {
        self.each_minor + fare_minor * self.fare_permille / 1000
    }
}

/// In the order of the price list.
fn taxes() -> &'static [Tax] {
    static TAXES: LazyLock<Vec<Tax>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../data/taxes.json"))
            .expect("data/taxes.json lists what is levied on what")
    });
    &TAXES
}

/// The countries of a trip, looked up once for all taxes.
pub(super) struct TaxedTrip<'a> {
    itinerary: &'a Itinerary,
    origin: &'static str,
    destination: &'static str,
    distance_mi: u32,
}

impl<'a> TaxedTrip<'a> {
    pub(super) fn of(itinerary: &'a Itinerary) -> Self {
        Self {
            itinerary,
            origin: country(itinerary.from()),
            destination: country(itinerary.to()),
            distance_mi: itinerary.distance_mi(),
        }
    }

    /// Each tax that one passenger owes something under, in the order of the price list.
    pub(super) fn levies(&self) -> impl Iterator<Item = (&'static Tax, Levy)> {
        taxes().iter().filter_map(|tax| Some((tax, self.levy(tax)?)))
    }

    /// What one passenger owes under `tax`; `None` if nothing.
    fn levy(&self, tax: &Tax) -> Option<Levy> {
        let here = |country: &str| {
            (tax.countries.is_empty() || tax.countries.contains(&country))
                && !tax.not_countries.contains(&country)
        };
        let departures =
            || self.itinerary.flights.iter().filter(|flight| here(country(flight.from))).count() as i64;
        let (begins, ends) = (here(self.origin), here(self.destination));
        let crosses = self.origin != self.destination;
        let flat = |minor: i64| Some(Levy { each_minor: minor, fare_permille: 0 });
        match tax.levied {
            Levied::Trip { over_mi, minor } if self.distance_mi > over_mi => flat(minor),
            Levied::Origin { over_mi, minor } if begins && self.distance_mi >= over_mi => flat(minor),
            Levied::DepartureAbroad { minor } if begins && crosses => flat(minor),
            Levied::ArrivalFromAbroad { minor } if ends && crosses => flat(minor),
            Levied::Segment { minor } if departures() > 0 => flat(minor * departures()),
            Levied::DomesticSegment { minor } if begins && !crosses => flat(minor * departures()),
            Levied::DomesticFare { permille } if begins && !crosses => {
                Some(Levy { each_minor: 0, fare_permille: permille })
            }
            Levied::Trip { .. }
            | Levied::Origin { .. }
            | Levied::DepartureAbroad { .. }
            | Levied::ArrivalFromAbroad { .. }
            | Levied::Segment { .. }
            | Levied::DomesticSegment { .. }
            | Levied::DomesticFare { .. } => None,
        }
    }
}

fn country(airport: api_types::Iata) -> &'static str {
    reference_data::airport(airport).map_or("", |airport| airport.country)
}
