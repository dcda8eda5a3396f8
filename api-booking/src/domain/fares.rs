//! What an itinerary costs, and what a fare allows.
//!
//! A fare is a function of distance, cabin and family, season, day of the week, days before departure, and demand,
//! which is invented but always the same for the same route, flight and day. An offer can therefore be priced again
//! when it is booked. Filed fares per route and class would be tens of thousands of rows of invented prices.
//!
//! A return trip is two fares. All numbers are `data/fares.json`. Amounts are whole cents; each step drops fractions of a
//! cent, so that every machine computes the same price and sums add up.

use std::{collections::BTreeMap, sync::LazyLock};

use api_types::{
    Cabin, ChangeTerms, Currency, FareConditions, FareFamily, Money, PassengerType, Price, PriceShare,
    RefundTerms, TaxLine, UtcInstant,
};
use serde::Deserialize;

use super::itinerary::Itinerary;
use super::party::Party;
use super::taxes::TaxedTrip;

/// Fares are whole dollars.
const ROUNDED_TO_MINOR: i64 = 100;

/// What `party` pays for `itinerary` in `cabin` under `family` if it is priced at `now`, taxes in; `None` if not
/// every flight has the cabin.
#[must_use]
pub fn price(
    itinerary: &Itinerary,
    cabin: Cabin,
    family: FareFamily,
    party: &Party,
    now: UtcInstant,
) -> Option<Price> {
    let adult_fare = adult_fare_minor(itinerary, cabin, family, now)?;
    let trip = TaxedTrip::of(itinerary);
    let fare = PassengerType::ALL.map(|each| passenger_fare_minor(adult_fare, each));
    let count = |each: PassengerType| i64::from(party.count(each));
    let mut each_minor = fare;
    let mut tax_lines = Vec::with_capacity(8);
    for (tax, levy) in trip.levies() {
        let mut line_minor = 0;
        for each in PassengerType::ALL.into_iter().filter(|each| tax.infants || each.has_seat()) {
            let amount = levy.amount_minor(fare[each as usize]);
            each_minor[each as usize] += amount;
            line_minor += amount * count(each);
        }
        if line_minor > 0 {
            let (code, name) = (tax.code.to_owned(), tax.name.to_owned());
            tax_lines.push(TaxLine { code, name, amount_minor: line_minor });
        }
    }
    let travelling = || PassengerType::ALL.into_iter().filter(|each| party.count(*each) > 0);
    Some(Price {
        amount_minor: travelling().map(|each| each_minor[each as usize] * count(each)).sum(),
        currency: Currency::usd(),
        fare_minor: travelling().map(|each| fare[each as usize] * count(each)).sum(),
        taxes: tax_lines,
        shares: travelling()
            .map(|each| PriceShare {
                passenger_type: each,
                count: party.count(each),
                each_minor: each_minor[each as usize],
            })
            .collect(),
    })
}

/// What one adult pays for `itinerary` in `cabin` under the cheapest family, taxes in; `None` if not every flight
/// has the cabin. It is the amount of [`price`] for one adult, worked out without its lines.
#[must_use]
pub fn lowest_for_one_adult(itinerary: &Itinerary, cabin: Cabin, now: UtcInstant) -> Option<Money> {
    let fare = adult_fare_minor(itinerary, cabin, FareFamily::Light, now)?;
    let trip = TaxedTrip::of(itinerary);
    let amount_minor = fare + trip.levies().map(|(_, levy)| levy.amount_minor(fare)).sum::<i64>();
    Some(Money { amount_minor, currency: Currency::usd() })
}

/// What a fare allows.
#[must_use]
pub fn conditions(cabin: Cabin, family: FareFamily) -> FareConditions {
    let written = &TARIFF.conditions[&cabin][&family];
    let fee = |minor| Money { amount_minor: minor, currency: Currency::usd() };
    FareConditions {
        checked_bags: written.checked_bags,
        change: match written.change_fee_minor {
            None => ChangeTerms::NotAllowed,
            Some(0) => ChangeTerms::Free,
            Some(minor) => ChangeTerms::Fee { fee: fee(minor) },
        },
        refund: match written.refund_fee_minor {
            None => RefundTerms::TaxesOnly,
            Some(0) => RefundTerms::Full,
            Some(minor) => RefundTerms::Fee { fee: fee(minor) },
        },
    }
}

/// The numbers of `data/fares.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tariff {
    /// What the shortest trip costs.
    base_minor: i64,
    /// What each further mile costs, in tenths of a cent.
    distance_bands: Vec<DistanceBand>,
    cabin_percent: BTreeMap<Cabin, i64>,
    family_percent: BTreeMap<FareFamily, i64>,
    passenger_percent: BTreeMap<PassengerType, i64>,
    /// An itinerary with a change of plane costs less.
    change_of_plane_percent: i64,
    /// Monday first.
    weekday_percent: [i64; 7],
    seasons: Vec<Season>,
    days_before_percent: Vec<DaysBefore>,
    demand_percent: Demand,
    conditions: BTreeMap<Cabin, BTreeMap<FareFamily, Conditions>>,
}

