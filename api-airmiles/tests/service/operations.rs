//! What Airmiles says of its work: metrics, traces, log lines. None of them names a member.

use api_airmiles::events::Consumer;
use api_airmiles::metrics;
use api_airmiles::store::Store;
use api_types::{BookingEvent, UtcInstant};
use aws_lambda_events::event::sqs::SqsMessage;
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::events::queue::QueueConsumer;
use service_kit::testing::{
    CapturedLogs, LambdaProcess, assert_embedded_metrics, assert_like_the_examples, gateway_request,
    queue_batch,
};
use service_kit::trace::TraceParent;

use crate::harness::{Fixture, TABLE, batch, booking, event, event_message, message};
use crate::lambda::Function;

/// Two and a half seconds after the events' bookings were committed.
fn then() -> UtcInstant {
    "2026-11-21T09:30:02.300Z".parse().unwrap()
}

fn names_nobody(said: &[Value]) {
    let said = said.iter().map(Value::to_string).collect::<String>();
    for private in ["amelia", "okafor", "noor", "haddad"] {
        assert!(!said.contains(private), "{private}: {said}");
    }
}

fn delivered_again(mut message: SqsMessage, times: u32) -> SqsMessage {
    message.attributes.insert("ApproximateReceiveCount".to_owned(), times.to_string());
    message
}

#[tokio::test]
async fn miles_are_counted_once_however_often_their_event_comes() {
    let (fixture, logs) = (Fixture::start().await, CapturedLogs::start("airmiles", "airmiles-events"));
    let consumer = Consumer::new(fixture.store().clone(), Clock::fixed(then()));
    let confirmed = event(&booking("noor-haddad", "K7QZ4M"), 1);

    consumer.handle(batch(vec![event_message("m-1", &confirmed)])).await;
    let sums = || ["Applied", "Duplicates", "Redelivered", "MilesLag"].map(|metric| logs.sum(metric));
    assert_eq!(sums(), [1, 0, 0, 2_500]);

    consumer.handle(batch(vec![delivered_again(event_message("m-1", &confirmed), 2)])).await;
    consumer.handle(batch(vec![event_message("m-2", &confirmed)])).await;
    assert_eq!(sums(), [1, 2, 1, 2_500]);

    let mut of_tomorrow = event(&booking("noor-haddad", "BBBBBB"), 1);
    of_tomorrow.time = then().plus_secs(1);
    consumer.handle(batch(vec![event_message("m-3", &of_tomorrow)])).await;
    assert_eq!(sums(), [2, 2, 1, 2_500], "a clock that is ahead makes no negative lag");
    names_nobody(&logs.closed());
}

#[tokio::test]
async fn what_is_not_applied_is_counted_each_time() {
    let (fixture, logs) = (Fixture::start().await, CapturedLogs::start("airmiles", "airmiles-events"));
    let store = Store::new(fixture.dynamo.client(), "no-such-table");
    let consumer = Consumer::new(store, Clock::fixed(then()));
    let confirmed = event(&booking("noor-haddad", "K7QZ4M"), 1);
    let unreadable = message("m-2", "{");
    for times in 1..=2 {
        let records = [event_message("m-1", &confirmed), unreadable.clone()];
        consumer.handle(batch(records.map(|message| delivered_again(message, times)).into())).await;
    }
    let sums = ["Unapplied", "Unreadable", "Redelivered", "Applied"].map(|metric| logs.sum(metric));
    assert_eq!(sums, [4, 2, 2, 0]);
    let failed = logs.segments().iter().filter(|segment| segment["fault"] == true).count();
    assert_eq!(failed, 4);
    names_nobody(&logs.closed());
}

