//! The Lambda binaries, each answering real invocations through a stub of the Runtime API.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use api_types::{BookingEvent, Offers, UtcInstant};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use embedded_dynamo::LoopbackServer;
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::testing::{LambdaProcess, gateway_request};
use tokio::net::TcpListener;

use crate::harness::{KENJI, Shop, TABLE, request};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:booking-events";
/// 32 bytes of 7, with which the shop of a test signs as well.
const SIGNING_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A function of Booking, running until it is dropped.
pub(crate) struct Function {
    process: LambdaProcess,
    /// Serves the table to it.
    _store: LoopbackServer,
}

impl Function {
    async fn start(binary: &str, shop: &Shop, table: &str, sns: &str) -> Self {
        let store = shop.dynamo.serve().await;
        let variables = [
            ("AWS_ENDPOINT_URL_SNS", sns),
            ("TABLE_NAME", table),
            ("TOPIC_ARN", TOPIC),
            ("OFFER_SIGNING_KEYS", SIGNING_KEY),
        ];
        let process = LambdaProcess::start("booking", binary, store.endpoint(), &variables).await;
        Self { process, _store: store }
    }

    pub(crate) async fn http(shop: &Shop) -> Self {
        Self::http_on(shop, TABLE).await
    }

    /// One whose table may not be there.
    pub(crate) async fn http_on(shop: &Shop, table: &str) -> Self {
        Self::start(env!("CARGO_BIN_EXE_booking-http"), shop, table, "http://127.0.0.1:9").await
    }

    async fn republish(shop: &Shop) -> Self {
        Self::start(env!("CARGO_BIN_EXE_booking-republish"), shop, TABLE, "http://127.0.0.1:9").await
    }

    pub(crate) async fn outbox(shop: &Shop, sns: &str) -> Self {
        Self::start(env!("CARGO_BIN_EXE_booking-outbox"), shop, TABLE, sns).await
    }
}

impl Deref for Function {
    type Target = LambdaProcess;

    fn deref(&self) -> &LambdaProcess {
        &self.process
    }
}

pub(crate) fn body(reply: &Value) -> Value {
    serde_json::from_str(reply["body"].as_str().expect("a text body")).unwrap()
}

/// A day on sale for a function, which reads the machine's clock.
pub(crate) fn in_thirty_days() -> String {
    let now = Clock::system().now().to_string();
    let today: api_types::LocalDate = now[..10].parse().unwrap();
    today.plus_days(30).unwrap().to_string()
}