#[derive(Deserialize)]
struct DistanceBand {
    up_to_mi: u32,
    tenths_per_mi: i64,
}

/// `MM-DD` to `MM-DD`, both included; over the turn of the year if the first is later.
#[derive(Deserialize)]
struct Season {
    from: String,
    until: String,
    percent: i64,
}

#[derive(Deserialize)]
struct DaysBefore {
    below: i64,
    percent: i64,
}

/// The lowest and the highest share of the fare.
#[derive(Deserialize)]
struct Demand {
    route_and_date: (i64, i64),
    flight_and_date: (i64, i64),
}

/// A fee of `null`: not at all; of 0: free.
#[derive(Deserialize)]
struct Conditions {
    checked_bags: u8,
    change_fee_minor: Option<i64>,
    refund_fee_minor: Option<i64>,
}

static TARIFF: LazyLock<Tariff> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/fares.json"))
        .expect("data/fares.json has a number for everything a fare depends on")
});

/// The fare of one adult without taxes; `None` if not every flight has the cabin.
fn adult_fare_minor(itinerary: &Itinerary, cabin: Cabin, family: FareFamily, now: UtcInstant) -> Option<i64> {
    itinerary.has_cabin(cabin).then_some(())?;
    let tariff = &*TARIFF;
    let date = itinerary.departure_date();
    let (from, to) = (itinerary.from(), itinerary.to());
    // The distance between origin and destination: a change of plane doesn't lengthen it.
    let distance_mi = reference_data::distance_mi(from, to)?;
    let change = if itinerary.flights.len() > 1 { tariff.change_of_plane_percent } else { 100 };
    let route_demand = demand(tariff.demand_percent.route_and_date, &[from.as_str(), to.as_str()], date);
    let numbers: Vec<&str> = itinerary.flights.iter().map(|flight| flight.flight_number.as_str()).collect();
    let flight_demand = demand(tariff.demand_percent.flight_and_date, &numbers, date);
    let days_before = now.minutes_until(itinerary.departure()).div_euclid(24 * 60);

    let percents = [
        tariff.cabin_percent[&cabin],
        tariff.family_percent[&family],
        change,
        tariff.weekday_percent[usize::from(date.weekday()) - 1],
        tariff.season_percent(date),
        tariff.days_before(days_before),
        route_demand,
        flight_demand,
    ];
    let fare = percents
        .into_iter()
        .fold(tariff.distance_fare_minor(distance_mi), |fare, percent| fare * percent / 100);
    Some(fare / ROUNDED_TO_MINOR * ROUNDED_TO_MINOR)
}

/// A share of the adult's fare, in whole dollars.
fn passenger_fare_minor(adult_minor: i64, passenger_type: PassengerType) -> i64 {
    let share = adult_minor * TARIFF.passenger_percent[&passenger_type] / 100;
    share / ROUNDED_TO_MINOR * ROUNDED_TO_MINOR
}

impl Tariff {
    fn distance_fare_minor(&self, distance_mi: u32) -> i64 {
        let (mut tenths, mut from_mi) = (0, 0);
        for band in &self.distance_bands {
            let miles = distance_mi.min(band.up_to_mi).saturating_sub(from_mi);
            tenths += i64::from(miles) * band.tenths_per_mi;
            from_mi = band.up_to_mi;
        }
        self.base_minor + tenths / 10
    }

    fn season_percent(&self, date: api_types::LocalDate) -> i64 {
        let day = format!("{:02}-{:02}", date.month(), date.day());
        let holds = |season: &&Season| {
            let (after, before) = (season.from <= day, day <= season.until);
            if season.from <= season.until { after && before } else { after || before }
        };
        self.seasons.iter().find(holds).map_or(100, |season| season.percent)
    }

    fn days_before(&self, days: i64) -> i64 {
        self.days_before_percent.iter().find(|each| days < each.below).map_or(100, |each| each.percent)
    }
}

/// A number between the two bounds that looks random and is the same whenever words and date are.
fn demand((lowest, highest): (i64, i64), words: &[&str], date: api_types::LocalDate) -> i64 {
    let day = (date.year() * 400 + i32::from(date.month()) * 32 + i32::from(date.day())).to_le_bytes();
    // FNV-1a, then a multiplication that spreads the last bytes over all bits.
    let bytes = words.iter().flat_map(|word| word.bytes().chain([b' '])).chain(day);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let spread = (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    lowest + (spread % (highest - lowest + 1).unsigned_abs()) as i64
}

#[cfg(test)]
mod tests;
