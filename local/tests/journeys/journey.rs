//! What a person does: sign in, search, book, see the trip and its miles; and what others may not.

use std::time::{Duration, Instant};

use crate::common::{Laptop, Traveller};
use journeys::booking::{Booked, a_booking_earns_its_miles, everything};
use journeys::guarding::is_a_stranger;
use journeys::traveller::booking_request;
use local::bus::{Bus, Redelivery, Subscription};
use local::data_folder::DataFolder;
use local::gateway::Issuer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::events::outbox::OutboxMessage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// When something counts as lost.
const LIMIT: Duration = Duration::from_secs(20);

/// The events' ways, once the newest of them has arrived: its miles show a moment before that is noted.
async fn ways_once_delivered(traveller: &Traveller, locator: &str) -> Value {
    let until = Instant::now() + LIMIT;
    loop {
        let (status, ways) = traveller.get("/local/events").await;
        assert_eq!(status, StatusCode::OK);
        let newest = &ways["events"][0];
        if newest["subject"] == locator && newest["state"] == "delivered" {
            return ways;
        }
        assert!(Instant::now() < until, "{locator} never arrived: {ways}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn every_journey_goes_well_on_a_laptop() {
    let laptop = Laptop::new();
    let running = laptop.start();
    journeys::run_all(&running.deployment().await).await.unwrap();
}

#[tokio::test]
async fn a_booking_shows_its_miles_and_all_is_there_after_a_restart() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let deployment = running.deployment().await;
    let Booked { traveller: kenji, offer, key, booking, seen: before } =
        a_booking_earns_its_miles(&deployment).await;
    let locator = booking["record_locator"].as_str().unwrap();
    assert_eq!(before[3]["balance"], 18_400, "kenji brought his miles along");
    let way = ways_once_delivered(&kenji, locator).await;
    let event = &way["events"][0];
    assert_eq!(
        (&event["id"], &event["type"], &event["subject"], &event["state"], &event["attempts"]),
        (
            &json!(format!("{locator}-1")),
            &json!("booking.confirmed.v1"),
            &json!(locator),
            &json!("delivered"),
            &json!(1)
        )
    );
    assert!(
        event["published_at"].is_string()
            && event["delivered_at"].is_string()
            && event["last_error"].is_null()
    );
    assert!(!way.to_string().contains("Zoë"), "an event's way names nobody");

    assert_eq!(running.stop(), "", "one line and no more");
    let running = laptop.start();
    // The token still counts, the members are not enrolled again, and the same key gives the same answer.
    let again = Traveller::unknown(&running.base).with_token(kenji.token.as_ref().unwrap());
    assert_eq!(everything(&again, locator).await, before);
    let (status, replayed) = again.try_book(&offer, 2, key).await.unwrap();
    assert_eq!((status, replayed), (StatusCode::CREATED, booking));
}

#[tokio::test]
async fn the_web_app_learns_where_the_services_are_and_who_can_sign_in() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let nobody = Traveller::unknown(&running.base);
    let (_, config) = nobody.get("/config.json").await;
    assert_eq!(
        config,
        json!({ "booking_api": "/api/booking", "airmiles_api": "/api/airmiles", "sign_in": { "kind": "local" } })
    );
    let (_, list) = nobody.get("/local/members").await;
    let members = list["members"].as_array().unwrap();
    assert_eq!(members.len(), 5);
    assert_eq!(members[1], json!({ "member_id": "kenji-mori", "name": "Kenji Mori", "tier": "ridge" }));
    for member in members {
        let member = running.sign_in(member["member_id"].as_str().unwrap()).await;
        let (status, account) = member.get("/api/airmiles/account").await;
        assert_eq!(status, StatusCode::OK, "{account}");
    }
    for (body, status, code) in [
        (json!({ "member_id": "nobody-here" }), 404, "not_found"),
        (json!({ "member_id": "Not An Id" }), 400, "invalid_request"),
        (json!({}), 400, "invalid_request"),
        (json!([]), 400, "invalid_request"),
    ] {
        let (answered, problem) = nobody.send(Method::POST, "/local/sign-in", Some(body.clone())).await;
        assert_eq!(answered.as_u16(), status, "{body}: {problem}");
        assert_eq!(problem["code"], code, "{body}: {problem}");
    }
    let response =
        nobody.request(Method::POST, "/local/sign-in").body("member_id=kenji-mori").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

/// What only the keeper of the keys can try; other strangers are among the shared journeys.
#[tokio::test]
async fn a_token_that_has_ended_or_was_signed_elsewhere_opens_nothing() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let good = running.sign_in("rafael-ortiz").await.token.unwrap();
    running.stop();
    let key = DataFolder::open(&laptop.data).unwrap().keys().tokens;
    let running = laptop.start();

    let member = "rafael-ortiz".parse().unwrap();
    let now = Clock::system().now();
    let deployment = running.deployment().await;
    for token in [
        Issuer::new(&key).issue(&member, now.plus_secs(-9 * 3600)).unwrap().token, // ended an hour ago
        Issuer::new(&[1; 32]).issue(&member, now).unwrap().token,                  // another folder's
    ] {
        is_a_stranger(&deployment, Some(&token)).await;
    }
    let (status, _) = deployment.nobody().with_token(&good).get("/api/airmiles/account").await;
    assert_eq!(status, StatusCode::OK, "the one from before the restart is still good");
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_it_stops() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let noor = running.sign_in("noor-haddad").await;
    let offers = noor.offers("SFO", "NRT", 25, 1).await;
    let body = booking_request(&offers[0], 1).to_string();
    let address = running.base.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /api/booking/bookings HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         idempotency-key: at-the-end\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\nconnection: close\r\n\r\n",
        noor.token.as_ref().unwrap(),
        body.len()
    );
    let mut connection = TcpStream::connect(&address).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    // It is sent when the handler reads the body: from now on the request is under way.
    let mut go_on = [0; 25];
    within("100 Continue", connection.read_exact(&mut go_on)).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.interrupt();
    within("the end of listening", async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut reply = String::new();
    within("the reply", connection.read_to_string(&mut reply)).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 201 "), "{reply}");
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();

    let running = laptop.start();
    let noor = Traveller::unknown(&running.base).with_token(noor.token.as_ref().unwrap());
    let (_, page) = noor.get("/api/booking/bookings").await;
    let locator = page["items"][0]["record_locator"].as_str().expect("the booking is there");
    assert!(reply.contains(locator), "{reply}");
}

