//! A batch, message by message: which succeeded, and which are to come again.

use std::collections::BTreeMap;
use std::error::Error;
use std::panic::AssertUnwindSafe;

use api_types::MemberId;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures::{FutureExt, StreamExt, stream};

use super::message;
use crate::apply_booking::{Applied, ApplyError};
use crate::domain::BookingFact;

/// How many members' messages are applied at the same time.
const MEMBERS_AT_ONCE: usize = 4;

/// A readable message.
struct Delivery {
    position: usize,
    message_id: String,
    fact: BookingFact,
    traceparent: Option<String>,
}

/// Applies each message of `event` by `apply`, which is given the message's id and what it says.
///
/// Messages of one member go one after the other, in the batch's order (they write to the same account, and would
/// only get in each other's way); different members' go at the same time.
pub(super) async fn run(
    event: SqsEvent,
    apply: impl AsyncFn(String, BookingFact) -> Result<Applied, ApplyError>,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    if event.records.iter().any(|record| record.message_id.as_deref().unwrap_or_default().is_empty()) {
        tracing::error!("a record has no message id: the whole batch is to come again");
        response.add_failure("");
        return response;
    }
    let mut failed: Vec<(usize, String)> = Vec::new();
    let mut by_member: BTreeMap<MemberId, Vec<Delivery>> = BTreeMap::new();
    for (position, record) in event.records.into_iter().enumerate() {
        let message_id = record.message_id.unwrap_or_default();
        match message::read(record.body.as_deref()) {
            Ok((fact, traceparent)) => {
                let delivery = Delivery { position, message_id, fact, traceparent };
                by_member.entry(delivery.fact.booking().member_id.clone()).or_default().push(delivery);
            }
            Err(error) => {
                tracing::error!(message_id, cause = %in_one_line(&error), "a message can't be read");
                failed.push((position, message_id));
            }
        }
    }
    let apply = &apply;
    let failed_applying = stream::iter(by_member.into_values())
        .map(|deliveries| one_after_the_other(deliveries, apply))
        .buffer_unordered(MEMBERS_AT_ONCE)
        .concat()
        .await;
    failed.extend(failed_applying);
    failed.sort_unstable();
    response.set_failures(failed.into_iter().map(|(_, message_id)| message_id));
    response
}

/// The positions and ids of those that failed. A failure doesn't stop the ones behind it: each event holds the
/// whole state, so the newer one is right without the older.
async fn one_after_the_other(
    deliveries: Vec<Delivery>,
    apply: &impl AsyncFn(String, BookingFact) -> Result<Applied, ApplyError>,
) -> Vec<(usize, String)> {
    let mut failed = Vec::new();
    for Delivery { position, message_id, fact, traceparent } in deliveries {
        let (version, traceparent) = (fact.version(), traceparent.unwrap_or_default());
        // A panic is that message's failure and no other's.
        let applied = AssertUnwindSafe(apply(message_id.clone(), fact)).catch_unwind().await;
        match applied {
            Ok(Ok(applied)) => tracing::info!(message_id, version, traceparent, ?applied, "applied"),
            Ok(Err(error)) => {
                let cause = in_one_line(&error);
                tracing::error!(message_id, version, traceparent, %cause, "a message was not applied");
                failed.push((position, message_id));
            }
            Err(_) => {
                tracing::error!(message_id, version, traceparent, "applying a message panicked");
                failed.push((position, message_id));
            }
        }
    }
    failed
}

/// An error with all that caused it, on one line: an SDK error's own text says "service error" only.
fn in_one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
