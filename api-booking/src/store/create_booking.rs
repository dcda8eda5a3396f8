//! Creating a booking: one transaction, and what its outcome means.

use std::collections::BTreeSet;

use api_types::{Booking, BookingEvent, UtcInstant};
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use service_kit::events::outbox;
use service_kit::store::cancellation_reasons;

use super::idempotency::{Answer, KEY_IS_FREE, KeyUse, Reply, hash, key_item};
use super::transaction_outcome::{TransactionOutcome, transaction_outcome};
use super::{
    CabinOfFlight, Store, StoreError,
    keys::{self, BOOKING, EXPIRES_AT, LOCATOR, MADE_AT, MEMBER, PK, REPLY, VERSION, number, text},
};

const DOING: &str = "creating a booking";

/// Everything that is written together when a booking is created.
#[derive(Clone, Debug)]
pub struct NewBooking<'a> {
    /// The key of the request that creates it.
    pub key: KeyUse<'a>,
    /// The booking, at version 1.
    pub booking: &'a Booking,
    /// The answer to the request, now and whenever it comes again.
    pub reply: &'a Reply,
    /// The seats the booking takes, each once.
    pub seats: &'a [SeatOfFlight],
    /// The event for other services.
    pub event: &'a BookingEvent,
}

/// One seat of a cabin of a flight, numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatOfFlight {
    /// The cabin it is in.
    pub cabin: CabinOfFlight,
    /// From 1 to the cabin's capacity.
    pub number: u32,
}

/// How the attempt to create a booking ended.
#[derive(Debug)]
pub enum CreateBookingOutcome {
    /// All of it is written, and durable.
    Created,
    /// Nothing was written: the key has an answer already, `None` if it is another request's.
    Answered(Option<Answer>),
    /// Nothing was written: something in it belongs to another booking.
    Taken {
        /// Another booking has the record locator.
        locator: bool,
        /// The cabins in which another booking has a seat that was tried.
        cabins: BTreeSet<CabinOfFlight>,
    },
    /// Nothing was written: another transaction had the same items. The same again may pass.
    Conflict,
}

impl Store {
    /// Creates a booking: stores the reply under its key, the booking and its seats, and puts the event into the outbox,
    /// all or nothing.
    ///
    /// # Errors
    /// When the database request failed, or was refused for a reason that is not one of [`CreateBookingOutcome`]'s.
    /// Whether it wrote is unknown then; the same request under the same key finds out.
    pub async fn create_booking(
        &self,
        new: &NewBooking<'_>,
        now: UtcInstant,
    ) -> Result<CreateBookingOutcome, StoreError> {
        let items = self.items_of(new, now)?;
        let sent = self
            .table
            .client
            .transact_write_items()
            .client_request_token(token(new))
            .set_transact_items(Some(items))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(CreateBookingOutcome::Created),
            Err(error) => match cancellation_reasons(&error) {
                Some(reasons) => self.outcome(new, reasons, now).await?.ok_or(error),
                None => Err(error),
            }
            .map_err(StoreError::while_doing(DOING)),
        }
    }

    fn items_of(&self, new: &NewBooking<'_>, now: UtcInstant) -> Result<Vec<TransactWriteItem>, StoreError> {
        let NewBooking { key, booking, reply, seats, event } = new;
        let locator = &booking.record_locator;
        let json = |written: Result<String, serde_json::Error>| {
            written.map_err(|error| StoreError::failed(DOING, error))
        };

        let mut answer = key_item(*key, now);
        answer.insert(LOCATOR.to_owned(), text(locator.as_str()));
        answer.insert(REPLY.to_owned(), text(&reply.body));
        let mut stored = keys::booking(locator);
        stored.extend([
            (MEMBER.to_owned(), text(keys::member(key.caller))),
            (MADE_AT.to_owned(), text(keys::made_at(booking.created_at, locator))),
            (VERSION.to_owned(), number(booking.version)),
            (BOOKING.to_owned(), text(json(serde_json::to_string(booking))?)),
        ]);
        let outbox = outbox::item(&event.id, event.time, json(serde_json::to_string(event))?);

        let mut puts = Vec::with_capacity(seats.len() + 3);
        puts.push(
            self.table
                .put(answer)
                .condition_expression(KEY_IS_FREE)
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#expires_at", EXPIRES_AT)
                .expression_attribute_values(":now", number(now.epoch_secs()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
        );
        puts.push(unless_there(self.table.put(stored)));
        for seat in *seats {
            let mut taken = keys::seat(&seat.cabin, seat.number);
            taken.insert(LOCATOR.to_owned(), text(locator.as_str()));
            puts.push(unless_there(self.table.put(taken)));
        }
        puts.push(self.table.put(outbox));

        let build = |put: PutBuilder| {
            let put = put.build().map_err(|error| StoreError::failed(DOING, error))?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        puts.into_iter().map(build).collect()
    }

    /// The outcome that the reasons of a cancelled transaction amount to; `None` if one of them is unforeseen.
    async fn outcome(
        &self,
        new: &NewBooking<'_>,
        reasons: &[CancellationReason],
        now: UtcInstant,
    ) -> Result<Option<CreateBookingOutcome>, StoreError> {
        match transaction_outcome(new.seats, reasons) {
            TransactionOutcome::Answered(item) => {
                let answer = self.answer_in(new.key, item, now).await?;
                Ok(Some(answer.map_or(CreateBookingOutcome::Conflict, CreateBookingOutcome::Answered)))
            }
            TransactionOutcome::Taken { locator, cabins } => {
                Ok(Some(CreateBookingOutcome::Taken { locator, cabins }))
            }
            TransactionOutcome::Conflict => Ok(Some(CreateBookingOutcome::Conflict)),
            TransactionOutcome::Busy(code) => Err(StoreError::Busy { doing: DOING, cause: code.into() }),
            TransactionOutcome::Unforeseen => Ok(None),
        }
    }
}

fn unless_there(put: PutBuilder) -> PutBuilder {
    put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK)
}

/// Names this transaction and no other, so that the SDK's own repeats of it after a lost reply write once.
///
/// Attempts under one key differ in locator, seats and time, and DynamoDB refuses one token for different contents, so
/// the token covers what differs. Across attempts the idempotency item decides.
fn token(new: &NewBooking<'_>) -> String {
    let seats = new.seats.iter().map(|seat| format!("{}#{}", keys::flight(&seat.cabin), seat.number));
    let seats = seats.collect::<Vec<_>>().join(" ");
    let parts = [new.key.caller.as_str(), new.key.key.as_str(), &new.reply.body, &seats];
    let mut token = hash(&parts.map(str::as_bytes));
    token.truncate(36); // as long as DynamoDB allows: 216 bits
    token
}

#[cfg(test)]
mod tests;
