//! Writing: what must be true together is one transaction, on condition that what was read still stands.

use api_types::{MemberId, UtcInstant};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use serde::Serialize;

use super::items::{EntryItem, ProjectionItem};
use super::keys::{self, ACCOUNT, PK, SK};
use super::{LedgerStore, Snapshot, StoreError};
use crate::domain::{Change, Entry, MemberAccount, Opening};

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Done,
    /// Nothing was written: what it rested on had changed. Read again and decide again.
    Overtaken,
}

impl LedgerStore {
    /// Writes `change`, which was decided from `read`: all of it, or nothing.
    ///
    /// Three conditions hold the ledger right, whoever else writes at the same time:
    ///
    /// 1. the projection is of an older version, and what it awarded is what was read;
    /// 2. there is no entry of this name yet;
    /// 3. the account's newest entry, and its tier, are what was read.
    ///
    /// # Errors
    /// When the table can't be written. Nothing is half-written; the same event again is safe.
    pub async fn commit(
        &self,
        member_id: &MemberId,
        read: &Snapshot,
        change: Change,
    ) -> Result<Committed, StoreError> {
        let pk = keys::member(member_id);
        let projection = self.put_projection(&pk, read, &change)?;
        let mut writes = vec![TransactWriteItem::builder().put(projection).build()];
        if let Some(entry) = change.entry {
            let account = self.move_account(&pk, &read.account, &entry);
            writes.push(TransactWriteItem::builder().update(account).build());
            writes.push(TransactWriteItem::builder().put(self.put_entry(&pk, entry)?).build());
        }
        self.write_together(writes).await
    }

    /// Writes a member's `opening`, decided from `account`, unless they are enrolled.
    ///
    /// # Errors
    /// When the table can't be written. Nothing is half-written; the same enrolment again is safe.
    pub(crate) async fn commit_opening(
        &self,
        member_id: &MemberId,
        account: &MemberAccount,
        opening: Opening,
        at: UtcInstant,
    ) -> Result<Committed, StoreError> {
        let pk = keys::member(member_id);
        let moved = opening.entry.as_ref();
        let movement = moved.map(|entry| entry.movement).unwrap_or_default();
        let last_entry_seq = moved.map_or(account.last_entry_seq, |entry| entry.entry_seq);
        let update = Update::builder()
            .table_name(&self.table)
            .key(PK, keys::text(&pk))
            .key(SK, keys::text(ACCOUNT))
            .update_expression(
                "SET tier = :tier, status_miles = :status_miles, enrolled_at = :at, last_entry_seq = :seq \
                 ADD balance :balance, pending :pending",
            )
            .condition_expression(format!("attribute_not_exists(enrolled_at) AND {NEWEST_AS_READ}"))
            .expression_attribute_values(":tier", keys::text(opening.tier.as_str()))
            .expression_attribute_values(":status_miles", keys::number(opening.status_miles))
            .expression_attribute_values(":at", keys::text(at.to_string()))
            .expression_attribute_values(":seq", keys::number(last_entry_seq))
            .expression_attribute_values(":balance", keys::number(movement.balance))
            .expression_attribute_values(":pending", keys::number(movement.pending))
            .expression_attribute_values(":seq_read", keys::number(account.last_entry_seq))
            .expression_attribute_values(":none", keys::number(0))
            .build()
            .expect("an update has a table, a key and an expression");
        let mut writes = vec![TransactWriteItem::builder().update(update).build()];
        if let Some(entry) = opening.entry {
            writes.push(TransactWriteItem::builder().put(self.put_entry(&pk, entry)?).build());
        }
        self.write_together(writes).await
    }