#[tokio::test]
async fn each_delivery_has_a_span_whose_parent_is_the_publishing_of_its_event() {
    let (fixture, logs) = (Fixture::start().await, CapturedLogs::start("airmiles", "airmiles-events"));
    let consumer = Consumer::new(fixture.store().clone(), Clock::fixed(then()));
    let confirmed = event(&booking("noor-haddad", "K7QZ4M"), 1);
    let without = BookingEvent { traceparent: None, ..event(&booking("noor-haddad", "BBBBBB"), 1) };
    let sale = TraceParent::parse(confirmed.traceparent.as_deref().unwrap()).unwrap();
    let records = vec![event_message("m-1", &confirmed), event_message("m-2", &confirmed)];
    consumer.handle(batch(records)).await;

    let segments = logs.segments();
    let [first, second] = segments.as_slice() else { panic!("{segments:#?}") };
    for segment in [first, second] {
        assert_eq!(segment["trace_id"], sale.xray_id().to_string());
        assert_eq!(segment["parent_id"], sale.published(&confirmed.id).span_id().to_string());
        assert_eq!(segment["annotations"]["record_locator"], "K7QZ4M");
    }
    assert_ne!(first["id"], second["id"], "two deliveries, two spans");

    consumer.handle(batch(vec![event_message("m-3", &without)])).await;
    let segments = logs.segments();
    assert!(segments.len() == 1 && segments[0].get("parent_id").is_none(), "{segments:#?}");
}

#[tokio::test]
async fn the_functions_say_who_they_are_which_booking_it_is_and_nobodys_name() {
    let fixture = Fixture::start().await;
    let events = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, TABLE).await;
    let confirmed = event(&booking("amelia-okafor", "K7QZ4M"), 1);
    let body = serde_json::to_string(&confirmed).unwrap();
    let mut batch = queue_batch(&[("m-1", &body), ("m-2", &body), ("m-3", "{")]);
    events.invoke(batch.clone()).await;
    for record in batch["Records"].as_array_mut().unwrap() {
        record["attributes"]["ApproximateReceiveCount"] = json!("2");
    }
    events.invoke(batch).await;
    let broken = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, "no-such-table").await;
    broken.invoke(queue_batch(&[("m-4", &body)])).await;
    let lines = [
        events.lines.within(6, LambdaProcess::TIME_LIMIT),
        broken.lines.within(1, LambdaProcess::TIME_LIMIT),
    ]
    .concat();
    lines.iter().for_each(assert_embedded_metrics);
    assert_like_the_examples("airmiles-events", &lines);
    names_nobody(&lines);
    let sale = TraceParent::parse(confirmed.traceparent.as_deref().unwrap()).unwrap();
    let applied: Vec<_> = lines.iter().filter(|line| line["Applied"] == 1).collect();
    let [applied] = applied[..] else { panic!("{lines:?}") };
    assert_eq!(applied["request_id"], sale.request_id().to_string(), "under the id that the caller saw");
    let segments = events.daemon.received_within(6, LambdaProcess::TIME_LIMIT);
    let published = sale.published(&confirmed.id).span_id().to_string();
    assert_eq!(segments.iter().filter(|segment| segment["parent_id"] == published).count(), 4);

    let http = Function::start(env!("CARGO_BIN_EXE_airmiles-http"), &fixture, TABLE).await;
    for (path, subject) in [
        ("/airmiles/K7QZ4M", Some("amelia-okafor")),
        ("/airmiles/ZZZZZZ", Some("amelia-okafor")),
        ("/account", Some("amelia-okafor")),
        ("/account", None),
    ] {
        http.invoke(gateway_request("GET", path, &[], subject, None)).await;
    }
    let broken = Function::start(env!("CARGO_BIN_EXE_airmiles-http"), &fixture, "no-such-table").await;
    broken.invoke(gateway_request("GET", "/account", &[], Some("amelia-okafor"), None)).await;
    let lines =
        [http.lines.within(4, LambdaProcess::TIME_LIMIT), broken.lines.within(2, LambdaProcess::TIME_LIMIT)]
            .concat();
    assert_like_the_examples("airmiles-http", &lines);
    names_nobody(&lines);
    assert!(lines.iter().all(|line| line["invocation_id"].is_string() && line["request_id"].is_string()));
}

#[test]
fn every_metric_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = metrics::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), metrics::ALL.len());
}
