//! Writing: one transaction, on condition that everything it was decided from is unchanged.

use api_types::{MemberId, UtcInstant};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use serde::Serialize;
use service_kit::store::{Cancellation, Item, PK, cancellation_reasons, number, text};

use super::items::{EntryItem, ProjectionItem};
use super::{Store, StoreError, keys};
use crate::domain::{Change, Entry, MemberAccount, Opening, Snapshot};

/// The outcome of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Done,
    /// Nothing was written, because something it was decided from has changed. Read again and decide again.
    Overtaken,
}

impl Store {
    /// Writes `change`, which was decided from `read`: all of it, or nothing.
    ///
    /// Four conditions keep the ledger right, whoever else writes at the same time:
    ///
    /// 1. the projection is of an older version, and its awarded miles are those that were read;
    /// 2. there is no entry of this id yet;
    /// 3. the account's newest entry, and its tier, are those that were read;
    /// 4. the booking has no other owner.
    ///
    /// # Errors
    /// When the database request fails. Nothing is half-written; the same event again is safe.
    pub async fn commit(
        &self,
        member_id: &MemberId,
        read: &Snapshot,
        change: Change,
    ) -> Result<Committed, StoreError> {
        let record_locator = change.projection.record_locator.clone();
        let mut writes = vec![put(self.put_projection(member_id, read, change.projection)?)];
        if read.owner.is_none() {
            writes.push(put(self.put_owner(member_id, keys::owner(&record_locator))));
        }
        if let Some(entry) = change.entry {
            writes.push(update(self.move_account(member_id, &read.account, &entry)));
            writes.push(put(self.put_entry(member_id, entry)?));
        }
        self.transact(writes).await
    }

    /// Writes a member's `opening`, decided from `account`, unless they are enrolled.
    ///
    /// # Errors
    /// When the database request fails. Nothing is half-written; the same enrolment again is safe.
    pub(crate) async fn commit_opening(
        &self,
        member_id: &MemberId,
        account: &MemberAccount,
        opening: Opening,
        at: UtcInstant,
    ) -> Result<Committed, StoreError> {
        let moved = opening.entry.as_ref();
        let movement = moved.map(|entry| entry.movement).unwrap_or_default();
        let last_entry_seq = moved.map_or(account.last_entry_seq, |entry| entry.entry_seq);
        let enrol = self
            .table
            .update(keys::account(member_id))
            .update_expression(
                "SET tier = :tier, status_miles = :status_miles, enrolled_at = :at, last_entry_seq = :seq \
                 ADD balance :balance, pending :pending",
            )
            .condition_expression(format!("attribute_not_exists(enrolled_at) AND {NEWEST_AS_READ}"))
            .expression_attribute_values(":tier", text(opening.tier.as_str()))
            .expression_attribute_values(":status_miles", number(opening.status_miles))
            .expression_attribute_values(":at", text(at.to_string()))
            .expression_attribute_values(":seq", number(last_entry_seq))
            .expression_attribute_values(":balance", number(movement.balance))
            .expression_attribute_values(":pending", number(movement.pending))
            .expression_attribute_values(":seq_read", number(account.last_entry_seq))
            .expression_attribute_values(":none", number(0))
            .build()
            .expect("an update has a table, a key and an expression");
        let mut writes = vec![update(enrol)];
        if let Some(entry) = opening.entry {
            writes.push(put(self.put_entry(member_id, entry)?));
        }
        self.transact(writes).await
    }

    fn put_projection(
        &self,
        member_id: &MemberId,
        read: &Snapshot,
        projection: crate::domain::Projection,
    ) -> Result<Put, StoreError> {
        let version = projection.applied_version;
        let key = keys::projection(member_id, &projection.record_locator);
        let put = self.table.put(item(key, &ProjectionItem::from(projection))?);
        let put = match &read.projection {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(known) => put
                .condition_expression("applied_version < :version AND awarded = :awarded_read")
                .expression_attribute_values(":version", number(version))
                .expression_attribute_values(":awarded_read", number(known.awarded)),
        };
        Ok(put.build().expect("a put has a table and an item"))
    }

    fn put_owner(&self, member_id: &MemberId, mut owner: Item) -> Put {
        owner.insert(keys::MEMBER_ID.to_owned(), text(member_id.as_str()));
        unless_present(self.table.put(owner))
    }

    /// Permanent: it has no expiry, so an event that returns after a year finds its entry.
    fn put_entry(&self, member_id: &MemberId, entry: Entry) -> Result<Put, StoreError> {
        let key = keys::entry(member_id, &entry.id);
        Ok(unless_present(self.table.put(item(key, &EntryItem::from(entry))?)))
    }

