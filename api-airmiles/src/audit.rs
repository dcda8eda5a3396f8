//! The proof that a member's ledger is consistent: entries without gaps, each with the right sums, and their sum equal to
//! the account.

use std::collections::BTreeMap;

use api_types::{MemberId, Miles, RecordLocator};

use crate::domain::{Entry, EntryId, MemberAccount, Movement, Projection};
use crate::store::{Store, StoreError};

const PAGE: u16 = 100;
const ATTEMPTS: u32 = 5;

/// A consistent ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub account: MemberAccount,
    /// Oldest first.
    pub entries: Vec<Entry>,
    pub projections: Vec<Projection>,
}

/// An inconsistency of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("expected entry number {expected}, found {found}")]
    Numbering { expected: u64, found: u64 },
    #[error("the account counts {counted} entries, the ledger holds {held}")]
    Count { counted: u64, held: u64 },
    #[error("entry {0} moves nothing")]
    MovesNothing(String),
    #[error("entry {0} carries other sums than the entries up to it add up to")]
    RunningSum(String),
    #[error("the account holds {account:?}, its entries add up to {entries:?}")]
    Sum { account: Movement, entries: Movement },
    #[error("the account is below zero: {0:?}")]
    BelowZero(Movement),
    #[error("{record_locator} was awarded {awarded}, its entries add up to {entries}")]
    Booking {
        record_locator: RecordLocator,
        /// Zero without a projection.
        awarded: Miles,
        entries: Miles,
    },
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The account changed during each attempt to read it.
    #[error("the account changed at each of {ATTEMPTS} attempts to read it")]
    Moving,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Proves a member's ledger from all of their items.
///
/// # Errors
/// With the first [`Fault`] found, or when the store can't be read at rest.
pub async fn prove(store: &Store, member_id: &MemberId) -> Result<Proof, AuditError> {
    for _ in 0..ATTEMPTS {
        let account = store.account(member_id).await?;
        let mut entries = all_entries(store, member_id).await?;
        let projections = store.projections(member_id).await?;
        // Every change that moves miles also numbers an entry, so an equal number means that nothing moved.
        if store.account(member_id).await? == account {
            entries.reverse();
            examine(&account, &entries, &projections)?;
            return Ok(Proof { account, entries, projections });
        }
    }
    Err(AuditError::Moving)
}

async fn all_entries(store: &Store, member_id: &MemberId) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let page = store.entries(member_id, before, PAGE).await?;
        entries.extend(page.entries);
        before = page.next_before;
        if before.is_none() {
            return Ok(entries);
        }
    }
}

/// Examines a ledger whose `entries` are oldest first.
///
/// # Errors
/// With the first fault found.
pub fn examine(account: &MemberAccount, entries: &[Entry], projections: &[Projection]) -> Result<(), Fault> {
    let mut sum = Movement::default();
    let mut by_booking: BTreeMap<RecordLocator, Miles> = BTreeMap::new();
    for (expected, entry) in (1..).zip(entries) {
        if entry.entry_seq != expected {
            return Err(Fault::Numbering { expected, found: entry.entry_seq });
        }
        if entry.movement == Movement::default() {
            return Err(Fault::MovesNothing(entry.id.to_string()));
        }
        sum = sum + entry.movement;
        if (sum.balance, sum.pending) != (entry.balance_after, entry.pending_after) {
            return Err(Fault::RunningSum(entry.id.to_string()));
        }
        if let EntryId::Booking { record_locator, .. } = &entry.id {
            let booked = by_booking.entry(record_locator.clone()).or_default();
            *booked = *booked + entry.movement.balance + entry.movement.pending;
        }
    }
    let held = entries.len() as u64;
    if account.last_entry_seq != held {
        return Err(Fault::Count { counted: account.last_entry_seq, held });
    }
    let account_sum = Movement { balance: account.balance, pending: account.pending };
    if account_sum != sum {
        return Err(Fault::Sum { account: account_sum, entries: sum });
    }
    if account.balance < Miles(0) || account.pending < Miles(0) {
        return Err(Fault::BelowZero(account_sum));
    }
    for projection in projections {
        let entries = by_booking.remove(&projection.record_locator).unwrap_or_default();
        if entries != projection.awarded {
            let (record_locator, awarded) = (projection.record_locator.clone(), projection.awarded);
            return Err(Fault::Booking { record_locator, awarded, entries });
        }
    }
    match by_booking.into_iter().next() {
        Some((record_locator, entries)) => Err(Fault::Booking { record_locator, awarded: Miles(0), entries }),
        None => Ok(()),
    }
}
