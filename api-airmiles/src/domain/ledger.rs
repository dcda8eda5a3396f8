//! The ledger: what an event changes, decided from the account and the booking's projection alone.
//!
//! An entry moves miles and is never changed: a mistake is corrected by a further entry. At every moment the sum of
//! a member's entries is their account.
//!
//! Zero-mile changes create no entry, only a new projection: a cancellation before its confirmation, a version with
//! the same miles. An entry per event would show the order in which messages arrived. Deduplication needs no such
//! entries: the projection keeps the newest version applied and the tier at the first event, so that a redelivery
//! after a promotion gives the same ledger.
//!
//! **A booking belongs to one member.** Booking never changes a booking's member, so an event with another member is
//! wrong, and nobody can tell from the two events which one. The member of the first event that is applied keeps the
//! booking; events with another member change nothing and end as dead letters for a person to look at. Moving the miles
//! instead would let a single wrong event take them from their owner.

use api_types::{
    BookingStatus, EntryKind, MemberId, Miles, MilesLine, MilesStatus, RecordLocator, Tier, UtcInstant,
};
use reference_data::earning::Charts;

use super::{BookingFact, Bound, booking_lines, total};

/// A member's account. [`MemberAccount::default`] is that of an unknown member: Coast, no miles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberAccount {
    /// The tier that determines bonuses.
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

/// One booking as Airmiles knows it: its latest version received, and what the ledger holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    pub record_locator: RecordLocator,
    /// The latest version applied; older ones change nothing any more.
    pub applied_version: u64,
    /// The sum of this booking's entries.
    pub awarded: Miles,
    /// The member's tier when the first event of the booking was applied; later tiers don't change its bonus.
    pub tier: Tier,
    /// The version of the earning chart, which is that of the booking's date.
    pub rules_version: String,
    pub status: MilesStatus,
    /// The miles of the seats; of a cancelled booking those that it would have earned.
    pub lines: Vec<MilesLine>,
}

/// The id of an entry: its cause. Never random, so that the same cause can't be entered twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EntryId {
    /// The miles a member brought along.
    Opening,
    /// A version of a booking.
    Booking { record_locator: RecordLocator, version: u64 },
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opening => f.write_str("opening"),
            Self::Booking { record_locator, version } => write!(f, "{record_locator}-{version}"),
        }
    }
}

/// The miles that an entry adds to the two sides of an account; negative miles are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    pub balance: Miles,
    pub pending: Miles,
}

impl Movement {
    /// Miles that can be spent.
    #[must_use]
    pub fn of_balance(miles: Miles) -> Self {
        Self { balance: miles, pending: Miles(0) }
    }

    /// Miles of a booking whose flights are not flown yet.
    #[must_use]
    pub fn of_pending(miles: Miles) -> Self {
        Self { balance: Miles(0), pending: miles }
    }

    /// The number shown to the member: the change of the balance, or else of the pending miles.
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
    pub id: EntryId,
    /// Its place in the member's ledger, from 1 without gaps.
    pub entry_seq: u64,
    pub kind: EntryKind,
    /// The status of its miles right after it.
    pub status: MilesStatus,
    /// Its cause, as the member reads it.
    pub description: String,
    /// Never zero.
    pub movement: Movement,
    /// The balance right after it.
    pub balance_after: Miles,
    /// The pending miles right after it.
    pub pending_after: Miles,
    pub entered_at: UtcInstant,
}

/// The consequence of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: this version, or a newer one, has been applied.
    AlreadyApplied,
    /// Nothing: the booking belongs to another member.
    OtherMember,
    /// This change, all of it or nothing.
    Apply(Box<Change>),
}

/// The items that are written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub projection: Projection,
    /// `None` when no miles move.
    pub entry: Option<Entry>,
}

/// The stored state that a decision about a booking rests on, and that its write is conditional on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The account of the fact's member.
    pub account: MemberAccount,
    /// The booking as that member's projection has it.
    pub projection: Option<Projection>,
    /// The member to whom the booking belongs; `None` before its first event.
    pub owner: Option<MemberId>,
}

