//! Metrics, traces and log lines. None of them names a person.

use api_booking::metrics;
use api_types::BookingEvent;
use serde_json::{Value, json};
use service_kit::events::outbox::{Outbox, OutboxMessage, PublishError, Publisher, Swept};
use service_kit::testing::{
    CapturedLogs, LambdaProcess, assert_embedded_metrics, assert_like_the_examples, gateway_request,
};
use service_kit::trace::TraceParent;

use crate::harness::{KENJI, Shop, TABLE, request};
use crate::lambda::{Function, Sns, body, in_thirty_days};

/// A topic that takes everything, or nothing.
#[derive(Clone, Copy)]
struct Topic {
    takes: bool,
}

impl Publisher for Topic {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        if self.takes {
            Ok(())
        } else {
            Err(PublishError { id: message.id, cause: "the topic is away".into() })
        }
    }
}

fn outbox(shop: &Shop, topic: Topic) -> Outbox<Topic> {
    Outbox::new("booking-outbox", topic, shop.dynamo.client(), TABLE, shop.clock())
}

fn names_nobody(said: &[Value]) {
    let said = said.iter().map(Value::to_string).collect::<String>();
    for private in ["Mori", "Kenji", "kenji", "1990-04-01", "example.com"] {
        assert!(!said.contains(private), "{private}: {said}");
    }
}

#[tokio::test]
async fn a_booking_is_counted_once_and_its_repeat_as_a_repeat() {
    let (shop, logs) = (Shop::open().await, CapturedLogs::start("booking", "booking-http"));
    let offer = shop.nonstop("SFO", "NRT", "business", 2).await;
    let wanted = request(&[&offer], &["adult", "adult"]);
    let booked = shop.book(KENJI, "one", &wanted).await;
    assert_eq!((logs.sum("Searches"), logs.sum("Bookings"), logs.sum("Repeats")), (1, 1, 0));

    let again = shop.book(KENJI, "one", &wanted).await;
    assert_eq!(again.text, booked.text);
    shop.pass_secs(24 * 3600); // the offer is no longer good, and the answer the same
    assert_eq!(shop.book(KENJI, "one", &wanted).await.text, booked.text);
    assert_eq!((logs.sum("Bookings"), logs.sum("Repeats"), logs.sum("Refusals")), (1, 2, 0));

    assert_eq!(shop.book(KENJI, "two", &wanted).await.refusal().0, 409);
    assert_eq!(shop.get_as(KENJI, "/bookings/ZZZZZZ").await.refusal().0, 404);
    assert_eq!((logs.sum("Bookings"), logs.sum("Refusals")), (1, 2));

    let lines = logs.closed();
    let locator = booked.json()["record_locator"].clone();
    let of = |metric: &str| lines.iter().filter(|line| !line[metric].is_null()).collect::<Vec<_>>();
    let [line] = of("Bookings")[..] else { panic!("{lines:?}") };
    assert_eq!(
        (&line["record_locator"], &line["cabin"], &line["fare_family"], &line["passengers"], &line["route"]),
        (&locator, &json!("business"), &json!("light"), &json!(2), &json!("/bookings"))
    );
    let codes: Vec<_> = of("Refusals").iter().map(|line| line["code"].clone()).collect();
    assert_eq!(codes, ["offer_expired", "booking_not_found"]);
    assert!(of("Searches")[0]["offers"].as_u64() > Some(0));
    names_nobody(&lines);
}

#[tokio::test]
async fn an_event_is_counted_as_often_as_it_is_published_and_its_lag_measured() {
    let (shop, logs) = (Shop::open().await, CapturedLogs::start("booking", "booking-outbox"));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    shop.book(KENJI, "one", &request(&[&offer], &["adult"])).await;
    shop.pass_secs(3);
    let stream = || serde_json::from_value(shop.stream()).unwrap();

    outbox(&shop, Topic { takes: false }).handle(stream()).await;
    assert_eq!((logs.sum("Published"), logs.sum("Unpublished"), logs.sum("OutboxLag")), (0, 1, 0));
    let taking = outbox(&shop, Topic { takes: true });
    assert_eq!(taking.sweep(shop.now()).await.unwrap(), Swept { published: 1, failed: 0 });
    assert_eq!((logs.sum("Published"), logs.sum("Swept"), logs.sum("OutboxLag")), (1, 1, 3_000));
    taking.handle(stream()).await;
    assert_eq!((logs.sum("Published"), logs.sum("Swept"), logs.sum("OutboxLag")), (2, 1, 6_000));
    names_nobody(&logs.closed());
}

