use api_types::{Booking, MemberId, RecordLocator, UtcInstant};

use super::{
    Store, StoreError,
    keys::{self, BOOKING, BY_MEMBER, Item, MADE_AT, MEMBER, text},
};

/// A place in a member's list of bookings: just after this booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAt {
    /// When the booking was made.
    pub created_at: UtcInstant,
    /// Which one it is.
    pub record_locator: RecordLocator,
}

impl Store {
    /// The booking of `locator` if there is one and `member` made it.
    ///
    /// # Errors
    /// When the store can't be reached, or what it holds can't be read.
    pub async fn booking_of(
        &self,
        member: &MemberId,
        locator: &RecordLocator,
    ) -> Result<Option<Booking>, StoreError> {
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
        found.item.filter(|item| item.get(MEMBER) == Some(&owner)).map(|item| read(&item)).transpose()
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
        limit: u8,
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

fn read(item: &Item) -> Result<Booking, StoreError> {
    const DOING: &str = "reading a booking";
    let document = item.get(BOOKING).and_then(|document| document.as_s().ok());
    let document = document.ok_or_else(|| StoreError::unreadable(DOING, "it has no document"))?;
    serde_json::from_str(document).map_err(|error| StoreError::unreadable(DOING, error))
}
