//! The attributes of items, and their conversion from and to the domain's types. Keys are added in `keys`.

use api_types::{EntryKind, Miles, MilesLine, MilesStatus, RecordLocator, Tier, UtcInstant};
use serde::{Deserialize, Serialize};

use crate::domain::{Entry, EntryId, MemberAccount, Movement, Projection};

/// The account. Everything but the key may be missing: enrolment and the first entry come in either order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccountItem {
    #[serde(default)]
    tier: Tier,
    #[serde(default)]
    balance: Miles,
    #[serde(default)]
    pending: Miles,
    #[serde(default)]
    status_miles: Miles,
    #[serde(default)]
    last_entry_seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) enrolled_at: Option<UtcInstant>,
}

impl From<&AccountItem> for MemberAccount {
    fn from(item: &AccountItem) -> Self {
        Self {
            tier: item.tier,
            balance: item.balance,
            pending: item.pending,
            status_miles: item.status_miles,
            last_entry_seq: item.last_entry_seq,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProjectionItem {
    record_locator: RecordLocator,
    applied_version: u64,
    awarded: Miles,
    tier: Tier,
    rules_version: String,
    status: MilesStatus,
    lines: Vec<MilesLine>,
}

impl From<Projection> for ProjectionItem {
    fn from(projection: Projection) -> Self {
        Self {
            record_locator: projection.record_locator,
            applied_version: projection.applied_version,
            awarded: projection.awarded,
            tier: projection.tier,
            rules_version: projection.rules_version,
            status: projection.status,
            lines: projection.lines,
        }
    }
}

impl From<ProjectionItem> for Projection {
    fn from(item: ProjectionItem) -> Self {
        Self {
            record_locator: item.record_locator,
            applied_version: item.applied_version,
            awarded: item.awarded,
            tier: item.tier,
            rules_version: item.rules_version,
            status: item.status,
            lines: item.lines,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryItem {
    entry_seq: u64,
    kind: EntryKind,
    status: MilesStatus,
    /// With `booking_version` the cause of the entry. Both are missing from an opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record_locator: Option<RecordLocator>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booking_version: Option<u64>,
    description: String,
    balance_delta: Miles,
    pending_delta: Miles,
    balance_after: Miles,
    pending_after: Miles,
    entered_at: UtcInstant,
}

impl From<Entry> for EntryItem {
    fn from(entry: Entry) -> Self {
        let (record_locator, booking_version) = match entry.id {
            EntryId::Opening => (None, None),
            EntryId::Booking { record_locator, version } => (Some(record_locator), Some(version)),
        };
        Self {
            entry_seq: entry.entry_seq,
            kind: entry.kind,
            status: entry.status,
            record_locator,
            booking_version,
            description: entry.description,
            balance_delta: entry.movement.balance,
            pending_delta: entry.movement.pending,
            balance_after: entry.balance_after,
            pending_after: entry.pending_after,
            entered_at: entry.entered_at,
        }
    }
}

impl From<EntryItem> for Entry {
    fn from(item: EntryItem) -> Self {
        let id = match (item.record_locator, item.booking_version) {
            (Some(record_locator), Some(version)) => EntryId::Booking { record_locator, version },
            _ => EntryId::Opening,
        };
        Self {
            id,
            entry_seq: item.entry_seq,
            kind: item.kind,
            status: item.status,
            description: item.description,
            movement: Movement { balance: item.balance_delta, pending: item.pending_delta },
            balance_after: item.balance_after,
            pending_after: item.pending_after,
            entered_at: item.entered_at,
        }
    }
}
