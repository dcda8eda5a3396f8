use api_types::{Booking, MemberId, RecordLocator, UtcInstant};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    keys::{self, BOOKING, BY_MEMBER, Item, MADE_AT, MEMBER, VERSION, text},
};

/// A place in a member's list of bookings: just after this booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingPosition {
    /// When the booking was created.
    pub created_at: UtcInstant,
    /// Its record locator.
    pub record_locator: RecordLocator,
}

/// A booking as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBooking {
    /// 1 when it is created, one more with every change.
    pub version: String,
    /// The booking in JSON, as [`Booking`] wrote it.
    pub document: String,
}

impl Store {
    /// The booking of `locator`, if there is one and `member` made it. Its document is not parsed: it is shown as it was
    /// written.
    ///
    /// # Errors
    /// When the database request failed, or the item can't be read.
    pub async fn retrieve_booking(
        &self,
        member: &MemberId,
        locator: &RecordLocator,
    ) -> Result<Option<StoredBooking>, StoreError> {
        let found = self.table.get(DOING, keys::booking(locator)).await?;
        let owner = text(keys::member(member));
        found.filter(|item| item.get(MEMBER) == Some(&owner)).map(stored).transpose()
    }

    /// Up to `limit` bookings of `member`, newest first, from `after` on, and where the next page begins if there is one.
    ///
    /// The index follows the table within moments: a booking created just now may still be missing.
    ///
    /// # Errors
    /// When the database request failed, or an item can't be read.
    pub async fn list_bookings(
        &self,
        member: &MemberId,
        after: Option<&BookingPosition>,
        limit: u16,
    ) -> Result<(Vec<Booking>, Option<BookingPosition>), StoreError> {
        let start = after.map(|place| {
            let mut key = keys::booking(&place.record_locator);
            key.insert(MEMBER.to_owned(), text(keys::member(member)));
            key.insert(MADE_AT.to_owned(), text(keys::made_at(place.created_at, &place.record_locator)));
            key
        });
        let page = self
            .query_by_member(member)
            .scan_index_forward(false)
            .limit(i32::from(limit) + 1) // one more than requested shows whether there are more
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(StoreError::while_doing("listing bookings"))?;
        let mut items = page.items.unwrap_or_default();
        // DynamoDB also ends a page at 1 MB.
        let more = items.len() > usize::from(limit) || page.last_evaluated_key.is_some();
        items.truncate(usize::from(limit));
        let bookings = items.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let last = bookings.last().filter(|_| more).map(|booking| BookingPosition {
            created_at: booking.created_at,
            record_locator: booking.record_locator.clone(),
        });
        Ok((bookings, last))
    }

    /// A query of the index of members' bookings, for one member.
    pub(super) fn query_by_member(&self, member: &MemberId) -> QueryFluentBuilder {
        self.table
            .query()
            .consistent_read(false)
            .index_name(BY_MEMBER)
            .key_condition_expression("#member = :member")
            .expression_attribute_names("#member", MEMBER)
            .expression_attribute_values(":member", text(keys::member(member)))
    }
}

const DOING: &str = "reading a booking";

fn stored(mut item: Item) -> Result<StoredBooking, StoreError> {
    let version = item.remove(VERSION).and_then(|version| match version {
        AttributeValue::N(digits) => Some(digits),
        _ => None,
    });
    let document = item.remove(BOOKING).and_then(|document| match document {
        AttributeValue::S(json) => Some(json),
        _ => None,
    });
    let whole = version.zip(document).map(|(version, document)| StoredBooking { version, document });
    whole.ok_or_else(|| StoreError::unreadable(DOING, "it has no version or no document"))
}

pub(super) fn read(item: &Item) -> Result<Booking, StoreError> {
    let document = item.get(BOOKING).and_then(|document| document.as_s().ok());
    let document = document.ok_or_else(|| StoreError::unreadable(DOING, "it has no document"))?;
    serde_json::from_str(document).map_err(|error| {
        // Not serde's own words: they quote what stands there, which may be a name, and this goes to the log.
        StoreError::unreadable(DOING, format!("its document is malformed at column {}", error.column()))
    })
}

#[cfg(test)]
mod tests {
    use service_kit::telemetry::in_one_line;

    use super::*;

    #[test]
    fn an_error_about_a_document_quotes_nothing_of_it() {
        let document = r#"{"record_locator":"K7QZ4M","contact":"zoe@example.com"}"#;
        let error = read(&Item::from([(BOOKING.to_owned(), text(document))])).unwrap_err();
        assert_eq!(
            in_one_line(&error),
            "reading a booking: a stored item can't be read: its document is malformed at column 54"
        );
    }
}
