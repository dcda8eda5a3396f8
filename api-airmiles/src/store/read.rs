//! Reading: always strongly consistent, so that members see the effect of their last action.

use api_types::{MemberId, RecordLocator};
use serde::de::DeserializeOwned;
use service_kit::store::{Item, PK, number, string, text};

use super::items::{AccountItem, EntryItem, ProjectionItem};
use super::keys::{self, BY_SEQ, ENTRY_SEQ, MEMBER_ID};
use super::{Store, StoreError};
use crate::domain::{Entry, MemberAccount, Projection, Snapshot};

/// A part of a ledger, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPage {
    pub entries: Vec<Entry>,
    /// The next page holds the entries before this number; `None` after the last page.
    pub next_before: Option<u64>,
}

impl Store {
    /// A member's account; that of an unknown member is empty.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn account(&self, member_id: &MemberId) -> Result<MemberAccount, StoreError> {
        Ok(self.account_item(member_id).await?.as_ref().map(MemberAccount::from).unwrap_or_default())
    }

    /// The projection of a member's booking. Another member's booking is not found.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn projection(
        &self,
        member_id: &MemberId,
        record_locator: &RecordLocator,
    ) -> Result<Option<Projection>, StoreError> {
        const DOING: &str = "reading a booking's miles";
        let found = self.table.get(DOING, keys::projection(member_id, record_locator)).await?;
        Ok(parse::<ProjectionItem>(DOING, found)?.map(Projection::from))
    }

    /// The member to whom a booking belongs; `None` before its first event.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn owner(&self, record_locator: &RecordLocator) -> Result<Option<MemberId>, StoreError> {
        const DOING: &str = "reading a booking's owner";
        let Some(item) = self.table.get(DOING, keys::owner(record_locator)).await? else { return Ok(None) };
        let owner = string(&item, MEMBER_ID).and_then(|text| text.parse().ok());
        owner.map(Some).ok_or_else(|| StoreError::unreadable(DOING, "it has no member"))
    }

    /// The state that a decision about the booking rests on. The reads are not one: the conditions of
    /// [`Store::commit`] fail when something changes between them or after.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn snapshot(
        &self,
        member_id: &MemberId,
        record_locator: &RecordLocator,
    ) -> Result<Snapshot, StoreError> {
        let (account, projection, owner) = futures::try_join!(
            self.account(member_id),
            self.projection(member_id, record_locator),
            self.owner(record_locator)
        )?;
        Ok(Snapshot { account, projection, owner })
    }

    /// Up to `limit` entries of a member's ledger, newest first; with `before`, only those before that number.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn entries(
        &self,
        member_id: &MemberId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<EntryPage, StoreError> {
        const DOING: &str = "reading the ledger";
        let mut query = self
            .table
            .query()
            .index_name(BY_SEQ)
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(keys::member(member_id)));
        query = match before {
            None => query.key_condition_expression("#pk = :pk"),
            Some(before) => query
                .key_condition_expression("#pk = :pk AND #seq < :before")
                .expression_attribute_names("#seq", ENTRY_SEQ)
                .expression_attribute_values(":before", number(before)),
        };
        let reply = query.send().await.map_err(StoreError::while_doing(DOING))?;
        let entries = parse_all::<EntryItem, Entry>(DOING, reply.items.unwrap_or_default())?;
        // Numbers have no gaps: after the entry numbered 1 there is nothing.
        let next_before = entries.last().map(|oldest| oldest.entry_seq).filter(|oldest| *oldest > 1);
        Ok(EntryPage { entries, next_before })
    }

    /// The projections of a member's bookings, by record locator.
    ///
    /// # Errors
    /// When the database request fails.
    #[cfg(feature = "testing")]
    pub async fn projections(&self, member_id: &MemberId) -> Result<Vec<Projection>, StoreError> {
        const DOING: &str = "reading a member's bookings";
        let pages = self
            .table
            .query()
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", service_kit::store::SK)
            .expression_attribute_values(":pk", text(keys::member(member_id)))
            .expression_attribute_values(":prefix", text(keys::BOOKING_PREFIX))
            .into_paginator()
            .items()
            .send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.map_err(StoreError::while_doing(DOING))?;
        parse_all::<ProjectionItem, Projection>(DOING, items)
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
        const DOING: &str = "reading an account";
        parse(DOING, self.table.get(DOING, keys::account(member_id)).await?)
    }
}

fn parse<T: DeserializeOwned>(doing: &'static str, item: Option<Item>) -> Result<Option<T>, StoreError> {
    let parsed = item.map(serde_dynamo::from_item).transpose();
    parsed.map_err(|error| StoreError::unreadable(doing, error))
}

fn parse_all<I: DeserializeOwned, T: From<I>>(
    doing: &'static str,
    items: Vec<Item>,
) -> Result<Vec<T>, StoreError> {
    let parsed: Vec<I> =
        serde_dynamo::from_items(items).map_err(|error| StoreError::unreadable(doing, error))?;
    Ok(parsed.into_iter().map(T::from).collect())
}
