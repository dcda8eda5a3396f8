//! Applies a booking's event to the ledger exactly once, however often and in whatever order it arrives.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use api_types::UtcInstant;
use reference_data::earning;
use service_kit::events::queue::Applied;

use crate::domain::{BookingFact, Decision, ledger};
use crate::store::{Committed, Store, StoreError};

/// How often one delivery is tried against other writers before the queue is left to bring it again.
pub const ATTEMPTS: u32 = 10;

const FIRST_PAUSE_MS: u64 = 5;
const LONGEST_PAUSE_MS: u64 = 250;

/// Why a fact was not applied. Nothing was written, and the same delivery again is safe.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Other writers changed the member's account during each attempt.
    #[error("the member's account changed at each of {ATTEMPTS} attempts")]
    Contended,
    /// The booking belongs to another member: see [`ledger`]. No retry changes that.
    #[error("the booking belongs to another member")]
    OtherMember,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies `fact`: reads, decides, writes on condition, and begins again when another writer was faster.
///
/// `delivery` names this delivery of it; it spreads the pauses of writers that got in each other's way.
///
/// # Errors
/// When the store fails, or others were faster [`ATTEMPTS`] times. The caller leaves the message in its queue.
pub async fn apply_booking(
    store: &Store,
    fact: &BookingFact,
    delivery: &str,
    now: UtcInstant,
) -> Result<Applied, ApplyError> {
    let booking = fact.booking();
    for attempt in 1..=ATTEMPTS {
        let read = store.snapshot(&booking.member_id, &booking.record_locator).await?;
        let change = match ledger::decide(&read, fact, earning::charts(), now) {
            Decision::AlreadyApplied => return Ok(Applied::Before),
            Decision::OtherMember => return Err(ApplyError::OtherMember),
            Decision::Apply(change) => *change,
        };
        match store.commit(&booking.member_id, &read, change).await? {
            Committed::Done => return Ok(Applied::Now),
            Committed::Overtaken => tokio::time::sleep(pause(attempt, delivery)).await,
        }
    }
    Err(ApplyError::Contended)
}

/// Between nothing and a ceiling that doubles from attempt to attempt. The delivery's own name picks the point:
/// no chance is needed, and two deliveries don't wait alike.
fn pause(attempt: u32, delivery: &str) -> Duration {
    let ceiling = (FIRST_PAUSE_MS << attempt.min(16)).min(LONGEST_PAUSE_MS);
    let mut hasher = DefaultHasher::new();
    (delivery, attempt).hash(&mut hasher);
    Duration::from_millis(hasher.finish() % (ceiling + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_ceiling_and_differ_between_deliveries() {
        for attempt in 1..=ATTEMPTS {
            assert!(pause(attempt, "a") <= Duration::from_millis(LONGEST_PAUSE_MS));
        }
        assert!(pause(1, "a") <= Duration::from_millis(2 * FIRST_PAUSE_MS));
        let distinct =
            (0..50).map(|n| pause(8, &format!("delivery {n}"))).collect::<std::collections::HashSet<_>>();
        assert!(distinct.len() > 20, "{} of 50", distinct.len());
    }
}
