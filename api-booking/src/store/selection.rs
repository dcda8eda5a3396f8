//! Bookings selected for operators: a member's, those of a time, or all.

use std::collections::BTreeMap;

use api_types::{Booking, BookingEvent, MemberId, UtcInstant};
use serde::{Deserialize, Serialize};
use service_kit::events::outbox;

use super::{
    Store, StoreError,
    keys::{self, BY_MEMBER, Item, MADE_AT, MEMBER, text},
};

/// Which bookings are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those of a member.
    Member(MemberId),
    /// Those created from the one instant on and before the other; all, if neither is given.
    Created {
        /// The first instant of the range.
        from: Option<UtcInstant>,
        /// The first instant after the range.
        until: Option<UtcInstant>,
    },
}

/// Where a selection goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionPosition(BTreeMap<String, String>); // a key of the index, all of whose attributes are strings

const DOING: &str = "selecting bookings";

impl Store {
    /// Reads up to `limit` bookings, and gives those of them that `selection` contains with the members who made them, and
    /// where to go on.
    ///
    /// It reads the index of members' bookings, which has no other items. The index follows the table within moments.
    ///
    /// # Errors
    /// When the database request failed, or an item can't be read.
    pub async fn select_bookings(
        &self,
        selection: &Selection,
        after: Option<&SelectionPosition>,
        limit: u16,
    ) -> Result<(Vec<(MemberId, Booking)>, Option<SelectionPosition>), StoreError> {
        let start = after.map(|position| {
            position.0.iter().map(|(name, value)| (name.clone(), text(value))).collect::<Item>()
        });
        let (items, last) = match selection {
            Selection::Member(member) => {
                let page = self
                    .query_by_member(member)
                    .limit(i32::from(limit))
                    .set_exclusive_start_key(start)
                    .send()
                    .await
                    .map_err(StoreError::while_doing(DOING))?;
                (page.items, page.last_evaluated_key)
            }
            Selection::Created { from, until } => {
                let from = from.unwrap_or(UtcInstant::from_epoch_ms(0));
                let until = until.map_or_else(keys::after_every_instant, keys::instant);
                let page = self
                    .table
                    .client
                    .scan()
                    .table_name(&self.table.name)
                    .index_name(BY_MEMBER)
                    .filter_expression("#made_at >= :from AND #made_at < :until")
                    .expression_attribute_names("#made_at", MADE_AT)
                    .expression_attribute_values(":from", text(keys::instant(from)))
                    .expression_attribute_values(":until", text(until))
                    .limit(i32::from(limit))
                    .set_exclusive_start_key(start)
                    .send()
                    .await
                    .map_err(StoreError::while_doing(DOING))?;
                (page.items, page.last_evaluated_key)
            }
        };
        let bookings = items.unwrap_or_default().iter().map(read).collect::<Result<_, _>>()?;
        Ok((bookings, last.map(position).transpose()?))
    }

    /// Puts `event` into the outbox at `now`: the table's stream publishes it, or else the sweep. Doing so twice publishes it
    /// twice, under one id.
    ///
    /// # Errors
    /// When the database request failed.
    pub async fn put_into_outbox(&self, event: &BookingEvent, now: UtcInstant) -> Result<(), StoreError> {
        const DOING: &str = "putting an event into the outbox";
        let json = serde_json::to_string(event);
        let json = json.map_err(|error| StoreError::failed(DOING, error))?;
        let item = outbox::item(&event.id, now, json);
        let put = self.table.client.put_item().table_name(&self.table.name).set_item(Some(item));
        put.send().await.map_err(StoreError::while_doing(DOING))?;
        Ok(())
    }
}

fn read(item: &Item) -> Result<(MemberId, Booking), StoreError> {
    let member = item.get(MEMBER).and_then(|member| keys::member_id(member.as_s().ok()?));
    let member = member.ok_or_else(|| StoreError::unreadable(DOING, "a booking has no member"))?;
    Ok((member, super::bookings::read(item)?))
}

fn position(key: Item) -> Result<SelectionPosition, StoreError> {
    let strings = key.into_iter().map(|(name, value)| Some((name, value.as_s().ok()?.clone())));
    let position = strings.collect::<Option<_>>().map(SelectionPosition);
    position.ok_or_else(|| StoreError::unreadable(DOING, "the index has a key that is not text"))
}