/// The result of `wait`, which must end.
async fn within<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(LIMIT, wait).await;
    ended.unwrap_or_else(|_| panic!("{what} did not come within {LIMIT:?}"))
}

#[tokio::test]
async fn an_event_that_nobody_can_read_is_shown_with_its_error_and_holds_up_no_booking() {
    let laptop = Laptop::new();
    let to_airmiles = Subscription {
        publisher: "booking".to_owned(),
        event_types: ["booking.confirmed.v1".to_owned()].into(),
        queue: "airmiles-booking-events".to_owned(),
    };
    let path = DataFolder::open(&laptop.data).unwrap().bus().unwrap();
    let bus = Bus::open(&path, Clock::system(), vec![to_airmiles], Redelivery::default()).unwrap();
    let poison = OutboxMessage {
        id: "BADBAD-1".to_owned(),
        source: "tern.booking".to_owned(),
        event_type: "booking.confirmed.v1".to_owned(),
        subject: "BADBAD".to_owned(),
        body: "not an event".to_owned(),
    };
    bus.publish("booking", poison, 0).await.unwrap();
    drop(bus);

    let running = laptop.start();
    let noor = running.sign_in("noor-haddad").await;
    let offers = noor.offers("SFO", "NRT", 33, 1).await;
    let (status, booking) = noor.try_book(&offers[0], 1, "past-the-poison").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap();
    noor.miles_within(locator, LIMIT).await.expect("the miles are there");

    let list = ways_once_delivered(&noor, locator).await;
    let [newest, poison] = &list["events"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&newest["subject"], &newest["state"]), (&json!(locator), &json!("delivered")));
    assert_eq!((&poison["id"], &poison["state"]), (&json!("BADBAD-1"), &json!("retrying")));
    assert_eq!(poison["last_error"], "the function reported the message as failed");
    assert!(poison["attempts"].as_u64().unwrap() >= 1 && poison["delivered_at"].is_null());
    let (_, one) = noor.get("/local/events?limit=1").await;
    assert_eq!(one["events"].as_array().unwrap().len(), 1);
    let (status, problem) = noor.get("/local/events?limit=all").await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["field"]), (400, &json!("limit")));
    let (_, of_one) = noor.get(&format!("/local/events?record_locator={locator}")).await;
    let of_one = of_one["events"].as_array().unwrap().iter().map(|event| &event["subject"]);
    assert_eq!(of_one.collect::<Vec<_>>(), [locator]);
    for unknown in ["record_locater=K7QZ4M", "record_locator=short"] {
        let (status, problem) = noor.get(&format!("/local/events?{unknown}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{unknown}: {problem}");
    }
}