#[tokio::test]
async fn the_http_function_sells_a_flight() {
    let shop = Shop::open().await;
    let function = Function::http(&shop).await;
    let date = in_thirty_days();
    let query = [("from", "SFO"), ("to", "TYO"), ("date", date.as_str()), ("adults", "2")];
    let searched = function.invoke(gateway_request("GET", "/flights", &query, None, None)).await;
    assert_eq!(searched["statusCode"], 200, "{searched}");
    let offers: Offers = serde_json::from_value(body(&searched)).unwrap();
    let wanted = request(&[&offers.offers[0]], &["adult", "adult"]);

    let stranger = function.invoke(gateway_request("POST", "/bookings", &[], None, Some(&wanted))).await;
    assert_eq!((&stranger["statusCode"], &body(&stranger)["code"]), (&json!(401), &json!("unauthenticated")));

    let booked = function.invoke(gateway_request("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    assert_eq!(booked["statusCode"], 201, "{booked}");
    let location = booked["multiValueHeaders"]["location"][0].as_str().unwrap().to_owned();
    let again = function.invoke(gateway_request("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    assert_eq!((&again["statusCode"], body(&again)), (&json!(201), body(&booked)));

    let path = format!("/{location}");
    let own = function.invoke(gateway_request("GET", &path, &[], Some(KENJI), None)).await;
    assert_eq!((&own["statusCode"], body(&own)), (&json!(200), body(&booked)));
    let foreign = function.invoke(gateway_request("GET", &path, &[], Some("amelia-okafor"), None)).await;
    assert_eq!(foreign["statusCode"], 404);
    assert_eq!(shop.count_items().await as usize, 3 + 2 * offers.offers[0].segments.len());
}

/// An SNS of its own that keeps what is published to it.
pub(crate) struct Sns {
    pub(crate) endpoint: String,
    published: Arc<Mutex<Vec<String>>>,
}

impl Sns {
    pub(crate) async fn start() -> Self {
        let published = Arc::new(Mutex::new(Vec::new()));
        let routes = Router::new().route("/", post(publish)).with_state(published.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { endpoint, published }
    }
}

async fn publish(State(published): State<Arc<Mutex<Vec<String>>>>, form: String) -> impl IntoResponse {
    if form.contains("poison") {
        return (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/xml")], "<ErrorResponse/>");
    }
    published.lock().unwrap().push(form);
    let reply = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
        <MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult><ResponseMetadata>
        <RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ResponseMetadata></PublishResponse>"#;
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml")], reply)
}

/// The fields of a form post.
fn fields(form: &str) -> std::collections::BTreeMap<String, String> {
    let url = format!("http://localhost/?{form}");
    let uri: axum::http::Uri = url.parse().unwrap();
    axum::extract::Query::try_from_uri(&uri).unwrap().0
}

#[tokio::test]
async fn the_outbox_function_publishes_a_batch_of_the_stream() {
    let (shop, sns) = (Shop::open().await, Sns::start().await);
    let function = Function::outbox(&shop, &sns.endpoint).await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let booked = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    let batch = shop.stream();

    assert_eq!(function.invoke(batch).await, json!({ "batchItemFailures": [] }));
    let published = sns.published.lock().unwrap().clone();
    assert_eq!(published.len(), 1);
    let form = fields(&published[0]);
    assert_eq!((form["Action"].as_str(), form["TopicArn"].as_str()), ("Publish", TOPIC));
    let event: BookingEvent = serde_json::from_str(&form["Message"]).unwrap();
    assert_eq!(event.data.record_locator.as_str(), booked.json()["record_locator"]);
    let mut attributes = [1, 2].map(|entry| {
        let part = |part: &str| form[&format!("MessageAttributes.entry.{entry}.{part}")].clone();
        (part("Name"), part("Value.StringValue"))
    });
    attributes.sort();
    let expected = [("source", "tern.booking"), ("type", "booking.confirmed.v1")];
    assert_eq!(attributes, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(shop.count_items().await, 3, "the outbox item is gone");
}

#[tokio::test]
async fn the_republish_function_lists_bookings_and_then_has_them_published_again() {
    let (shop, sns) = (Shop::open().await, Sns::start().await);
    let (republish, outbox) =
        (Function::republish(&shop).await, Function::outbox(&shop, &sns.endpoint).await);
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let booked = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    outbox.invoke(shop.stream()).await;
    let items = shop.count_items().await;

    let locator = booked.json()["record_locator"].clone();
    let listed =
        json!([{ "record_locator": locator, "member_id": KENJI, "version": 1, "status": "confirmed" }]);
    let dry = republish.invoke(json!({ "member_id": KENJI })).await;
    assert_eq!(dry, json!({ "dry_run": true, "republished": 0, "bookings": listed, "next": null }));
    assert_eq!(shop.count_items().await, items, "a dry run writes nothing");

    let done = republish.invoke(json!({ "all": true, "dry_run": false })).await;
    assert_eq!((&done["republished"], &done["bookings"]), (&json!(1), &listed));
    outbox.invoke(shop.stream()).await;
    let published = sns.published.lock().unwrap().clone();
    let events: Vec<BookingEvent> =
        published.iter().map(|form| serde_json::from_str(&fields(form)["Message"]).unwrap()).collect();
    let ids: BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let traces: BTreeSet<&str> =
        events.iter().map(|event| &event.traceparent.as_deref().expect("it is traced")[3..35]).collect();
    assert_eq!(traces.len(), 2, "that of the sale, and that of its republishing: {traces:?}");
    assert!(published.len() > 1);
    assert_eq!(ids.len(), 1, "the same event again: {ids:?}");
    assert_eq!(shop.count_items().await, items, "it is acknowledged");
}

#[tokio::test]
async fn the_outbox_function_reports_a_record_that_the_topic_refuses() {
    let (shop, sns) = (Shop::open().await, Sns::start().await);
    let function = Function::outbox(&shop, &sns.endpoint).await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    let mut batch = shop.stream();
    let records = batch["Records"].as_array_mut().unwrap();
    let announces = |record: &&mut Value| record.to_string().contains("booking.confirmed.v1");
    let announced = records.iter_mut().find(announces).unwrap();
    let event = announced["dynamodb"]["NewImage"]["event"]["S"].as_str().unwrap();
    announced["dynamodb"]["NewImage"]["event"]["S"] = event.replace("tern.booking", "poison").into();
    let named = announced["dynamodb"]["SequenceNumber"].clone();
    assert_eq!(function.invoke(batch).await, json!({ "batchItemFailures": [{ "itemIdentifier": named }] }));
    assert_eq!(shop.count_items().await, 4, "the outbox item stays");
}

#[tokio::test]
async fn the_outbox_function_sweeps_on_schedule() {
    let (shop, sns) = (Shop::open().await, Sns::start().await);
    let function = Function::outbox(&shop, &sns.endpoint).await;
    // The function reads the machine's clock: book an hour before it.
    let an_hour_ago: UtcInstant = Clock::system().now().plus_secs(-3600);
    shop.pass_secs(an_hour_ago.epoch_secs() - shop.now().epoch_secs());
    let date = in_thirty_days();
    let path = format!("/flights?from=SFO&to=NRT&date={date}");
    let offer = shop.get(&path).await.read::<Offers>().offers.remove(0);
    let booked = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.text);
    let scheduled = json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-21T12:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/booking-outbox-sweep"],
        "detail": {}
    });
    assert_eq!(function.invoke(scheduled.clone()).await, json!({ "published": 1 }));
    assert_eq!(function.invoke(scheduled).await, json!({ "published": 0 }));
    assert_eq!(sns.published.lock().unwrap().len(), 1);
    // Anything else is an error that Lambda counts.
    assert!(function.try_invoke(json!({ "hello": "world" })).await.is_err());
}

#[test]
fn a_function_without_its_environment_names_the_missing_variable_and_exits() {
    for binary in [
        env!("CARGO_BIN_EXE_booking-http"),
        env!("CARGO_BIN_EXE_booking-outbox"),
        env!("CARGO_BIN_EXE_booking-republish"),
    ] {
        let said = LambdaProcess::fails_to_start(binary, &[("AWS_REGION", "eu-west-1")]);
        assert!(said.contains("AWS_ACCESS_KEY_ID"), "{said}");
    }
    let bad_key = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("TABLE_NAME", "booking"),
        ("OFFER_SIGNING_KEYS", "c2hvcnQ="),
    ];
    let said = LambdaProcess::fails_to_start(env!("CARGO_BIN_EXE_booking-http"), &bad_key);
    assert!(!said.contains("c2hvcnQ="), "{said}");
}
