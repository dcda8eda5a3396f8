//! Names of attributes, keys and the index.

use api_types::{MemberId, RecordLocator};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::EntryId;

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
/// Of an entry. The account's own counter has another name, so that the index holds entries only.
pub(super) const ENTRY_SEQ: &str = "entry_seq";
pub(super) const BY_SEQ: &str = "by_seq";

pub(super) const ACCOUNT: &str = "ACCOUNT";
pub(super) const BOOKING_PREFIX: &str = "BOOKING#";

pub(super) fn member(member_id: &MemberId) -> String {
    format!("MEMBER#{member_id}")
}

pub(super) fn booking(record_locator: &RecordLocator) -> String {
    format!("{BOOKING_PREFIX}{record_locator}")
}

pub(super) fn entry(id: &EntryId) -> String {
    match id {
        EntryId::Opening => "ENTRY#opening".to_owned(),
        EntryId::Booking { record_locator, version } => format!("ENTRY#{record_locator}#{version}"),
    }
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