/// The change that `fact` makes to the ledger of its member, of whom `known` was read.
///
/// The fact holds the booking's whole state, so the entry is the difference between the miles of that state and the miles
/// that the ledger already holds for the booking: late, repeated and skipped versions need no case of their own. The
/// earning chart is that of the booking's date, so a late event earns what it would have earned in time.
#[must_use]
pub fn decide(known: &Snapshot, fact: &BookingFact, charts: &Charts, now: UtcInstant) -> Decision {
    let Snapshot { account, projection, owner } = known;
    let booking = fact.booking();
    if owner.as_ref().is_some_and(|owner| *owner != booking.member_id) {
        return Decision::OtherMember;
    }
    if projection.as_ref().is_some_and(|known| known.applied_version >= fact.version()) {
        return Decision::AlreadyApplied;
    }
    let chart = charts.at(booking.created_at);
    let tier = projection.as_ref().map_or(account.tier, |known| known.tier);
    let lines = booking_lines(chart, booking, tier);
    let (status, target) = match booking.status {
        BookingStatus::Confirmed => (MilesStatus::Pending, total(&lines)),
        BookingStatus::Cancelled => (MilesStatus::Reversed, Miles(0)),
    };
    let delta = target - projection.as_ref().map_or(Miles(0), |known| known.awarded);
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
        rules_version: chart.version.clone(),
        status,
        lines,
    };
    Decision::Apply(Box::new(Change { projection, entry }))
}

/// A member's enrolment: their tier, and the entry of the miles they bring, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub tier: Tier,
    /// The status miles they bring.
    pub status_miles: Miles,
    /// The entry of the balance they bring; none for a member who brings nothing.
    pub entry: Option<Entry>,
}

