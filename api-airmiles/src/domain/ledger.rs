//! The ledger: what an event changes, decided from the account and the booking's projection alone.
//!
//! An entry moves miles and is never changed: a mistake is corrected by a further entry. At every moment the sum of
//! a member's entries is their account.
//!
//! Zero-mile changes create no entry, only a new projection: a cancellation before its confirmation, a version with
//! the same miles. An entry per event would show the order in which messages arrived. Deduplication needs no such
//! entries: the projection keeps the newest version applied and the tier at the first event, so that a redelivery
//! after a promotion gives the same ledger.

use api_types::{
    BookingStatus, EntryKind, Miles, MilesLine, MilesStatus, RecordLocator, Tier, UtcInstant,
    event::BookedBound,
};
use reference_data::earning;

use super::{BookingFact, booking_lines, total};

/// Where a member stands. [`MemberAccount::default`] is a member of whom nothing is known: Coast, no miles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberAccount {
    /// By which bonuses are worked out.
    pub tier: Tier,
    /// Miles that can be spent.
    pub balance: Miles,
    /// Miles of flights not yet flown; never part of the balance.
    pub pending: Miles,
    /// Miles that counted towards the tier this year.
    pub status_miles: Miles,
    /// The number of the newest entry; 0 when there is none. Entries are numbered from 1 without gaps.
    pub last_entry_seq: u64,
}

impl MemberAccount {
    /// The account right after `entry`, its newest.
    #[must_use]
    pub fn after(self, entry: &Entry) -> Self {
        Self {
            balance: entry.balance_after,
            pending: entry.pending_after,
            last_entry_seq: entry.entry_seq,
            ..self
        }
    }
}

/// What Airmiles knows of one booking: its newest version heard of, and what the ledger holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// The booking.
    pub record_locator: RecordLocator,
    /// The newest version applied; older ones change nothing any more.
    pub applied_version: u64,
    /// The sum of this booking's entries.
    pub awarded: Miles,
    /// The member's tier when Airmiles first heard of the booking; later tiers don't change its bonus.
    pub tier: Tier,
    /// Which rules were applied.
    pub rules_version: String,
    /// Where the miles stand.
    pub status: MilesStatus,
    /// What the seats earn, or would have earned.
    pub lines: Vec<MilesLine>,
}

/// What names an entry: its cause. Never random, so that the same cause can't be entered twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EntryId {
    /// The miles a member brought along.
    Opening,
    /// A version of a booking.
    Booking {
        /// The booking.
        record_locator: RecordLocator,
        /// Its version.
        version: u64,
    },
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opening => f.write_str("opening"),
            Self::Booking { record_locator, version } => write!(f, "{record_locator}-{version}"),
        }
    }
}

/// What an entry adds to (negative: takes from) the two sides of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// Of the balance.
    pub balance: Miles,
    /// Of the pending miles.
    pub pending: Miles,
}

impl Movement {
    /// Miles that can be spent.
    #[must_use]
    pub fn of_balance(miles: Miles) -> Self {
        Self { balance: miles, pending: Miles(0) }
    }

    /// Miles promised, or no longer.
    #[must_use]
    pub fn of_pending(miles: Miles) -> Self {
        Self { balance: Miles(0), pending: miles }
    }

    /// The figure a member reads: what the balance gains or loses, else the pending miles.
    #[must_use]
    pub fn shown(self) -> Miles {
        if self.balance == Miles(0) { self.pending } else { self.balance }
    }
}

impl std::ops::Add for Movement {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { balance: self.balance + other.balance, pending: self.pending + other.pending }
    }
}

/// One entry. It carries the account right after it, so that a page of the ledger needs no arithmetic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// Its place in the member's ledger, from 1 without gaps.
    pub entry_seq: u64,
    /// What it did.
    pub kind: EntryKind,
    /// Where its miles stood with it.
    pub status: MilesStatus,
    /// What it is for, in words.
    pub description: String,
    /// What it moved. Never nothing.
    pub movement: Movement,
    /// The balance right after it.
    pub balance_after: Miles,
    /// The pending miles right after it.
    pub pending_after: Miles,
    /// When it was entered.
    pub entered_at: UtcInstant,
}

