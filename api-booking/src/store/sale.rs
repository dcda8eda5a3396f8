//! Making a booking: one transaction, and what its refusal means.

use std::collections::BTreeSet;

use api_types::{Booking, BookingEvent, BookingRequest, IdempotencyKey, MemberId, RecordLocator, UtcInstant};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use service_kit::events::outbox;

use super::{
    CabinOfFlight, Store, StoreError,
    cancellation::{Reading, reading},
    keys::{
        self, BOOKING, EXPIRES_AT, FINGERPRINT, Item, LOCATOR, MADE_AT, MEMBER, PK, REPLY, VERSION, number,
        text,
    },
};

/// For how long a key's answer is remembered.
///
/// Source: docs/decisions/0023, "Repeats".
const REMEMBERED_SECS: i64 = 48 * 60 * 60;

/// Everything that becomes true together when a booking is made.
#[derive(Clone, Debug)]
pub struct Sale<'a> {
    /// Who books.
    pub caller: &'a MemberId,
    /// Their name for this attempt.
    pub idempotency_key: &'a IdempotencyKey,
    /// What they asked for.
    pub fingerprint: &'a Fingerprint,
    /// The booking, at version 1.
    pub booking: &'a Booking,
    /// What they are told, now and whenever they ask again.
    pub reply: &'a Reply,
    /// The seats the booking takes, each once.
    pub seats: &'a [SeatOfFlight],
    /// What other services are told.
    pub event: &'a BookingEvent,
}

/// One seat of a cabin of a flight, numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatOfFlight {
    /// Where it is.
    pub cabin: CabinOfFlight,
    /// Which one, from 1 to the cabin's capacity.
    pub number: u32,
}

/// What a request asked for, in 43 characters: equal for requests that mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of `request` as it was understood: white space, order of fields and spelling that parsing
    /// evens out make no difference.
    ///
    /// # Panics
    /// Never: a request that was parsed from JSON can be written as JSON.
    #[must_use]
    pub fn of(request: &BookingRequest) -> Self {
        let canonical = serde_json::to_vec(request).expect("a booking request is made of text");
        Self(hash(&[&canonical]))
    }
}

/// What a successful request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The booking that was made.
    pub record_locator: RecordLocator,
    /// It in JSON, to the byte as first sent.
    pub body: String,
}

/// How the attempt to make a booking ended.
#[derive(Debug)]
pub enum SaleOutcome {
    /// All of it is true now, and durable.
    Sold,
    /// The key has an answer already: nothing was written. The reply if it answered the same request.
    Answered(Option<Reply>),
    /// Nothing was written, as something in it belongs to another booking.
    Taken {
        /// Another booking has the record locator.
        locator: bool,
        /// Somebody else sits on a seat that was tried in each of these.
        cabins: BTreeSet<CabinOfFlight>,
    },
    /// Nothing was written, as another transaction was busy with the same items. The same again may pass.
    Conflict,
}

