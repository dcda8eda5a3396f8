//! Names of attributes, keys and the index.

use api_types::{MemberId, RecordLocator};
use service_kit::store::{Item, key};

use crate::domain::EntryId;

/// An entry's number. The account's own counter has another name, so that the index holds entries only.
pub(super) const ENTRY_SEQ: &str = "entry_seq";
pub(super) const BY_SEQ: &str = "by_seq";
/// The owner of a booking.
pub(super) const MEMBER_ID: &str = "member_id";

pub(super) const BOOKING_PREFIX: &str = "BOOKING#";

pub(super) fn member(member_id: &MemberId) -> String {
    format!("MEMBER#{member_id}")
}

pub(super) fn account(member_id: &MemberId) -> Item {
    key(member(member_id), "ACCOUNT")
}

pub(super) fn projection(member_id: &MemberId, record_locator: &RecordLocator) -> Item {
    key(member(member_id), format!("{BOOKING_PREFIX}{record_locator}"))
}

pub(super) fn entry(member_id: &MemberId, id: &EntryId) -> Item {
    let sk = match id {
        EntryId::Opening => "ENTRY#opening".to_owned(),
        EntryId::Booking { record_locator, version } => format!("ENTRY#{record_locator}#{version}"),
    };
    key(member(member_id), sk)
}

pub(super) fn owner(record_locator: &RecordLocator) -> Item {
    key(format!("{BOOKING_PREFIX}{record_locator}"), "OWNER")
}