/// What a fact asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: this version, or a newer one, has been applied.
    AlreadyApplied,
    /// This change, all of it or nothing.
    Apply(Box<Change>),
}

/// What must be written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is known of the booking from now on.
    pub projection: Projection,
    /// The entry, if miles move: a fact that leaves them as they are is no entry.
    pub entry: Option<Entry>,
}

/// What `fact` does to the ledger of a member who stands as `account` says, where `known` is what was known of
/// the booking before.
///
/// The fact holds the booking's whole state, so the entry is the difference between what that state earns and
/// what the ledger already holds for it: late, repeated and skipped versions need no thought of their own.
#[must_use]
pub fn decide(
    account: &MemberAccount,
    known: Option<&Projection>,
    fact: &BookingFact,
    now: UtcInstant,
) -> Decision {
    if known.is_some_and(|known| known.applied_version >= fact.version()) {
        return Decision::AlreadyApplied;
    }
    let booking = fact.booking();
    let tier = known.map_or(account.tier, |known| known.tier);
    let lines = booking_lines(booking, tier);
    let (status, target) = match booking.status {
        BookingStatus::Confirmed => (MilesStatus::Pending, total(&lines)),
        BookingStatus::Cancelled => (MilesStatus::Reversed, Miles(0)),
    };
    let delta = target - known.map_or(Miles(0), |known| known.awarded);
    let entry = (delta != Miles(0)).then(|| {
        let id = EntryId::Booking { record_locator: booking.record_locator.clone(), version: fact.version() };
        let kind = if delta > Miles(0) { EntryKind::Accrual } else { EntryKind::Reversal };
        let trip = trip_in_words(&booking.bounds);
        let description = match booking.status {
            BookingStatus::Confirmed => trip,
            BookingStatus::Cancelled => format!("Cancelled: {trip}"),
        };
        account.enter(id, kind, status, description, Movement::of_pending(delta), now)
    });
    let projection = Projection {
        record_locator: booking.record_locator.clone(),
        applied_version: fact.version(),
        awarded: target,
        tier,
        rules_version: earning::chart().version.clone(),
        status,
        lines,
    };
    Decision::Apply(Box::new(Change { projection, entry }))
}

/// A member's enrolment: their tier, and the entry of the miles they bring, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The tier from now on.
    pub tier: Tier,
    /// The status miles they bring.
    pub status_miles: Miles,
    /// The entry of the balance they bring; none for a member who brings nothing.
    pub entry: Option<Entry>,
}

impl MemberAccount {
    /// What enrolling a member does who stands as `self` says (they may have flown before they enrolled).
    #[must_use]
    pub fn open(&self, tier: Tier, brought: Miles, status_miles: Miles, now: UtcInstant) -> Opening {
        let entry = (brought != Miles(0)).then(|| {
            let words = "Opening balance".to_owned();
            let movement = Movement::of_balance(brought);
            self.enter(EntryId::Opening, EntryKind::Opening, MilesStatus::Posted, words, movement, now)
        });
        Opening { tier, status_miles, entry }
    }

    /// The entry that follows this account's newest.
    fn enter(
        &self,
        id: EntryId,
        kind: EntryKind,
        status: MilesStatus,
        description: String,
        movement: Movement,
        entered_at: UtcInstant,
    ) -> Entry {
        Entry {
            id,
            entry_seq: self.last_entry_seq + 1,
            kind,
            status,
            description,
            movement,
            balance_after: self.balance + movement.balance,
            pending_after: self.pending + movement.pending,
            entered_at,
        }
    }
}

/// `SFO to NRT, TN7`; bounds are parted by a semicolon, the flights of a connection by `and`.
fn trip_in_words(bounds: &[BookedBound]) -> String {
    let bound_in_words = |bound: &BookedBound| {
        let (first, last) = (bound.segments.first()?, bound.segments.last()?);
        let flights = bound.segments.iter().map(|segment| segment.flight_number.as_str()).collect::<Vec<_>>();
        Some(format!("{} to {}, {}", first.from, last.to, flights.join(" and ")))
    };
    bounds.iter().filter_map(bound_in_words).collect::<Vec<_>>().join("; ")
}
