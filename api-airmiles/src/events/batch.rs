//! A batch, message by message: which succeeded, and which are to come again.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use api_types::MemberId;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures::{FutureExt, StreamExt, stream};
use service_kit::telemetry::in_one_line;

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
pub(super) async fn run<A>(
    event: SqsEvent,
    apply: impl Fn(String, BookingFact) -> A + Sync,
) -> SqsBatchResponse
where
    A: Future<Output = Result<Applied, ApplyError>> + Send, // whoever calls may run on many threads
{
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
async fn one_after_the_other<A>(
    deliveries: Vec<Delivery>,
    apply: &(impl Fn(String, BookingFact) -> A + Sync),
) -> Vec<(usize, String)>
where
    A: Future<Output = Result<Applied, ApplyError>> + Send,
{
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use aws_lambda_events::event::sqs::SqsMessage;

    use super::*;

    /// A readable message; its miles don't matter here.
    fn record(message_id: &str, member_id: &str, version: u64) -> SqsMessage {
        let at = |utc: &str| serde_json::json!({ "utc": utc, "local": "2026-12-05T11:05:00", "zone": "America/Los_Angeles" });
        let body = serde_json::json!({
            "id": format!("K7QZ4M-{version}"), "source": "tern.booking", "type": "booking.confirmed.v1",
            "time": "2026-11-21T09:00:00Z", "subject": "K7QZ4M", "schema_version": 1,
            "aggregate_version": version,
            "data": {
                "record_locator": "K7QZ4M", "member_id": member_id, "status": "confirmed",
                "created_at": "2026-11-21T09:00:00Z",
                "bounds": [{
                    "cabin": "economy", "fare_family": "classic", "fare_class": "M",
                    "segments": [{
                        "flight_number": "TN7", "from": "SFO", "to": "NRT",
                        "departure": at("2026-12-05T19:05:00Z"), "arrival": at("2026-12-06T06:20:00Z"),
                        "duration_minutes": 675, "aircraft": "Boeing 787-9", "distance_mi": 5124
                    }]
                }],
                "passengers": [{ "type": "adult" }],
                "price": {
                    "amount_minor": 0, "currency": "USD", "fare_minor": 0, "taxes": [], "shares": []
                }
            }
        });
        let mut record = SqsMessage::default();
        record.message_id = Some(message_id.to_owned());
        record.body = Some(body.to_string());
        record
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_message_and_those_behind_it_go_on() {
        let mut event = SqsEvent::default();
        event.records = vec![record("m-1", "a", 1), record("m-2", "a", 2), record("m-3", "b", 1)];
        event.records.push(record("m-4", "a", 3));
        let seen = Mutex::new(Vec::new());

        let response = run(event, async |message_id, fact| {
            seen.lock().unwrap().push((fact.booking().member_id.to_string(), fact.version()));
            match message_id.as_str() {
                "m-2" => panic!("on purpose"),
                "m-4" => Err(ApplyError::Contended),
                _ => Ok(Applied::Now),
            }
        })
        .await;

        let failed = response.batch_item_failures.iter().map(|each| each.item_identifier.as_str());
        assert_eq!(failed.collect::<Vec<_>>(), ["m-2", "m-4"]);
        let seen = seen.into_inner().unwrap();
        let of_a = seen.iter().filter(|(member, _)| member == "a").map(|(_, version)| *version);
        assert_eq!(of_a.collect::<Vec<_>>(), [1, 2, 3]);
    }
}
