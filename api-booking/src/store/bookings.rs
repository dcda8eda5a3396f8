use api_types::{Booking, MemberId, RecordLocator, UtcInstant};
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    keys::{self, BOOKING, BY_MEMBER, Item, MADE_AT, MEMBER, VERSION, text},
};

/// A place in a member's list of bookings: just after this booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAt {
    /// When the booking was made.
    pub created_at: UtcInstant,
    /// Which one it is.
    pub record_locator: RecordLocator,
}

/// A booking as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBooking {
    /// What it has come to: 1 when it is made, one more with every change.
    pub version: String,
    /// The booking in JSON, as the wire's type wrote it.
    pub document: String,
}

impl Store {
    /// The booking of `locator` if there is one and `member` made it. It is what the wire's type once wrote, so it is
    /// handed on unread.
    ///
    /// # Errors
    /// When the store can't be reached, or what it holds can't be read.
    pub async fn booking_of(
        &self,
        member: &MemberId,
        locator: &RecordLocator,
    ) -> Result<Option<KeptBooking>, StoreError> {
        let found = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .set_key(Some(keys::booking(locator)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::of_sdk("reading a booking", error))?;
        let owner = text(keys::member(member));
        found.item.filter(|item| item.get(MEMBER) == Some(&owner)).map(kept).transpose()
    }

    /// The bookings of `member`, newest first, from `after` on, `limit` at most, and whether there are more.
    ///
    /// The index follows the table within moments: a booking made just now may still be missing.
    ///
    /// # Errors
    /// When the store can't be reached, or what it holds can't be read.
    pub async fn bookings_of(
        &self,
        member: &MemberId,
        after: Option<&ListedAt>,
        limit: u16,
    ) -> Result<(Vec<Booking>, bool), StoreError> {
        let start = after.map(|place| {
            let mut key = keys::booking(&place.record_locator);
            key.insert(MEMBER.to_owned(), text(keys::member(member)));
            key.insert(MADE_AT.to_owned(), text(keys::made_at(place.created_at, &place.record_locator)));
            key
        });
        let page = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(BY_MEMBER)
            .key_condition_expression("#member = :member")
            .expression_attribute_names("#member", MEMBER)
            .expression_attribute_values(":member", text(keys::member(member)))
            .scan_index_forward(false)
            .limit(i32::from(limit) + 1) // one more than asked for tells whether there is more
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::of_sdk("listing bookings", error))?;
        let mut items = page.items.unwrap_or_default();
        // DynamoDB ends a page at 1 MB too, wherever that falls.
        let more = items.len() > usize::from(limit) || page.last_evaluated_key.is_some();
        items.truncate(usize::from(limit));
        Ok((items.iter().map(read).collect::<Result<_, _>>()?, more))
    }
}

const DOING: &str = "reading a booking";

fn kept(mut item: Item) -> Result<KeptBooking, StoreError> {
    let version = item.remove(VERSION).and_then(|version| match version {
        AttributeValue::N(digits) => Some(digits),
        _ => None,
    });
    let document = item.remove(BOOKING).and_then(|document| match document {
        AttributeValue::S(json) => Some(json),
        _ => None,
    });
    let whole = version.zip(document).map(|(version, document)| KeptBooking { version, document });
    whole.ok_or_else(|| StoreError::unreadable(DOING, "it has no version or no document"))
}

fn read(item: &Item) -> Result<Booking, StoreError> {
    let document = item.get(BOOKING).and_then(|document| document.as_s().ok());
    let document = document.ok_or_else(|| StoreError::unreadable(DOING, "it has no document"))?;
    serde_json::from_str(document).map_err(|error| StoreError::unreadable(DOING, error))
}