#[tokio::test]
async fn a_bookings_trace_goes_from_the_request_through_the_sale_to_each_publishing() {
    let (shop, logs) = (Shop::open().await, CapturedLogs::start("booking", "booking-http"));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let booked = shop.book(KENJI, "one", &request(&[&offer], &["adult"])).await;
    let locator = booked.json()["record_locator"].clone();
    let taking = outbox(&shop, Topic { takes: true });
    let stream = || serde_json::from_value(shop.stream()).unwrap();
    taking.handle(stream()).await;
    taking.handle(stream()).await; // delivered again, published again

    let segments = logs.segments();
    let [_search, book, publish, again] = segments.as_slice() else { panic!("{segments:#?}") };
    assert_eq!(book["trace_id"], "1-0af76519-16cd43dd8448eb211c80319c", "the caller's");
    assert_eq!(book["parent_id"], "b7ad6b7169203331", "the caller's");
    assert_eq!((&book["name"], &book["annotations"]["route"]), (&json!("booking-http"), &json!("/bookings")));
    let sale = &book["subsegments"][0];
    assert_eq!(sale["name"], "sale");
    for published in [publish, again] {
        assert_eq!((&published["trace_id"], &published["parent_id"]), (&book["trace_id"], &sale["id"]));
        assert_eq!(published["annotations"]["record_locator"], locator);
    }
    // The same event has the same span id: X-Ray keeps one segment.
    assert_eq!(publish["id"], again["id"]);
    names_nobody(&segments);
}

#[tokio::test]
async fn the_functions_say_who_they_are_which_request_it_is_and_nobodys_name() {
    let (shop, sns) = (Shop::open().await, Sns::start().await);
    let http = Function::http(&shop).await;
    let date = in_thirty_days();
    let query = [("from", "SFO"), ("to", "NRT"), ("date", date.as_str()), ("adults", "1")];
    let searched = http.invoke(gateway_request("GET", "/flights", &query, None, None)).await;
    let offers: api_types::Offers = serde_json::from_value(body(&searched)).unwrap();
    let wanted = request(&[&offers.offers[0]], &["adult"]);
    http.invoke(gateway_request("POST", "/bookings", &[], None, Some(&wanted))).await;
    let booked = http.invoke(gateway_request("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    http.invoke(gateway_request("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    let locator = body(&booked)["record_locator"].as_str().unwrap().to_owned();
    http.invoke(gateway_request("GET", &format!("/bookings/{locator}"), &[], Some(KENJI), None)).await;
    let closed = http.lines.within(5, LambdaProcess::TIME_LIMIT);
    let asked_for = |line: &&Value| line["Bookings"] == 1;
    let line = closed.iter().find(asked_for).expect("a line that counts the booking");
    assert_eq!(line["request_id"], booked["multiValueHeaders"]["x-request-id"][0]);
    assert_eq!((&line["record_locator"], &line["service"]), (&json!(locator), &json!("booking")));

    let broken = Function::http_on(&shop, "no-such-table").await;
    let failed = broken.invoke(gateway_request("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    assert_eq!(failed["statusCode"], 500);
    let failures = broken.lines.within(2, LambdaProcess::TIME_LIMIT);
    assert!(failures.iter().all(|line| line["request_id"] == body(&failed)["request_id"]), "{failures:?}");
    let lines = [closed.as_slice(), &failures].concat();
    assert_like_the_examples("booking-http", &lines);
    names_nobody(&lines);

    // The event that the function sold comes by the stream; one of yesterday's was left behind.
    shop.pass_secs(-24 * 3600);
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let mut stream = shop.stream();
    let outbox = Function::outbox(&shop, &sns.endpoint).await;
    outbox.invoke(stream.clone()).await;
    shop.book(KENJI, "yesterday", &request(&[&offer], &["adult"])).await;
    outbox.invoke(json!({ "detail-type": "Scheduled Event" })).await;
    let records = stream["Records"].as_array_mut().unwrap();
    let announced =
        records.iter_mut().find(|record| record.to_string().contains("booking.confirmed.v1")).unwrap();
    let event = announced["dynamodb"]["NewImage"]["event"]["S"].as_str().unwrap().to_owned();
    announced["dynamodb"]["NewImage"]["event"]["S"] = event.replace("tern.booking", "poison").into();
    outbox.invoke(stream.clone()).await;
    let lines = outbox.lines.within(3, LambdaProcess::TIME_LIMIT);
    assert_like_the_examples("booking-outbox", &lines);
    names_nobody(&lines);
    lines.iter().for_each(assert_embedded_metrics);
    assert_eq!(lines[0]["request_id"], line["request_id"], "under the id that the caller saw");

    // And the trace is one, through both processes.
    let event: BookingEvent = serde_json::from_str(&event).unwrap();
    let sale = TraceParent::parse(&event.traceparent.unwrap()).unwrap();
    let booked = http.daemon.received_within(5, LambdaProcess::TIME_LIMIT);
    let booked = booked
        .iter()
        .find(|segment| segment["subsegments"][0]["name"] == "sale")
        .expect("the booking's segment");
    assert_eq!(booked["subsegments"][0]["id"], sale.span_id().to_string());
    let published = outbox.daemon.received_within(3, LambdaProcess::TIME_LIMIT).remove(0);
    assert_eq!(
        (&published["trace_id"], &published["parent_id"]),
        (&booked["trace_id"], &booked["subsegments"][0]["id"])
    );
    assert_eq!(published["id"], sale.published(&event.id).span_id().to_string());
    assert!(published["annotations"]["invocation_trace"].is_string(), "{published}");
}

#[test]
fn every_metric_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = metrics::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), metrics::ALL.len());
}
