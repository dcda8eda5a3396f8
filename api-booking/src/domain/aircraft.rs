//! The aircraft Tern flies, and the seats in each.

use std::{collections::BTreeMap, sync::LazyLock};

use api_types::Cabin;
use serde::Deserialize;

/// A type of aircraft in Tern's seating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AircraftType {
    /// Its code in the timetable (ICAO's, but for the A321XLR, which has none of its own).
    pub code: &'static str,
    /// What passengers know it as: `Boeing 787-9`.
    pub name: &'static str,
    seats: [u16; Cabin::ALL.len()],
}

impl AircraftType {
    /// How many seats there are in `cabin`; 0 where it has no such cabin.
    #[must_use]
    pub fn seats(&self, cabin: Cabin) -> u32 {
        u32::from(self.seats[cabin as usize])
    }
}

#[derive(Deserialize)]
struct Written {
    code: &'static str,
    name: &'static str,
    seats: BTreeMap<Cabin, u16>,
}

/// The fleet. Source: `data/aircraft.json`.
pub(crate) fn fleet() -> &'static [AircraftType] {
    static FLEET: LazyLock<Vec<AircraftType>> = LazyLock::new(|| {
        let written: Vec<Written> = serde_json::from_str(include_str!("../../data/aircraft.json"))
            .expect("data/aircraft.json lists types with their seats");
        let seated = |each: Written| AircraftType {
            code: each.code,
            name: each.name,
            seats: Cabin::ALL.map(|cabin| each.seats.get(&cabin).copied().unwrap_or(0)),
        };
        written.into_iter().map(seated).collect()
    });
    &FLEET
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_economy_and_not_every_type_has_the_rest() {
        for aircraft in fleet() {
            assert!(aircraft.seats(Cabin::Economy) > aircraft.seats(Cabin::Business), "{}", aircraft.name);
            assert!(!aircraft.name.is_empty() && aircraft.code.len() == 4);
        }
        for cabin in [Cabin::PremiumEconomy, Cabin::First] {
            assert!(fleet().iter().any(|each| each.seats(cabin) == 0), "{cabin}");
            assert!(fleet().iter().any(|each| each.seats(cabin) > 0), "{cabin}");
        }
    }
}
