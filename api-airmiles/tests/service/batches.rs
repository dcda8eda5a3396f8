//! The queue's batches: exactly the failed messages come again.

use api_airmiles::audit::prove;
use api_airmiles::events::Consumer;
use api_types::{BookingEvent, BookingStatus, EventType, Miles, PassengerType};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use service_kit::Clock;
use service_kit::events::queue::QueueConsumer;
use service_kit::telemetry::in_one_line;

use crate::harness::{Fixture, batch, booking, cancelled, event, event_message, member, message, now, party};

async fn handle(fixture: &Fixture, records: Vec<SqsMessage>) -> Vec<String> {
    let consumer = Consumer::new(fixture.store().clone(), Clock::fixed(now()));
    let SqsBatchResponse { batch_item_failures, .. } = consumer.handle(batch(records)).await;
    batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

async fn pending(fixture: &Fixture, id: &str) -> Miles {
    prove(fixture.store(), &member(id)).await.unwrap().account.pending
}

#[tokio::test]
async fn exactly_the_failed_messages_are_named() {
    let fixture = Fixture::start().await;
    let good = event(&booking("noor-haddad", "AAAAAA"), 1);
    let also_good = event(&booking("kenji-mori", "BBBBBB"), 1);
    let mut no_body = message("no body", "");
    no_body.body = None;
    let mut nobody_flies = booking("noor-haddad", "CCCCCC");
    nobody_flies.passengers.clear();
    let mut other_subject = event(&booking("noor-haddad", "DDDDDD"), 1);
    other_subject.subject = "EEEEEE".to_owned();
    let mut cancelled_by_name_only = event(&booking("noor-haddad", "FFFFFF"), 2);
    cancelled_by_name_only.event_type = EventType::BookingCancelledV1;
    let newer = serde_json::to_string(&good).unwrap().replace("booking.confirmed.v1", "booking.upgraded.v1");

    let failed = handle(
        &fixture,
        vec![
            message("not JSON", "{"),
            event_message("good", &good),
            message("another shape", "{\"type\":\"booking.confirmed.v1\"}"),
            no_body,
            message("newer", &newer),
            event_message("nobody flies", &event(&nobody_flies, 1)),
            event_message("other subject", &other_subject),
            event_message("version 0", &event(&booking("noor-haddad", "GGGGGG"), 0)),
            event_message("contradiction", &cancelled_by_name_only),
            message("too deep", &"[".repeat(100_000)),
            event_message("also good", &also_good),
        ],
    )
    .await;

    assert_eq!(
        failed,
        [
            "not JSON",
            "another shape",
            "no body",
            "newer",
            "nobody flies",
            "other subject",
            "version 0",
            "contradiction",
            "too deep"
        ]
    );
    assert_eq!(pending(&fixture, "noor-haddad").await, Miles(5124));
    assert_eq!(pending(&fixture, "kenji-mori").await, Miles(5124));
}

#[test]
fn an_event_that_contradicts_itself_is_no_fact() {
    let confirmed = || event(&booking("noor-haddad", "AAAAAA"), 1);
    let read = |event: &BookingEvent| Consumer::read(Some(&serde_json::to_string(event).unwrap())).map(drop);
    type Harm = fn(&mut BookingEvent);
    let harms: [(&str, Harm); 9] = [
        ("aggregate_version is 0", |event| event.aggregate_version = 0),
        ("the subject is BBBBBB", |event| event.subject = "BBBBBB".to_owned()),
        ("the type is booking.cancelled.v1", |event| event.event_type = EventType::BookingCancelledV1),
        ("the type is booking.confirmed.v1", |event| event.data.status = BookingStatus::Cancelled),
        ("0 passengers", |event| event.data.passengers.clear()),
        ("10 passengers", |event| event.data.passengers = party(&[PassengerType::Adult; 10])),
        ("the booking has a bound without a segment", |event| event.data.bounds.clear()),
        ("the booking has a bound without a segment", |event| event.data.bounds[0].segments.clear()),
        ("a segment of 12501 mi", |event| event.data.bounds[0].segments[0].distance_mi = 12_501),
    ];
    for (told, harm) in harms {
        let mut event = confirmed();
        harm(&mut event);
        let refused = in_one_line(&read(&event).expect_err(told));
        assert!(refused.contains(told), "{refused}");
    }
    let mut largest = confirmed();
    largest.data.passengers = party(&[PassengerType::Adult; 9]);
    largest.data.bounds[0].segments[0].distance_mi = 12_500;
    assert!(read(&largest).is_ok());
}

#[tokio::test]
async fn a_record_without_a_message_id_fails_the_batch() {
    let fixture = Fixture::start().await;
    let good = event(&booking("noor-haddad", "AAAAAA"), 1);
    for id in [None, Some(String::new())] {
        let mut nameless = event_message("", &good);
        nameless.message_id = id;
        assert_eq!(handle(&fixture, vec![event_message("good", &good), nameless]).await, [""]);
    }
    assert_eq!(pending(&fixture, "noor-haddad").await, Miles(0));
}

#[tokio::test]
async fn messages_of_one_booking_are_applied_in_the_batch_s_order() {
    let fixture = Fixture::start().await;
    let trip = booking("noor-haddad", "AAAAAA");
    let records = vec![
        event_message("m-1", &event(&trip, 1)),
        event_message("m-2", &event(&cancelled(&trip), 2)),
        event_message("m-3", &event(&trip, 3)),
        event_message("m-1 again", &event(&trip, 1)),
    ];
    assert_eq!(handle(&fixture, records).await, [""; 0]);
    let proof = prove(fixture.store(), &member("noor-haddad")).await.unwrap();
    let moved = proof.entries.iter().map(|entry| entry.movement.pending.0).collect::<Vec<_>>();
    assert_eq!(moved, [5124, -5124, 5124]); // out of order, at least one of them would have found nothing to do
}

#[tokio::test]
async fn fields_of_a_newer_producer_are_no_obstacle() {
    let fixture = Fixture::start().await;
    let mut newer = serde_json::to_value(event(&booking("noor-haddad", "AAAAAA"), 1)).unwrap();
    newer["datacontenttype"] = "application/json".into();
    newer["data"]["channel"] = "web".into();
    newer["data"]["passengers"][0]["seat"] = "14C".into();
    assert_eq!(handle(&fixture, vec![message("m-1", &newer.to_string())]).await, [""; 0]);
    assert_eq!(pending(&fixture, "noor-haddad").await, Miles(5124));
}

#[tokio::test]
async fn an_empty_batch_is_done() {
    assert_eq!(handle(&Fixture::start().await, vec![]).await, [""; 0]);
}

#[tokio::test]
async fn a_store_that_can_t_be_written_fails_every_message_of_the_batch() {
    let fixture = Fixture::start().await;
    let store = api_airmiles::store::Store::new(fixture.dynamo.client(), "no-such-table");
    let consumer = Consumer::new(store, Clock::fixed(now()));
    let records = vec![
        event_message("m-1", &event(&booking("noor-haddad", "AAAAAA"), 1)),
        event_message("m-2", &event(&booking("kenji-mori", "BBBBBB"), 1)),
    ];
    let response = consumer.handle(batch(records)).await;
    let failed = response.batch_item_failures.iter().map(|each| each.item_identifier.as_str());
    assert_eq!(failed.collect::<Vec<_>>(), ["m-1", "m-2"]);
}