impl Store {
    /// Makes a booking: remembers the reply, keeps the booking, takes the seats and puts the event in the
    /// outbox, all or nothing.
    ///
    /// # Errors
    /// When the store can't be reached, or refuses for a reason that is not one of [`SaleOutcome`]'s. Whether it
    /// wrote is unknown then; asking again under the same key finds out.
    pub async fn sell(&self, sale: &Sale<'_>, now: UtcInstant) -> Result<SaleOutcome, StoreError> {
        let items = self.items_of(sale, now)?;
        let sent = self
            .dynamodb
            .transact_write_items()
            .client_request_token(token(sale))
            .set_transact_items(Some(items))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(SaleOutcome::Sold),
            Err(error) => match cancellation(&error) {
                Some(reasons) => self.outcome(sale, reasons, now).await?.ok_or(error),
                None => Err(error),
            }
            .map_err(|error| StoreError::of_sdk(DOING, error)),
        }
    }

    /// What the caller's key was answered with, if it was: the reply if it answered the same request.
    ///
    /// # Errors
    /// When the store can't be reached, or what it holds can't be read.
    pub async fn answered(
        &self,
        caller: &MemberId,
        idempotency_key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        now: UtcInstant,
    ) -> Result<Option<SaleOutcome>, StoreError> {
        let found = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .set_key(Some(keys::idempotency(caller, idempotency_key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::of_sdk("looking for an earlier answer", error))?;
        // DynamoDB removes what has expired in its own time: until then it is there, and no longer counts.
        let found = found.item.filter(|item| expires_at(item).is_some_and(|at| at > now.epoch_secs()));
        found.map(|item| answered(&item, fingerprint)).transpose()
    }

    fn items_of(&self, sale: &Sale<'_>, now: UtcInstant) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Sale { caller, idempotency_key, fingerprint, booking, reply, seats, event } = sale;
        let locator = &booking.record_locator;
        let json = |written: Result<String, serde_json::Error>| {
            written.map_err(|error| StoreError::Failed { doing: DOING, cause: Box::new(error) })
        };

        let mut remembered = keys::idempotency(caller, idempotency_key);
        remembered.extend([
            (FINGERPRINT.to_owned(), text(&fingerprint.0)),
            (LOCATOR.to_owned(), text(locator.as_str())),
            (REPLY.to_owned(), text(&reply.body)),
            (EXPIRES_AT.to_owned(), number(now.epoch_secs() + REMEMBERED_SECS)),
        ]);
        let mut kept = keys::booking(locator);
        kept.extend([
            (MEMBER.to_owned(), text(keys::member(caller))),
            (MADE_AT.to_owned(), text(keys::made_at(booking.created_at, locator))),
            (VERSION.to_owned(), number(booking.version)),
            (BOOKING.to_owned(), text(json(serde_json::to_string(booking))?)),
        ]);
        let announced = outbox::item(&event.id, event.time, json(serde_json::to_string(event))?);

        let mut puts = Vec::with_capacity(seats.len() + 3);
        puts.push(
            self.put(remembered)
                .condition_expression("attribute_not_exists(#pk) OR #expires_at <= :now")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#expires_at", EXPIRES_AT)
                .expression_attribute_values(":now", number(now.epoch_secs()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
        );
        puts.push(unless_there(self.put(kept)));
        for seat in *seats {
            let mut taken = keys::seat(&seat.cabin, seat.number);
            taken.insert(LOCATOR.to_owned(), text(locator.as_str()));
            puts.push(unless_there(self.put(taken)));
        }
        puts.push(self.put(announced));

        let build = |put: aws_sdk_dynamodb::types::builders::PutBuilder| {
            let put =
                put.build().map_err(|error| StoreError::Failed { doing: DOING, cause: Box::new(error) })?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        puts.into_iter().map(build).collect()
    }

    fn put(&self, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.table).set_item(Some(item))
    }

    /// What the reasons of a cancelled transaction come to; `None` if one is of a kind that is not foreseen.
    async fn outcome(
        &self,
        sale: &Sale<'_>,
        reasons: &[CancellationReason],
        now: UtcInstant,
    ) -> Result<Option<SaleOutcome>, StoreError> {
        match reading(sale.seats, reasons) {
            Reading::Answered(Some(item)) => answered(item, sale.fingerprint).map(Some),
            Reading::Answered(None) => {
                // Asked for and not given: then read it. Gone meanwhile, it is in nobody's way.
                let read = self.answered(sale.caller, sale.idempotency_key, sale.fingerprint, now).await?;
                Ok(Some(read.unwrap_or(SaleOutcome::Conflict)))
            }
            Reading::Taken { locator, cabins } => Ok(Some(SaleOutcome::Taken { locator, cabins })),
            Reading::Conflict => Ok(Some(SaleOutcome::Conflict)),
            Reading::Busy(code) => Err(StoreError::Busy { doing: DOING, cause: code.into() }),
            Reading::Unforeseen => Ok(None),
        }
    }
}

const DOING: &str = "making a booking";

fn unless_there(
    put: aws_sdk_dynamodb::types::builders::PutBuilder,
) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK)
}

/// Names this transaction and no other, so that the SDK's own repeats of it after a lost reply write once.
///
/// Attempts under one key differ in locator, seats and time, and DynamoDB refuses one token for different
/// contents: what differs is therefore part of the token. Across attempts it is the idempotency item that counts.
fn token(sale: &Sale<'_>) -> String {
    let seats = sale.seats.iter().map(|seat| format!("{}#{}", keys::flight(&seat.cabin), seat.number));
    let seats = seats.collect::<Vec<_>>().join(" ");
    let parts = [sale.caller.as_str(), sale.idempotency_key.as_str(), &sale.reply.body, &seats];
    let mut token = hash(&parts.map(str::as_bytes));
    token.truncate(36); // as long as DynamoDB allows: 216 bits
    token
}

/// SHA-256 over `parts`, each with its length before it, as 43 characters of base64url.
fn hash(parts: &[&[u8]]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &all))
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

fn expires_at(item: &Item) -> Option<i64> {
    item.get(EXPIRES_AT)?.as_n().ok()?.parse().ok()
}

fn answered(item: &Item, fingerprint: &Fingerprint) -> Result<SaleOutcome, StoreError> {
    let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let read = || {
        let same = *attribute(FINGERPRINT)? == fingerprint.0;
        let reply =
            Reply { record_locator: attribute(LOCATOR)?.parse().ok()?, body: attribute(REPLY)?.clone() };
        Some(SaleOutcome::Answered(same.then_some(reply)))
    };
    read().ok_or_else(|| StoreError::unreadable("reading an earlier answer", "an attribute is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_keeps_its_borders() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[]).len(), 43);
    }
}