    fn put_projection(&self, pk: &str, read: &Snapshot, change: &Change) -> Result<Put, StoreError> {
        let item = ProjectionItem::new(pk.to_owned(), change.projection.clone());
        let put = self.put(&item)?;
        let put = match &read.projection {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(known) => put
                .condition_expression("applied_version < :version AND awarded = :awarded_read")
                .expression_attribute_values(":version", keys::number(change.projection.applied_version))
                .expression_attribute_values(":awarded_read", keys::number(known.awarded)),
        };
        Ok(put.build().expect("a put has a table and an item"))
    }

    /// For ever: no expiry, so an event that returns after a year finds its entry.
    fn put_entry(&self, pk: &str, entry: Entry) -> Result<Put, StoreError> {
        let put = self.put(&EntryItem::new(pk.to_owned(), entry))?;
        let put = put.condition_expression("attribute_not_exists(pk)");
        Ok(put.build().expect("a put has a table and an item"))
    }

    fn put<T: Serialize>(
        &self,
        item: &T,
    ) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, StoreError> {
        let item =
            serde_dynamo::to_item(item).map_err(StoreError::while_doing("turning a value into an item"))?;
        Ok(Put::builder().table_name(&self.table).set_item(Some(item)))
    }

    /// Adds what the entry moves, rather than setting sums: the account stays the sum of its entries by itself,
    /// and the condition keeps numbers without gaps and each entry's `balance_after` true.
    fn move_account(&self, pk: &str, read: &MemberAccount, entry: &Entry) -> Update {
        Update::builder()
            .table_name(&self.table)
            .key(PK, keys::text(pk))
            .key(SK, keys::text(ACCOUNT))
            .update_expression(
                "SET last_entry_seq = :seq, tier = if_not_exists(tier, :tier_read) \
                 ADD balance :balance, pending :pending",
            )
            .condition_expression(format!(
                "{NEWEST_AS_READ} AND (attribute_not_exists(tier) OR tier = :tier_read)"
            ))
            .expression_attribute_values(":seq", keys::number(entry.entry_seq))
            .expression_attribute_values(":tier_read", keys::text(read.tier.as_str()))
            .expression_attribute_values(":balance", keys::number(entry.movement.balance))
            .expression_attribute_values(":pending", keys::number(entry.movement.pending))
            .expression_attribute_values(":seq_read", keys::number(read.last_entry_seq))
            .expression_attribute_values(":none", keys::number(0))
            .build()
            .expect("an update has a table, a key and an expression")
    }

    async fn write_together(&self, writes: Vec<TransactWriteItem>) -> Result<Committed, StoreError> {
        let written = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        match written {
            Ok(_) => Ok(Committed::Done),
            Err(error) if overtaken(&error) => Ok(Committed::Overtaken),
            Err(error) => Err(StoreError::new("writing to the ledger", error)),
        }
    }
}

/// No entry was made since the account was read; an account without a counter has none.
const NEWEST_AS_READ: &str =
    "(last_entry_seq = :seq_read OR (attribute_not_exists(last_entry_seq) AND :seq_read = :none))";

/// Whether a transaction failed for nothing but other writers: each reason is a condition that no longer holds,
/// or a conflict with a transaction still under way. Throttling or a refused value is no such thing.
fn overtaken(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let codes = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None"));
            let mut reasons = codes.filter(|code| *code != "None").peekable();
            reasons.peek().is_some()
                && reasons.all(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use api_types::{Miles, Tier};
    use embedded_dynamo::EmbeddedDynamo;

    use super::*;
    use crate::store::create_table;

    #[tokio::test]
    async fn an_opening_is_written_once_and_only_on_the_account_it_was_decided_from() {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        create_table(&dynamo.client(), "airmiles").await.unwrap();
        let store = LedgerStore::new(dynamo.client(), "airmiles");
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
        // Without an entry the number is as it was: that they are enrolled has to be told otherwise.
        assert_eq!(open(&nothing_known, Tier::Zenith, 0).await, Committed::Overtaken);
        assert_eq!(store.account(&member_id).await.unwrap().tier, Tier::Ridge);
    }
}