#[tokio::test]
async fn operators_invoke_functions_and_redrive_dead_letters() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let operator = Traveller::unknown(&running.base);
    let (_, list) = operator.get("/local/functions").await;
    let functions = list["functions"].as_array().unwrap();
    for expected in ["airmiles-events", "booking-outbox"] {
        assert!(functions.iter().any(|function| function == expected), "{list}");
    }
    let invoke = async |function: &str, payload: Value| {
        let path = format!("/local/functions/{function}/invocations");
        let request = operator.request(Method::POST, &path).json(&payload);
        operator.answer(&path, request).await
    };
    let (status, headers, reply) =
        invoke("booking-outbox", json!({ "detail-type": "Scheduled Event" })).await;
    assert_eq!((status, &reply["published"]), (StatusCode::OK, &json!(0)), "{reply}");
    assert!(!headers.contains_key("x-amz-function-error"));
    let (status, headers, reply) = invoke("booking-outbox", json!({})).await;
    assert_eq!((status, &headers["x-amz-function-error"].to_str().unwrap()), (StatusCode::OK, &"Unhandled"));
    assert!(reply["errorMessage"].is_string(), "{reply}");
    let (status, _, reply) = invoke("booking-nothing", json!({})).await;
    assert_eq!((status, &reply["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    let (status, reply) = operator.send(Method::POST, "/local/dead-letters/redrive", None).await;
    assert_eq!((status, reply), (StatusCode::OK, json!({ "redriven": 0 })));
}

/// The stores have no socket: a web page that guesses ports finds only the web app's own.
#[tokio::test]
async fn it_listens_on_its_own_port_only_and_gives_no_page_elsewhere_access() {
    let laptop = Laptop::new();
    let running = laptop.start();
    running.sign_in("noor-haddad").await.offers("SFO", "NRT", 25, 1).await; // all stores are in use
    let own_port: u16 = running.base.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(listening_ports(running.pid()), [own_port]);

    let elsewhere = Traveller::unknown(&running.base);
    for (method, path) in [
        (Method::OPTIONS, "/local/functions/booking-outbox/invocations"),
        (Method::OPTIONS, "/api/booking/bookings"),
        (Method::POST, "/"),
    ] {
        let request = elsewhere
            .request(method, path)
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-amz-target")
            .header("x-amz-target", "DynamoDB_20120810.ListTables");
        let (status, headers, reply) = elsewhere.answer(path, request).await;
        assert!(!headers.contains_key("access-control-allow-origin"), "{path}: {headers:?}");
        assert!(!status.is_success(), "{path}: {status} {reply}");
    }
}

/// The TCP ports that the process listens on.
fn listening_ports(pid: u32) -> Vec<u16> {
    const LISTEN: &str = "0A";
    let links = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let sockets: Vec<String> = links
        .filter_map(|link| std::fs::read_link(link.ok()?.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|target| Some(target.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6"] {
        let table = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for row in table.lines().skip(1) {
            let columns: Vec<&str> = row.split_whitespace().collect();
            if columns[3] == LISTEN && sockets.iter().any(|inode| inode == columns[9]) {
                ports.push(u16::from_str_radix(columns[1].rsplit(':').next().unwrap(), 16).unwrap());
            }
        }
    }
    ports
}
