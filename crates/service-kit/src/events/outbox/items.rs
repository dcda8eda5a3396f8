//! The outbox in a service's table: events that were committed with what they announce, and wait to be published.
//!
//! | `pk` | `sk` | `event` |
//! |---|---|---|
//! | `OUTBOX#<shard>` | `<milliseconds>#<event id>` | the event's envelope in JSON |

use std::collections::HashMap;

use api_types::UtcInstant;
use aws_sdk_dynamodb::Client;

use crate::store::{Item, PK, SK, StoreError, Table, key, string, text};

/// How many partitions the outbox is spread over, so that no partition takes every write.
pub const SHARDS: usize = 8;

const PREFIX: &str = "OUTBOX#";
const EVENT: &str = "event";

/// How many waiting events are read at once.
const PAGE: i32 = 50;

/// The item that announces the event `event_id`, to be put by the transaction that the event is about.
///
/// `event` is the envelope in JSON; it is published to the byte as it is given here.
#[must_use]
pub fn item(event_id: &str, committed_at: UtcInstant, event: String) -> Item {
    let shard = event_id.bytes().map(usize::from).sum::<usize>() % SHARDS;
    let position = format!("{}#{event_id}", sort_key(committed_at));
    let mut item = key(format!("{PREFIX}{shard}"), position);
    item.insert(EVENT.to_owned(), text(event));
    item
}

/// Digits that sort as the instants do, which are after 1970.
fn sort_key(at: UtcInstant) -> String {
    format!("{:015}", at.epoch_ms().max(0))
}

/// An event that was not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpublished {
    pk: String,
    sk: String,
    /// The event's envelope in JSON, as it was committed.
    pub event: String,
}

/// An outbox item without an event.
#[derive(Debug, thiserror::Error)]
#[error("the outbox item {0} holds no event")]
pub struct NoEvent(String);

impl Unpublished {
    /// When it was put into the outbox; `None` for a key that [`item`] didn't make.
    pub(super) fn committed_at(&self) -> Option<UtcInstant> {
        self.sk.split_once('#')?.0.parse().ok().map(UtcInstant::from_epoch_ms)
    }

    /// The event in an item of the table's stream; `None` when it is another kind of item.
    pub(super) fn of_stream(
        image: &HashMap<String, serde_dynamo::AttributeValue>,
    ) -> Option<Result<Self, NoEvent>> {
        Self::read(|name| match image.get(name) {
            Some(serde_dynamo::AttributeValue::S(value)) => Some(value.clone()),
            _ => None,
        })
    }

    fn read(attribute: impl Fn(&str) -> Option<String>) -> Option<Result<Self, NoEvent>> {
        let pk = attribute(PK).filter(|pk| pk.starts_with(PREFIX))?;
        Some(match (attribute(SK), attribute(EVENT)) {
            (Some(sk), Some(event)) => Ok(Self { pk, sk, event }),
            (sk, _) => Err(NoEvent(format!("{pk}/{}", sk.unwrap_or_default()))),
        })
    }
}

/// The outbox in one table.
#[derive(Clone, Debug)]
pub struct Items {
    table: Table,
}

impl Items {
    /// The outbox in `table`.
    #[must_use]
    pub fn new(dynamodb: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(dynamodb, table) }
    }

    /// Removes an event that is published. Doing so twice is no error.
    pub(super) async fn acknowledge(&self, published: &Unpublished) -> Result<(), StoreError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete.set_key(Some(key(&published.pk, &published.sk)));
        delete.send().await.map(drop).map_err(StoreError::while_doing("acknowledging an event"))
    }

    /// A page of the events in `shard` (below [`SHARDS`]) that were committed before `before`, oldest first, and where
    /// the next page begins. An item without an event stands in its place as an error.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn unpublished(
        &self,
        shard: usize,
        before: UtcInstant,
        after: Option<Position>,
    ) -> Result<(Vec<Result<Unpublished, NoEvent>>, Option<Position>), StoreError> {
        let page = self
            .table
            .query()
            .key_condition_expression("#pk = :shard AND #sk < :before")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":shard", text(format!("{PREFIX}{shard}")))
            .expression_attribute_values(":before", text(sort_key(before)))
            .limit(PAGE)
            .set_exclusive_start_key(after.map(|position| position.0))
            .send()
            .await
            .map_err(StoreError::while_doing("reading the outbox"))?;
        let read = |item: Item| Unpublished::read(|name| string(&item, name).map(str::to_owned));
        let found = page.items.unwrap_or_default().into_iter().filter_map(read).collect();
        Ok((found, page.last_evaluated_key.map(Position)))
    }
}

/// Where the next page of the outbox begins.
#[derive(Debug)]
pub struct Position(Item);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn events_are_spread_over_all_shards() {
        let at = UtcInstant::from_epoch_ms(0);
        let shards: BTreeSet<_> = (0..500)
            .map(api_types::RecordLocator::from_random)
            .map(|locator| item(&format!("{locator}-1"), at, String::new())[PK].as_s().unwrap().clone())
            .collect();
        assert_eq!(shards, (0..SHARDS).map(|shard| format!("OUTBOX#{shard}")).collect());
    }

    #[test]
    fn keys_sort_by_time() {
        let keys = ["2001-09-09T01:46:39.999Z", "2001-09-09T01:46:40Z", "2199-12-31T23:59:59Z"]
            .map(|at| sort_key(at.parse().unwrap()));
        assert!(keys.is_sorted(), "{keys:?}");
    }
}