impl MemberAccount {
    /// The enrolment of a member with this account: they may have flown before they enrolled.
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

/// `SFO to NRT, TN7`; bounds are separated by a semicolon, the flights of a connection by `and`.
fn trip_in_words(bounds: &[Bound]) -> String {
    let bound_in_words = |bound: &Bound| {
        let (first, last) = (bound.segments.first()?, bound.segments.last()?);
        let flights = bound.segments.iter().map(|segment| segment.flight_number.as_str()).collect::<Vec<_>>();
        Some(format!("{} to {}, {}", first.from, last.to, flights.join(" and ")))
    };
    bounds.iter().filter_map(bound_in_words).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use api_types::{FareClass, PassengerType};
    use reference_data::earning::charts;

    use super::*;
    use crate::domain::{Booking, Segment};

    const NOW: &str = "2027-03-01T09:00:00Z";

    /// A booking of one flight for one adult, of `version` and changed by `change`.
    fn fact(version: u64, change: impl FnOnce(&mut Booking)) -> BookingFact {
        let segment = Segment {
            flight_number: "TN7".parse().unwrap(),
            from: "SFO".parse().unwrap(),
            to: "NRT".parse().unwrap(),
            departure_date: "2026-12-05".parse().unwrap(),
            distance_mi: 5_000,
        };
        let mut booking = Booking {
            record_locator: "K7QZ4M".parse().unwrap(),
            member_id: "kenji-mori".parse().unwrap(),
            status: BookingStatus::Confirmed,
            created_at: "2026-11-21T09:30:00Z".parse().unwrap(),
            bounds: vec![Bound { fare_class: FareClass::M, segments: vec![segment] }],
            passengers: vec![PassengerType::Adult],
        };
        change(&mut booking);
        BookingFact::new(version, booking).unwrap()
    }

    fn decide_with(charts: &Charts, known: &Snapshot, fact: &BookingFact) -> Decision {
        decide(known, fact, charts, NOW.parse().unwrap())
    }

    /// What is stored after `facts`, all of which are applied.
    fn after(facts: &[BookingFact]) -> Snapshot {
        facts.iter().fold(Snapshot::default(), |known, fact| match decide_with(charts(), &known, fact) {
            Decision::Apply(change) => Snapshot {
                account: change.entry.map_or(known.account, |entry| known.account.after(&entry)),
                projection: Some(change.projection),
                owner: Some(fact.booking().member_id.clone()),
            },
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn only_a_newer_version_is_applied() {
        for (applied, delivered, is_applied) in [
            (None, 1, true),
            (None, 7, true),
            (Some(3), 1, false), // older
            (Some(3), 2, false),
            (Some(3), 3, false), // the same
            (Some(3), 4, true),  // newer
            (Some(3), 9, true),  // newer, some skipped
        ] {
            let known = after(&applied.map(|version| fact(version, |_| {})).into_iter().collect::<Vec<_>>());
            // Another class, so that applying it would move miles.
            let delivered_fact = fact(delivered, |booking| booking.bounds[0].fare_class = FareClass::F);
            let decision = decide_with(charts(), &known, &delivered_fact);
            assert_eq!(matches!(decision, Decision::Apply(_)), is_applied, "{delivered} after {applied:?}");
            assert_eq!(decision == Decision::AlreadyApplied, !is_applied, "{delivered} after {applied:?}");
        }
    }

    #[test]
    fn an_entry_is_the_difference_to_what_the_ledger_holds() {
        let confirmed = |version| fact(version, |_| {});
        let cancelled = |version| fact(version, |booking| booking.status = BookingStatus::Cancelled);
        let miles = after(&[confirmed(1)]).account.pending;
        assert!(miles > Miles(0));
        for (facts, delivered, moved) in [
            (vec![], confirmed(1), Some(miles)),
            (vec![confirmed(1)], confirmed(2), None),
            (vec![confirmed(1)], cancelled(2), Some(Miles(-miles.0))),
            (vec![], cancelled(2), None),
            (vec![confirmed(1), cancelled(2)], confirmed(3), Some(miles)),
        ] {
            let Decision::Apply(change) = decide_with(charts(), &after(&facts), &delivered) else { panic!() };
            assert_eq!(change.entry.map(|entry| entry.movement.pending), moved, "{facts:?}");
        }
    }

    #[test]
    fn a_booking_of_another_member_changes_nothing_whichever_event_comes_first() {
        let own = |version| fact(version, |_| {});
        let other = |version| fact(version, |booking| booking.member_id = "somebody-else".parse().unwrap());
        for (first, second) in
            [(own(1), other(2)), (other(2), own(1)), (own(2), other(1)), (own(1), other(1))]
        {
            let owner = after(std::slice::from_ref(&first)).owner;
            // Nothing is known of the second member's account or projection.
            let known = Snapshot { owner, ..Snapshot::default() };
            assert_eq!(decide_with(charts(), &known, &second), Decision::OtherMember, "{first:?}");
        }
    }

    #[test]
    fn an_event_applied_late_earns_by_the_chart_of_its_booking_s_date() {
        let first = include_str!("../../../crates/reference-data/data/earning.json").trim();
        let first = first.trim_matches(['[', ']']);
        let second = first
            .replace("2026-11-01T", "2027-01-01T")
            .replace("\"2026-11\"", "\"2027-01\"")
            .replace("\"M\": 100", "\"M\": 40");
        let two = Charts::parse(&format!("[{first},{second}]")).unwrap();
        for (booked_at, rules_version, percent) in
            [("2026-12-31T23:59:59Z", "2026-11", 100), ("2027-01-01T00:00:00Z", "2027-01", 40)]
        {
            let booked = |version, status| {
                fact(version, |booking| {
                    booking.created_at = booked_at.parse().unwrap();
                    booking.status = status;
                })
            };
            for status in [BookingStatus::Confirmed, BookingStatus::Cancelled] {
                let decision = decide_with(&two, &Snapshot::default(), &booked(2, status));
                let Decision::Apply(change) = decision else { panic!("{decision:?}") };
                assert_eq!(change.projection.rules_version, rules_version, "{booked_at}");
                assert_eq!(change.projection.lines[0].miles, Miles(50 * percent), "{booked_at}");
            }
        }
    }
}
