//! A booking's whole way as one trace: request, sale, publishing, delivery, through the functions that AWS runs.

use std::fs::OpenOptions;
use std::process::Command;
use std::time::Duration;

use local::data_folder::DataFolder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service_kit::testing::FakeXRayDaemon;

use crate::common::{Laptop, Running};

const PATIENCE: Duration = Duration::from_secs(10);

/// What is seen of the segments of `function` on the trace `trace_id`.
fn of<'a>(segments: &'a [Value], function: &str, trace_id: &Value) -> Vec<&'a Value> {
    let is = |segment: &&Value| segment["name"] == function && segment["trace_id"] == *trace_id;
    segments.iter().filter(is).collect()
}

#[tokio::test]
async fn a_booking_is_one_trace_from_the_request_to_its_miles_even_if_its_event_comes_twice() {
    let (laptop, daemon) = (Laptop::new(), FakeXRayDaemon::start());
    let log = tempfile::NamedTempFile::new().unwrap();
    let watched = || -> Command {
        let mut command = laptop.command(0);
        command.env("AWS_XRAY_DAEMON_ADDRESS", daemon.address().to_string());
        command.env("RUST_LOG", "info");
        command.stderr(OpenOptions::new().append(true).open(log.path()).unwrap());
        command
    };
    let running = Running::start(watched());
    let kenji = running.sign_in("kenji-mori").await;
    let offers = kenji.offers("SFO", "TYO", 30, 1).await;
    let passenger =
        json!({ "given_name": "Zoë", "family_name": "O’Hara", "birth_date": "1988-04-12", "type": "adult" });
    let wanted = json!({ "offer_ids": [offers[0]["offer_id"]], "passengers": [passenger],
        "contact": { "email": "zoe@example.com" } });
    let request = kenji.request(Method::POST, "/api/booking/bookings").header("idempotency-key", "traced");
    let booked = request.json(&wanted).send().await.unwrap();
    assert_eq!(booked.status(), StatusCode::CREATED);
    let request_id = booked.headers()["x-request-id"].to_str().unwrap().to_owned();
    let locator = booked.json::<Value>().await.unwrap()["record_locator"].as_str().unwrap().to_owned();
    kenji.miles_within(&locator, PATIENCE).await.expect("the miles are there");
    let (_, list) = kenji.get("/local/events").await;
    assert_eq!(list["events"][0]["request_id"], *request_id, "the way names the request that caused it");

    // Killed before it noted how far the stream was read, it reads it again: the event comes a second time.
    running.stop();
    let mut segments = daemon.received();
    let booking = booking_of(&segments);
    let folder = DataFolder::open(&laptop.data).unwrap();
    let bus = rusqlite::Connection::open(folder.bus().unwrap()).unwrap();
    assert_eq!(bus.execute("DELETE FROM checkpoint", []).unwrap(), 1);
    drop((bus, folder));
    let running = Running::start(watched());
    segments.extend(daemon.received_within(2, PATIENCE));
    drop(running);

    let trace_id = &booking["trace_id"];
    assert_eq!(trace_id.as_str().unwrap().replace('-', ""), format!("1{request_id}"));
    assert_eq!(of(&segments, "booking-http", trace_id), [&booking], "the request begins the trace");
    assert!(booking.get("parent_id").is_none(), "{booking}");
    let published = of(&segments, "booking-outbox", trace_id);
    assert_eq!(published.len(), 2, "{segments:#?}");
    for segment in &published {
        assert_eq!(segment["id"], published[0]["id"], "one event, one span of publishing");
        assert_eq!(segment["parent_id"], booking["subsegments"][0]["id"], "published after the sale");
    }
    let delivered = of(&segments, "airmiles-events", trace_id);
    assert_eq!(delivered.len(), 2, "{segments:#?}");
    for segment in &delivered {
        assert_eq!(segment["parent_id"], published[0]["id"], "delivered after it was published");
        assert_eq!(segment["annotations"]["record_locator"], *locator);
    }
    assert_ne!(delivered[0]["id"], delivered[1]["id"]);
    let mut said = std::fs::read_to_string(log.path()).unwrap();
    let of_this = said.lines().filter(|line| line.contains(&request_id) && line.contains("tern::closed"));
    let mut closed: Vec<_> =
        of_this.filter_map(|line| line.split("tern::closed: ").nth(1)?.split(' ').next()).collect();
    closed.sort_unstable(); // an event may be applied before its publishing is acknowledged
    assert_eq!(closed, ["answered", "applied", "applied", "published", "published"], "all is logged: {said}");
    said.extend(segments.iter().map(Value::to_string));
    for private in ["Zoë", "Hara", "1988-04-12", "example.com", "kenji"] {
        assert!(!said.contains(private), "{private}: {said}");
    }
}

/// The segment of the one request that sold something.
fn booking_of(segments: &[Value]) -> Value {
    let sold: Vec<_> =
        segments.iter().filter(|segment| segment["subsegments"][0]["name"] == "sale").collect();
    let [booking] = sold[..] else { panic!("{segments:#?}") };
    booking.clone()
}
