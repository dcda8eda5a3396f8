//! Names of cabins, fares and parties.

use api_types::{Cabin, FareFamily, PassengerType};

use super::price_table::people;
use crate::route::Party;

/// `Premium economy`.
#[must_use]
pub fn cabin_name(cabin: Cabin) -> &'static str {
    match cabin {
        Cabin::Economy => "Economy",
        Cabin::PremiumEconomy => "Premium economy",
        Cabin::Business => "Business",
        Cabin::First => "First",
    }
}

/// `Classic`.
#[must_use]
pub fn family_name(family: FareFamily) -> &'static str {
    match family {
        FareFamily::Light => "Light",
        FareFamily::Classic => "Classic",
        FareFamily::Flex => "Flex",
    }
}

/// `2 adults, 1 child`.
#[must_use]
pub fn party_words(party: Party) -> String {
    people_words(party.adults(), party.children(), party.infants())
}

/// As [`party_words`], of numbers that may not make a party.
#[must_use]
pub fn people_words(adults: u8, children: u8, infants: u8) -> String {
    [(PassengerType::Adult, adults), (PassengerType::Child, children), (PassengerType::Infant, infants)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(passenger_type, count)| people(passenger_type, count))
        .collect::<Vec<_>>()
        .join(", ")
}
