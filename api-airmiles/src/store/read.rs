//! Reading: always the newest, so that a member sees what they were just told.

use std::collections::HashMap;

use api_types::{MemberId, RecordLocator};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::items::{AccountItem, EntryItem, ProjectionItem};
use super::keys::{self, ACCOUNT, BOOKING_PREFIX, BY_SEQ, ENTRY_SEQ, PK, SK};
use super::{LedgerStore, StoreError};
use crate::domain::{Entry, MemberAccount, Projection};

/// What was read of a member and one of their bookings, and what a change is conditional on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Where the member stands.
    pub account: MemberAccount,
    /// What is known of the booking.
    pub projection: Option<Projection>,
}

/// A part of a ledger, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Entries before this number come next; `None` when there are none.
    pub next_before: Option<u64>,
}

impl LedgerStore {
    /// Where a member stands; a member never heard of has an empty account.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn account(&self, member_id: &MemberId) -> Result<MemberAccount, StoreError> {
        Ok(self.account_item(member_id).await?.as_ref().map(MemberAccount::from).unwrap_or_default())
    }

    /// What is known of a member's booking. Another member's booking is not found here.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn projection(
        &self,
        member_id: &MemberId,
        record_locator: &RecordLocator,
    ) -> Result<Option<Projection>, StoreError> {
        let item = self.item::<ProjectionItem>(member_id, keys::booking(record_locator)).await?;
        Ok(item.map(Projection::from))
    }

    /// What a decision about the booking rests on. The two reads are not one: the conditions of
    /// [`LedgerStore::commit`] notice whatever changes between them or after.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn snapshot(
        &self,
        member_id: &MemberId,
        record_locator: &RecordLocator,
    ) -> Result<Snapshot, StoreError> {
        let (account, projection) =
            futures::try_join!(self.account(member_id), self.projection(member_id, record_locator))?;
        Ok(Snapshot { account, projection })
    }

    /// Up to `limit` entries of a member's ledger, newest first; with `before`, only older ones than that number.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn entries(
        &self,
        member_id: &MemberId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<EntryPage, StoreError> {
        const DOING: &str = "reading the ledger";
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_SEQ)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", keys::text(keys::member(member_id)));
        query = match before {
            None => query.key_condition_expression("#pk = :pk"),
            Some(before) => query
                .key_condition_expression("#pk = :pk AND #seq < :before")
                .expression_attribute_names("#seq", ENTRY_SEQ)
                .expression_attribute_values(":before", keys::number(before)),
        };
        let reply = query.send().await.map_err(StoreError::while_doing(DOING))?;
        let entries = parse_all::<EntryItem, Entry>(reply.items.unwrap_or_default(), DOING)?;
        // Numbers have no gaps: after the entry numbered 1 there is nothing.
        let next_before = entries.last().map(|oldest| oldest.entry_seq).filter(|oldest| *oldest > 1);
        Ok(EntryPage { entries, next_before })
    }

    /// All that is known of a member's bookings, by record locator.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn projections(&self, member_id: &MemberId) -> Result<Vec<Projection>, StoreError> {
        const DOING: &str = "reading a member's bookings";
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", keys::text(keys::member(member_id)))
            .expression_attribute_values(":prefix", keys::text(BOOKING_PREFIX))
            .into_paginator()
            .items()
            .send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.map_err(StoreError::while_doing(DOING))?;
        parse_all::<ProjectionItem, Projection>(items, DOING)
    }

    /// The account of a member who is not enrolled; `None` for one who is.
    pub(crate) async fn account_before_enrolment(
        &self,
        member_id: &MemberId,
    ) -> Result<Option<MemberAccount>, StoreError> {
        match self.account_item(member_id).await? {
            None => Ok(Some(MemberAccount::default())),
            Some(item) if item.enrolled_at.is_none() => Ok(Some(MemberAccount::from(&item))),
            Some(_) => Ok(None),
        }
    }

    async fn account_item(&self, member_id: &MemberId) -> Result<Option<AccountItem>, StoreError> {
        self.item(member_id, ACCOUNT.to_owned()).await
    }

    async fn item<T: DeserializeOwned>(
        &self,
        member_id: &MemberId,
        sk: String,
    ) -> Result<Option<T>, StoreError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .key(PK, keys::text(keys::member(member_id)))
            .key(SK, keys::text(sk))
            .send()
            .await
            .map_err(StoreError::while_doing("reading an item"))?;
        reply
            .item
            .map(serde_dynamo::from_item)
            .transpose()
            .map_err(StoreError::while_doing("parsing an item"))
    }
}

fn parse_all<Item: DeserializeOwned, T: From<Item>>(
    items: Vec<HashMap<String, AttributeValue>>,
    doing: &'static str,
) -> Result<Vec<T>, StoreError> {
    let parsed: Vec<Item> = serde_dynamo::from_items(items).map_err(StoreError::while_doing(doing))?;
    Ok(parsed.into_iter().map(T::from).collect())
}
