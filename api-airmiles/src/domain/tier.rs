//! Tiers, and what is missing to the next.

use api_types::{Miles, NextTier, Tier};
use reference_data::earning;

/// What a member of `tier` with `status_miles` this year lacks for the tier above; `None` at the highest.
///
/// Source: docs/programme-rules.md, "Tiers".
#[must_use]
pub fn next_tier(tier: Tier, status_miles: Miles) -> Option<NextTier> {
    let next = Tier::ALL.into_iter().find(|each| *each > tier)?;
    let required = earning::chart().status_threshold(next);
    Some(NextTier {
        tier: next,
        status_miles_required: required,
        status_miles_missing: Miles((required.0 - status_miles.0).max(0)),
    })
}
