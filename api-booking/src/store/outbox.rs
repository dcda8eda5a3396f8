//! The outbox: events that were committed with their bookings and wait to be published.

use api_types::UtcInstant;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    keys::{self, EVENT, Item, PK, SK, text},
};

/// Over how many partitions the outbox is spread.
pub const OUTBOX_SHARDS: usize = 8;

/// How many waiting events are read at once.
const PAGE: i32 = 50;

/// An event that was not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpublished {
    key: OutboxKey,
    /// The event's envelope in JSON, as it was committed.
    pub event: String,
}

/// Which outbox item it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OutboxKey {
    shard: String,
    position: String,
}

/// An outbox item that holds no event.
#[derive(Debug, thiserror::Error)]
#[error("the outbox item {0} holds no event")]
pub struct UnpublishedError(String);

impl Unpublished {
    /// The event within an item as a stream gives it; `None` if it is another kind of item.
    ///
    /// # Errors
    /// When it is an outbox item, but holds no event.
    pub fn of_stream(
        image: &std::collections::HashMap<String, serde_dynamo::AttributeValue>,
    ) -> Result<Option<Self>, UnpublishedError> {
        let attribute = |name: &str| match image.get(name) {
            Some(serde_dynamo::AttributeValue::S(value)) => Some(value.clone()),
            _ => None,
        };
        Self::read(attribute)
    }

    fn read(attribute: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, UnpublishedError> {
        let Some(shard) = attribute(PK).filter(|pk| keys::is_outbox(pk)) else { return Ok(None) };
        match (attribute(SK), attribute(EVENT)) {
            (Some(position), Some(event)) => Ok(Some(Self { key: OutboxKey { shard, position }, event })),
            (position, _) => Err(UnpublishedError(format!("{shard}/{}", position.unwrap_or_default()))),
        }
    }
}

impl Store {
    /// Takes an event out of the outbox once it is published. Doing so twice is no error.
    ///
    /// # Errors
    /// When the store can't be reached; the event stays, and will be published again.
    pub async fn acknowledge(&self, published: &Unpublished) -> Result<(), StoreError> {
        self.dynamodb
            .delete_item()
            .table_name(&self.table)
            .key(PK, text(&published.key.shard))
            .key(SK, text(&published.key.position))
            .send()
            .await
            .map_err(|error| StoreError::of_sdk("acknowledging an event", error))?;
        Ok(())
    }

    /// The next events in `shard` (below [`OUTBOX_SHARDS`]) that were committed before `before`, oldest first,
    /// from the one after `after` on. Empty when there are no more.
    ///
    /// An item that holds no event is given as its error, in its place; the place to go on from is the second
    /// half of what is returned.
    ///
    /// # Errors
    /// When the store can't be reached.
    pub async fn unpublished(
        &self,
        shard: usize,
        before: UtcInstant,
        after: Option<OutboxPosition>,
    ) -> Result<(Vec<Result<Unpublished, UnpublishedError>>, Option<OutboxPosition>), StoreError> {
        let page = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :shard AND #sk < :before")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":shard", text(keys::outbox_shard(shard)))
            .expression_attribute_values(":before", text(keys::instant(before)))
            .consistent_read(true)
            .limit(PAGE)
            .set_exclusive_start_key(after.map(|position| position.0))
            .send()
            .await
            .map_err(|error| StoreError::of_sdk("reading the outbox", error))?;
        let read = |item: Item| {
            let attribute =
                |name: &str| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
            Unpublished::read(attribute).transpose()
        };
        let found = page.items.unwrap_or_default().into_iter().filter_map(read).collect();
        Ok((found, page.last_evaluated_key.map(OutboxPosition)))
    }
}

/// Where a reading of the outbox goes on.
#[derive(Debug)]
pub struct OutboxPosition(Item);
