//! The Lambda binaries, each answering real invocations through a stub of the Runtime API.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_types::{BookingEvent, Offers, UtcInstant};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use embedded_dynamo::LoopbackServer;
use lambda_simulator::{InvocationStatus, Simulator};
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::testing::{FakeXRayDaemon, ProcessLines};
use tokio::net::TcpListener;

use crate::harness::{KENJI, Shop, TABLE, request};

pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(30);
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:booking-events";
/// 32 bytes of 7, with which the shop of a test signs as well.
const SIGNING_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A function, running until it is dropped.
pub(crate) struct Function {
    process: Child,
    simulator: Simulator,
    /// What it sends to X-Ray.
    pub(crate) daemon: FakeXRayDaemon,
    /// What it logs.
    pub(crate) lines: ProcessLines,
    /// Serves the table to it.
    _store: LoopbackServer,
}

impl Function {
    async fn start(binary: &str, shop: &Shop, table: &str, sns: &str) -> Self {
        let simulator = Simulator::builder().function_name("booking").build().await.unwrap();
        let daemon = FakeXRayDaemon::start();
        let store = shop.dynamo.serve().await;
        let mut process = Command::new(binary)
            .env_clear()
            .envs(simulator.lambda_env_vars())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL_DYNAMODB", store.endpoint())
            .env("AWS_ENDPOINT_URL_SNS", sns)
            .env("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true")
            .env("AWS_XRAY_DAEMON_ADDRESS", daemon.address().to_string())
            .env("ENVIRONMENT", "dev")
            .env("TABLE_NAME", table)
            .env("TOPIC_ARN", TOPIC)
            .env("OFFER_SIGNING_KEYS", SIGNING_KEY)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = ProcessLines::read(process.stdout.take().unwrap());
        Self { process, simulator, daemon, lines, _store: store }
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

    pub(crate) async fn invoke(&self, payload: Value) -> Value {
        let id = self.simulator.enqueue_payload(payload).await;
        let state = self.simulator.wait_for_invocation_complete(&id, TIME_LIMIT).await.unwrap();
        assert!(state.error.is_none(), "{:?}", state.error);
        state.response.unwrap().payload
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What API Gateway's REST proxy integration sends, with what its Cognito authorizer verified.
pub(crate) fn gateway(
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    member: Option<&str>,
    body: Option<&Value>,
) -> Value {
    let single: serde_json::Map<_, _> =
        query.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let multi: serde_json::Map<_, _> =
        query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    let claims = |member| {
        json!({ "claims": {
            "sub": member,
            "token_use": "access",
            "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example",
            "exp": "Sat Nov 21 13:00:00 UTC 2026",
        }})
    };
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {
            "Content-Type": "application/json",
            "Idempotency-Key": "0b1c4d5e-0000-4000-8000-000000000001",
            "Host": "api.example.com",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        },
        "multiValueHeaders": {
            "Content-Type": ["application/json"],
            "Idempotency-Key": ["0b1c4d5e-0000-4000-8000-000000000001"],
            "Host": ["api.example.com"],
            "traceparent": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        },
        "queryStringParameters": single,
        "multiValueQueryStringParameters": multi,
        "pathParameters": { "proxy": path.trim_start_matches('/') },
        "stageVariables": null,
        "requestContext": {
            "resourceId": "2gxmpl",
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": format!("/prod{path}"),
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1_795_253_400_000_u64,
            "requestId": "e3d5a5b0-0000-4000-8000-000000000000",
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "Mozilla/5.0" },
            "authorizer": member.map(claims),
            "domainName": "api.example.com",
            "apiId": "1234567890",
        },
        "body": body.map(Value::to_string),
        "isBase64Encoded": false,
    })
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
    let searched = function.invoke(gateway("GET", "/flights", &query, None, None)).await;
    assert_eq!(searched["statusCode"], 200, "{searched}");
    let offers: Offers = serde_json::from_value(body(&searched)).unwrap();
    let wanted = request(&[&offers.offers[0]], &["adult", "adult"]);

    let stranger = function.invoke(gateway("POST", "/bookings", &[], None, Some(&wanted))).await;
    assert_eq!((&stranger["statusCode"], &body(&stranger)["code"]), (&json!(401), &json!("unauthenticated")));

    let booked = function.invoke(gateway("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    assert_eq!(booked["statusCode"], 201, "{booked}");
    let location = booked["multiValueHeaders"]["location"][0].as_str().unwrap().to_owned();
    let again = function.invoke(gateway("POST", "/bookings", &[], Some(KENJI), Some(&wanted))).await;
    assert_eq!((&again["statusCode"], body(&again)), (&json!(201), body(&booked)));

    let path = format!("/{location}");
    let own = function.invoke(gateway("GET", &path, &[], Some(KENJI), None)).await;
    assert_eq!((&own["statusCode"], body(&own)), (&json!(200), body(&booked)));
    let foreign = function.invoke(gateway("GET", &path, &[], Some("amelia-okafor"), None)).await;
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
    let ids: std::collections::BTreeSet<String> = published
        .iter()
        .map(|form| serde_json::from_str::<BookingEvent>(&fields(form)["Message"]).unwrap().id)
        .collect();
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
    let id = function.simulator.enqueue_payload(json!({ "hello": "world" })).await;
    let state = function.simulator.wait_for_invocation_complete(&id, TIME_LIMIT).await.unwrap();
    assert_eq!(state.status, InvocationStatus::Error);
}

#[test]
fn a_function_without_its_environment_names_the_missing_variable_and_exits() {
    for (binary, missing) in [
        (env!("CARGO_BIN_EXE_booking-http"), "AWS_ACCESS_KEY_ID"),
        (env!("CARGO_BIN_EXE_booking-outbox"), "AWS_ACCESS_KEY_ID"),
        (env!("CARGO_BIN_EXE_booking-republish"), "AWS_ACCESS_KEY_ID"),
    ] {
        let ended = Command::new(binary).env_clear().env("AWS_REGION", "eu-west-1").output().unwrap();
        assert!(!ended.status.success());
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.contains(missing), "{said}");
    }
    let bad_key = Command::new(env!("CARGO_BIN_EXE_booking-http"))
        .env_clear()
        .envs([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")])
        .envs([("TABLE_NAME", "booking"), ("OFFER_SIGNING_KEYS", "c2hvcnQ=")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&bad_key.stderr);
    assert!(!bad_key.status.success() && !said.contains("c2hvcnQ="), "{said}");
}
