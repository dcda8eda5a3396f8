//! A batch, message by message: which succeeded, and which are to come again.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use api_types::MemberId;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{FutureExt, StreamExt, stream};
use service_kit::metrics::millis_since;
use service_kit::station::{self, CLOSED, Station};
use service_kit::telemetry::in_one_line;
use service_kit::{Clock, Outcome};
use tracing::field::display;

use super::FUNCTION;
use super::message::{self, Message};
use crate::apply_booking::{Applied, ApplyError};
use crate::domain::BookingFact;
use crate::metrics::{APPLIED, DUPLICATES, MILES_LAG, REDELIVERED, UNAPPLIED, UNREADABLE};

/// How many members' messages are applied at the same time.
const MEMBERS_AT_ONCE: usize = 4;

/// A readable message, on its way to be applied.
struct Delivery {
    position: usize,
    message_id: String,
    /// How often it was delivered, this time included.
    receive_count: u32,
    message: Message,
}

/// Applies each message of `event` by `apply`, which is given the message's id and what it says.
///
/// Messages of one member go one after the other, in the batch's order (they write to the same account, and would
/// only get in each other's way); different members' go at the same time.
pub(super) async fn run<A>(
    event: SqsEvent,
    clock: &Clock,
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
        let receive_count = receive_count(&record);
        let message_id = record.message_id.unwrap_or_default();
        match message::read(record.body.as_deref()) {
            Ok(message) => {
                let member_id = message.fact.booking().member_id.clone();
                let delivery = Delivery { position, message_id, receive_count, message };
                by_member.entry(member_id).or_default().push(delivery);
            }
            Err(error) => {
                let station = Station::of_event(FUNCTION, None);
                let cause = in_one_line(&error);
                station.work(async { close_unreadable(&station, &message_id, receive_count, &cause) }).await;
                failed.push((position, message_id));
            }
        }
    }
    let apply = &apply;
    let failed_applying = stream::iter(by_member.into_values())
        .map(|deliveries| one_after_the_other(deliveries, clock, apply))
        .buffer_unordered(MEMBERS_AT_ONCE)
        .concat()
        .await;
    failed.extend(failed_applying);
    failed.sort_unstable();
    response.set_failures(failed.into_iter().map(|(_, message_id)| message_id));
    response
}

fn receive_count(record: &SqsMessage) -> u32 {
    record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The positions and ids of those that failed. A failure doesn't stop the ones behind it: each event holds the
/// whole state, so the newer one is right without the older.
async fn one_after_the_other<A>(
    deliveries: Vec<Delivery>,
    clock: &Clock,
    apply: &(impl Fn(String, BookingFact) -> A + Sync),
) -> Vec<(usize, String)>
where
    A: Future<Output = Result<Applied, ApplyError>> + Send,
{
    let mut failed = Vec::new();
    for delivery in deliveries {
        // Each delivery is a station of its own, after the publishing of its event.
        let published = delivery.message.trace.map(|sale| sale.published(&delivery.message.event_id));
        let way = published.map(|published| (published.anywhere(), published.station_id()));
        let station = Station::of_event(FUNCTION, way);
        let (position, message_id) = (delivery.position, delivery.message_id.clone());
        if station.work(deliver(&station, delivery, clock, apply)).await.is_err() {
            failed.push((position, message_id));
        }
    }
    failed
}

/// It was not applied, and the log says why.
struct Unapplied;

/// Applies a message at its station, and closes that.
async fn deliver<A>(
    station: &Station,
    delivery: Delivery,
    clock: &Clock,
    apply: &(impl Fn(String, BookingFact) -> A + Sync),
) -> Result<(), Unapplied>
where
    A: Future<Output = Result<Applied, ApplyError>> + Send,
{
    let Delivery { message_id, receive_count, message: Message { event_id, time, fact, .. }, .. } = delivery;
    let version = fact.version();
    station::about(&fact.booking().record_locator);
    if receive_count > 1 {
        station::count(REDELIVERED);
    }
    // A panic is that message's failure and no other's.
    let applied = AssertUnwindSafe(apply(message_id.clone(), fact)).catch_unwind().await;
    let cause = match applied {
        Ok(Ok(applied)) => {
            match applied {
                Applied::Now => {
                    station::count(APPLIED);
                    station::measure(MILES_LAG, millis_since(time, clock.now()));
                }
                Applied::Before => station::count(DUPLICATES),
            }
            let noted = station.take_noted();
            let noted = noted.as_ref().map(display);
            tracing::info!(target: CLOSED, message_id, receive_count, event_id, version, ?applied, noted, "applied");
            station.close(&Outcome::Done);
            return Ok(());
        }
        Ok(Err(error)) => in_one_line(&error),
        Err(_) => "applying it panicked".to_owned(),
    };
    station::count(UNAPPLIED);
    let noted = station.take_noted();
    let noted = noted.as_ref().map(display);
    tracing::error!(target: CLOSED, message_id, receive_count, event_id, version, cause, noted, "a message was not applied");
    station.close(&Outcome::Failed);
    Err(Unapplied)
}

fn close_unreadable(station: &Station, message_id: &str, receive_count: u32, cause: &str) {
    if receive_count > 1 {
        station::count(REDELIVERED);
    }
    station::count(UNAPPLIED);
    station::count(UNREADABLE);
    let noted = station.take_noted();
    let noted = noted.as_ref().map(display);
    tracing::error!(target: CLOSED, message_id, receive_count, cause, noted, "a message can't be read");
    station.close(&Outcome::Failed);
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

        let clock = Clock::system();
        let response = run(event, &clock, async |message_id, fact| {
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
