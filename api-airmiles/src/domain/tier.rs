//! Tiers, and the way to the next.

use api_types::{Miles, NextTier, Tier};
use reference_data::earning::EarningChart;

/// The tier above, and the status miles missing to it; `None` at the highest.
///
/// Source: docs/programme-rules.md, "Tiers".
#[must_use]
pub fn next_tier(chart: &EarningChart, tier: Tier, status_miles: Miles) -> Option<NextTier> {
    let next = Tier::ALL.into_iter().find(|each| *each > tier)?;
    let required = chart.status_threshold(next);
    Some(NextTier {
        tier: next,
        status_miles_required: required,
        status_miles_missing: Miles((required.0 - status_miles.0).max(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_tier_is_the_one_above_and_never_less_than_nothing_is_missing() {
        let chart = reference_data::earning::charts().at("2026-11-21T09:00:00Z".parse().unwrap());
        for (tier, status_miles, next, missing) in [
            (Tier::Coast, 0, Some(Tier::Ridge), 10_000),
            (Tier::Coast, 9_999, Some(Tier::Ridge), 1),
            (Tier::Coast, 10_000, Some(Tier::Ridge), 0), // reached, not yet awarded
            (Tier::Coast, 70_000, Some(Tier::Ridge), 0),
            (Tier::Ridge, 12_300, Some(Tier::Stratus), 12_700),
            (Tier::Stratus, 0, Some(Tier::Zenith), 60_000), // a new year
            (Tier::Zenith, 88_400, None, 0),
        ] {
            let found = next_tier(chart, tier, Miles(status_miles));
            assert_eq!(found.as_ref().map(|found| found.tier), next, "{tier} with {status_miles}");
            let found = found.map_or(Miles(0), |found| found.status_miles_missing);
            assert_eq!(found, Miles(missing), "{tier} with {status_miles}");
        }
    }
}
