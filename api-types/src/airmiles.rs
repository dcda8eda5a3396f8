//! The member's miles: account, ledger, what a booking earns and why.

use serde::{Deserialize, Serialize};

use crate::{
    Cabin, FareClass, FlightNumber, Iata, LocalDate, MemberId, Miles, PassengerType, RecordLocator,
    UtcInstant, flight::worded,
};

/// A member's standing in the programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Tier {
    /// Where every member begins.
    #[default]
    Coast,
    /// The second.
    Ridge,
    /// The third.
    Stratus,
    /// The highest.
    Zenith,
}
worded!(Tier, "expected coast, ridge, stratus or zenith",
    Coast => "coast", Ridge => "ridge", Stratus => "stratus", Zenith => "zenith");

/// Reply of `GET /account`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Whose it is.
    pub member_id: MemberId,
    /// Miles that can be spent.
    pub balance: Miles,
    /// Miles of flights not yet flown; never part of the balance.
    pub pending: Miles,
    /// Where the member stands.
    pub tier: Tier,
    /// Miles that counted towards the tier this year.
    pub status_miles: Miles,
    /// What is missing to the next tier; `null` at the highest.
    pub next_tier: Option<NextTier>,
}

/// How far the next tier is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextTier {
    /// The next tier.
    pub tier: Tier,
    /// The status miles it asks for.
    pub status_miles_required: Miles,
    /// How many of them are still missing.
    pub status_miles_missing: Miles,
}

/// Where a booking's miles stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MilesStatus {
    /// Promised: the flights have not been flown yet.
    Pending,
    /// In the balance.
    Posted,
    /// Taken back: the booking was cancelled.
    Reversed,
}

/// Reply of `GET /airmiles/{record_locator}`: what one booking earns, and how that was worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookingMiles {
    /// The booking.
    pub record_locator: RecordLocator,
    /// The version of the booking that this rests on.
    pub booking_version: u64,
    /// Where the miles stand.
    pub status: MilesStatus,
    /// The sum of `lines`; zero when reversed.
    pub total: Miles,
    /// The member's tier by which the bonus was worked out.
    pub tier: Tier,
    /// Which rules were applied: docs/programme-rules.md names them.
    pub rules_version: String,
    /// One line per segment and passenger rule.
    pub lines: Vec<MilesLine>,
}

/// Why a line earns what it earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EarningRule {
    /// Distance times the fare class's rate, at least the minimum of a segment.
    Base,
    /// The member's own seat earns a share of its base again, by tier.
    TierBonus,
    /// No seat, no miles.
    NoSeat,
}

/// What one segment earns under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MilesLine {
    /// The flight; missing in an estimate, which knows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight_number: Option<FlightNumber>,
    /// Where it takes off.
    pub from: Iata,
    /// Where it lands.
    pub to: Iata,
    /// The local date of departure; missing in an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_date: Option<LocalDate>,
    /// The class it was sold under.
    pub fare_class: FareClass,
    /// The WGS84 geodesic, in statute miles.
    pub distance_mi: u32,
    /// Why it earns.
    pub rule: EarningRule,
    /// Whose seats.
    pub passenger_type: PassengerType,
    /// How many of them.
    pub passenger_count: u8,
    /// The rate applied: of the distance for `base`, of the base for `tier_bonus`.
    pub rate_percent: u32,
    /// What the line earns for all its passengers.
    pub miles: Miles,
    /// The sum in words: `5,124 mi x 100 % x 2 adults`.
    pub working: String,
}

/// What an entry did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntryKind {
    /// The balance a member brought along.
    Opening,
    /// Miles promised for a booking.
    Accrual,
    /// Promised miles that are the member's now.
    Posting,
    /// Miles taken back.
    Reversal,
}

/// One entry of the ledger. Entries are never changed: a mistake is put right by a further one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    /// Its name, made from what caused it: the booking and its version.
    pub entry_id: String,
    /// What it did.
    pub kind: EntryKind,
    /// Where the miles stood with this entry.
    pub status: MilesStatus,
    /// The booking it is about, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_locator: Option<RecordLocator>,
    /// What it is for, in words: `SFO to NRT, TN7`.
    pub description: String,
    /// What it adds to, or takes from, balance or pending miles.
    pub miles: Miles,
    /// The balance right after it.
    pub balance_after: Miles,
    /// The pending miles right after it.
    pub pending_after: Miles,
    /// When it was entered.
    pub entered_at: UtcInstant,
}

/// Reply of `GET /account/entries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerPage {
    /// The ledger, newest first.
    pub items: Vec<LedgerEntry>,
    /// What to ask with for the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Reply of `GET /estimate`: what one adult's seat would earn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Estimate {
    /// Where the flight takes off.
    pub from: Iata,
    /// Where it lands.
    pub to: Iata,
    /// The cabin.
    pub cabin: Cabin,
    /// The class.
    pub fare_class: FareClass,
    /// The member's tier.
    pub tier: Tier,
    /// The WGS84 geodesic, in statute miles.
    pub distance_mi: u32,
    /// The sum of `lines`.
    pub miles: Miles,
    /// Which rules were applied.
    pub rules_version: String,
    /// How it was worked out.
    pub lines: Vec<MilesLine>,
}
