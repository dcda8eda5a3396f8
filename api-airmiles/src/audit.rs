//! The proof that a member's ledger is whole: entries in unbroken order, each carrying the right sums, and their
//! sum being the account.

use std::collections::BTreeMap;

use api_types::{MemberId, Miles, RecordLocator};

use crate::domain::{Entry, EntryId, MemberAccount, Movement, Projection};
use crate::store::{Store, StoreError};

const PAGE: u16 = 100;
const ATTEMPTS: u32 = 5;

/// A ledger that was found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The account that its entries add up to.
    pub account: MemberAccount,
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// What is known of the member's bookings.
    pub projections: Vec<Projection>,
}

/// What is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A number is missing, or given twice.
    #[error("entry number {expected} was expected where {found} stands")]
    Numbering {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// Fewer or more entries than the account counts.
    #[error("the account counts {counted} entries, the ledger holds {held}")]
    Count {
        /// By the account.
        counted: u64,
        /// In the ledger.
        held: u64,
    },
    /// An entry that moves nothing.
    #[error("entry {0} moves nothing")]
    MovesNothing(String),
    /// The sums an entry carries are not those of the entries up to it.
    #[error("entry {0} carries other sums than the entries up to it add up to")]
    RunningSum(String),
    /// The account is not the sum of its entries.
    #[error("the account holds {account:?}, its entries add up to {entries:?}")]
    Sum {
        /// By the account.
        account: Movement,
        /// By its entries.
        entries: Movement,
    },
    /// More was taken back than had been given.
    #[error("the account is below zero: {0:?}")]
    BelowZero(Movement),
    /// A booking's entries don't add up to what it was awarded.
    #[error("{record_locator} was awarded {awarded}, its entries add up to {entries}")]
    Booking {
        /// The booking.
        record_locator: RecordLocator,
        /// By its projection; zero without one.
        awarded: Miles,
        /// By its entries.
        entries: Miles,
    },
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The ledger is not whole.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The account kept changing while it was read. Try again when it is quieter.
    #[error("the account changed at each of {ATTEMPTS} attempts to read it")]
    Moving,
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Proves a member's ledger from everything that is stored about them.
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

/// Examines a ledger, `entries` being oldest first.
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
    let stands = Movement { balance: account.balance, pending: account.pending };
    if stands != sum {
        return Err(Fault::Sum { account: stands, entries: sum });
    }
    if account.balance < Miles(0) || account.pending < Miles(0) {
        return Err(Fault::BelowZero(stands));
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