    /// Adds the entry's miles rather than setting sums: the account remains the sum of its entries, and the
    /// condition keeps numbers without gaps and each entry's `balance_after` true.
    fn move_account(&self, member_id: &MemberId, read: &MemberAccount, entry: &Entry) -> Update {
        self.table
            .update(keys::account(member_id))
            .update_expression(
                "SET last_entry_seq = :seq, tier = if_not_exists(tier, :tier_read) \
                 ADD balance :balance, pending :pending",
            )
            .condition_expression(format!(
                "{NEWEST_AS_READ} AND (attribute_not_exists(tier) OR tier = :tier_read)"
            ))
            .expression_attribute_values(":seq", number(entry.entry_seq))
            .expression_attribute_values(":tier_read", text(read.tier.as_str()))
            .expression_attribute_values(":balance", number(entry.movement.balance))
            .expression_attribute_values(":pending", number(entry.movement.pending))
            .expression_attribute_values(":seq_read", number(read.last_entry_seq))
            .expression_attribute_values(":none", number(0))
            .build()
            .expect("an update has a table, a key and an expression")
    }

    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Committed, StoreError> {
        const DOING: &str = "writing to the ledger";
        let sent = self.table.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = sent else { return Ok(Committed::Done) };
        // The SDK's own retry of a request whose first attempt is still under way.
        let in_progress = matches!(
            error.as_service_error(),
            Some(TransactWriteItemsError::TransactionInProgressException(_))
        );
        match cancellation_reasons(&error).map(Cancellation::of) {
            Some(Cancellation::ConditionsFailed(_) | Cancellation::Conflict) => Ok(Committed::Overtaken),
            Some(Cancellation::Busy(_)) => Err(StoreError::Busy { doing: DOING, cause: Box::new(error) }),
            None if in_progress => Ok(Committed::Overtaken),
            Some(Cancellation::Unforeseen) | None => Err(StoreError::while_doing(DOING)(error)),
        }
    }
}

/// No entry was made since the account was read; an account without a counter has none.
const NEWEST_AS_READ: &str =
    "(last_entry_seq = :seq_read OR (attribute_not_exists(last_entry_seq) AND :seq_read = :none))";

fn item<T: Serialize>(key: Item, attributes: &T) -> Result<Item, StoreError> {
    let failed = |error| StoreError::failed("turning a value into an item", error);
    let mut item: Item = serde_dynamo::to_item(attributes).map_err(failed)?;
    item.extend(key);
    Ok(item)
}

fn unless_present(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Put {
    let put = put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK);
    put.build().expect("a put has a table and an item")
}

fn put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

fn update(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

#[cfg(test)]
mod tests {
    use api_types::{Miles, MilesStatus, Tier};
    use embedded_dynamo::EmbeddedDynamo;

    use super::*;
    use crate::domain::Projection;
    use crate::store::create_table;

    #[tokio::test]
    async fn an_opening_is_written_once_and_only_on_the_account_it_was_decided_from() {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        create_table(&dynamo.client(), "airmiles").await.unwrap();
        let store = Store::new(dynamo.client(), "airmiles");
        let member_id: MemberId = "noor-haddad".parse().unwrap();
        let at: UtcInstant = "2026-11-21T09:30:00Z".parse().unwrap();
        let nothing_known = MemberAccount::default();
        let moved_on = MemberAccount { last_entry_seq: 1, ..nothing_known };
        let open = async |account: &MemberAccount, tier, brought: i64| {
            let opening = account.open(tier, Miles(brought), Miles(brought), at);
            store.commit_opening(&member_id, account, opening, at).await.unwrap()
        };

        assert_eq!(open(&moved_on, Tier::Ridge, 500).await, Committed::Overtaken);
        assert_eq!(open(&nothing_known, Tier::Ridge, 0).await, Committed::Done);
        // Without an entry the number is unchanged: only `enrolled_at` shows the enrolment.
        assert_eq!(open(&nothing_known, Tier::Zenith, 0).await, Committed::Overtaken);
        assert_eq!(store.account(&member_id).await.unwrap().tier, Tier::Ridge);
    }

    #[tokio::test]
    async fn a_version_that_moves_no_miles_is_written_once() {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        create_table(&dynamo.client(), "airmiles").await.unwrap();
        let store = Store::new(dynamo.client(), "airmiles");
        let member_id: MemberId = "noor-haddad".parse().unwrap();
        let cancelled = |applied_version| Projection {
            record_locator: "K7QZ4M".parse().unwrap(),
            applied_version,
            awarded: Miles(0),
            tier: Tier::Coast,
            rules_version: "2026-11".to_owned(),
            status: MilesStatus::Reversed,
            lines: vec![],
        };
        let commit = async |read: &Snapshot, version| {
            let change = Change { projection: cancelled(version), entry: None };
            store.commit(&member_id, read, change).await.unwrap()
        };
        assert_eq!(commit(&Snapshot::default(), 1).await, Committed::Done);
        let read = Snapshot {
            projection: Some(cancelled(1)),
            owner: Some(member_id.clone()),
            ..Snapshot::default()
        };
        for (version, committed) in
            [(2, Committed::Done), (2, Committed::Overtaken), (1, Committed::Overtaken)]
        {
            assert_eq!(commit(&read, version).await, committed, "version {version}");
        }
    }
}
