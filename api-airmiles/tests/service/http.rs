//! The REST API through the router, on the embedded DynamoDB.

use api_airmiles::apply_booking::apply_booking;
use api_airmiles::enrolment::{Enrolment, enrol};
use api_airmiles::http::router;
use api_airmiles::{App, AppParts};
use api_types::{FareClass, FareFamily, Miles, PassengerType, RecordLocator, Tier};
use serde_json::json;
use service_kit::Clock;
use service_kit::aws::{AwsEnv, dynamodb};
use service_kit::testing::{self, call};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{Fixture, TABLE, booking, bound, cancelled, fact, member, now, party, segment};

/// Status and body of `GET path`, called by `caller` if there is one.
async fn get(fixture: &Fixture, caller: Option<&str>, path: &str) -> (u16, serde_json::Value) {
    let reply = call(&router(fixture.app.clone()), caller, testing::get(path)).await;
    (reply.status.as_u16(), reply.json())
}

async fn enrol_member(fixture: &Fixture, id: &str, tier: Tier, balance: i64, status_miles: i64) {
    let enrolment = Enrolment {
        member_id: member(id),
        tier,
        opening_balance: Miles(balance),
        status_miles: Miles(status_miles),
        at: now(),
    };
    enrol(fixture.store(), enrolment).await.unwrap();
}

#[tokio::test]
async fn a_booking_s_miles_come_with_their_working() {
    let fixture = Fixture::start().await;
    enrol_member(&fixture, "kenji-mori", Tier::Ridge, 18_400, 12_300).await;
    let mut trip = booking("kenji-mori", "K7QZ4M");
    trip.passengers = party(&[PassengerType::Adult, PassengerType::Adult, PassengerType::Infant]);
    trip.bounds = vec![bound(FareFamily::Light, FareClass::Q, vec![segment("TN7", "SFO", "NRT", 5124)])];
    apply_booking(fixture.store(), &fact(&trip, 1), "m-1", now()).await.unwrap();

    let (status, body) = get(&fixture, Some("kenji-mori"), "/airmiles/k7qz4m").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "booking_version": 1,
      "lines": [
        {
          "departure_date": "2026-12-05",
          "distance_mi": 5124,
          "fare_class": "Q",
          "flight_number": "TN7",
          "from": "SFO",
          "miles": 5124,
          "passenger_count": 2,
          "passenger_type": "adult",
          "rate_percent": 50,
          "rule": "base",
          "to": "NRT",
          "working": "5,124 mi × 50 % × 2 adults"
        },
        {
          "departure_date": "2026-12-05",
          "distance_mi": 5124,
          "fare_class": "Q",
          "flight_number": "TN7",
          "from": "SFO",
          "miles": 640,
          "passenger_count": 1,
          "passenger_type": "adult",
          "rate_percent": 25,
          "rule": "tier_bonus",
          "to": "NRT",
          "working": "2,562 miles × 25 %, your own seat"
        },
        {
          "departure_date": "2026-12-05",
          "distance_mi": 5124,
          "fare_class": "Q",
          "flight_number": "TN7",
          "from": "SFO",
          "miles": 0,
          "passenger_count": 1,
          "passenger_type": "infant",
          "rate_percent": 0,
          "rule": "no_seat",
          "to": "NRT",
          "working": "1 infant without a seat"
        }
      ],
      "record_locator": "K7QZ4M",
      "rules_version": "2026-11",
      "status": "pending",
      "tier": "ridge",
      "total": 5764
    }
    "#);
}

#[tokio::test]
async fn a_cancelled_booking_s_miles_are_reversed() {
    let fixture = Fixture::start().await;
    let trip = booking("amelia-okafor", "K7QZ4M");
    apply_booking(fixture.store(), &fact(&trip, 1), "m-1", now()).await.unwrap();
    apply_booking(fixture.store(), &fact(&cancelled(&trip), 2), "m-2", now()).await.unwrap();
    let (status, body) = get(&fixture, Some("amelia-okafor"), "/airmiles/K7QZ4M").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "booking_version": 2,
      "lines": [
        {
          "departure_date": "2026-12-05",
          "distance_mi": 5124,
          "fare_class": "M",
          "flight_number": "TN7",
          "from": "SFO",
          "miles": 5124,
          "passenger_count": 1,
          "passenger_type": "adult",
          "rate_percent": 100,
          "rule": "base",
          "to": "NRT",
          "working": "5,124 mi × 100 % × 1 adult"
        }
      ],
      "record_locator": "K7QZ4M",
      "rules_version": "2026-11",
      "status": "reversed",
      "tier": "coast",
      "total": 0
    }
    "#);
}

#[tokio::test]
async fn miles_are_their_member_s_alone() {
    let fixture = Fixture::start().await;
    apply_booking(fixture.store(), &fact(&booking("amelia-okafor", "K7QZ4M"), 1), "m-1", now())
        .await
        .unwrap();
    for (caller, path, status, code) in [
        (Some("kenji-mori"), "/airmiles/K7QZ4M", 404, "miles_not_found"),
        (Some("amelia-okafor"), "/airmiles/AAAAAA", 404, "miles_not_found"),
        (Some("amelia-okafor"), "/airmiles/K7QZ40", 404, "not_found"),
        (Some("amelia-okafor"), "/airmiles", 404, "not_found"),
        (None, "/airmiles/K7QZ4M", 401, "unauthenticated"),
        (None, "/account", 401, "unauthenticated"),
        (None, "/account/entries", 401, "unauthenticated"),
    ] {
        let (answered, body) = get(&fixture, caller, path).await;
        assert_eq!((answered, body["code"].as_str()), (status, Some(code)), "{path} by {caller:?}: {body}");
    }
    // Somebody else's and nobody's read alike.
    let others = get(&fixture, Some("kenji-mori"), "/airmiles/K7QZ4M").await.1["detail"].clone();
    let nobodys = get(&fixture, Some("kenji-mori"), "/airmiles/AAAAAA").await.1["detail"].clone();
    assert_eq!(
        others.as_str().unwrap().replace("K7QZ4M", ""),
        nobodys.as_str().unwrap().replace("AAAAAA", "")
    );
}

#[tokio::test]
async fn an_unknown_member_has_an_empty_account() {
    let fixture = Fixture::start().await;
    let (status, body) = get(&fixture, Some("amelia-okafor"), "/account").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "balance": 0,
      "member_id": "amelia-okafor",
      "next_tier": {
        "status_miles_missing": 10000,
        "status_miles_required": 10000,
        "tier": "ridge"
      },
      "pending": 0,
      "status_miles": 0,
      "tier": "coast"
    }
    "#);
    let (status, body) = get(&fixture, Some("amelia-okafor"), "/account/entries").await;
    assert_eq!((status, body), (200, json!({ "items": [], "next_cursor": null })));
}

#[tokio::test]
async fn an_account_has_balance_pending_miles_and_the_miles_missing_to_the_next_tier() {
    let fixture = Fixture::start().await;
    for (id, tier, balance, status_miles) in
        [("kenji-mori", Tier::Ridge, 18_400, 12_300), ("rafael-ortiz", Tier::Zenith, 212_750, 88_400)]
    {
        enrol_member(&fixture, id, tier, balance, status_miles).await;
    }
    let trip = fact(&booking("kenji-mori", "K7QZ4M"), 1);
    apply_booking(fixture.store(), &trip, "m-1", now()).await.unwrap();
    let (_, body) = get(&fixture, Some("kenji-mori"), "/account").await;
    insta::assert_json_snapshot!(body, @r#"
    {
      "balance": 18400,
      "member_id": "kenji-mori",
      "next_tier": {
        "status_miles_missing": 12700,
        "status_miles_required": 25000,
        "tier": "stratus"
      },
      "pending": 6405,
      "status_miles": 12300,
      "tier": "ridge"
    }
    "#);
    let (_, body) = get(&fixture, Some("rafael-ortiz"), "/account").await;
    assert_eq!((&body["tier"], &body["next_tier"]), (&json!("zenith"), &json!(null)));
}

#[tokio::test]
async fn the_ledger_comes_newest_first_with_its_running_balance() {
    let fixture = Fixture::start().await;
    enrol_member(&fixture, "kenji-mori", Tier::Ridge, 18_400, 12_300).await;
    let trip = booking("kenji-mori", "K7QZ4M");
    apply_booking(fixture.store(), &fact(&trip, 1), "m-1", now()).await.unwrap();
    apply_booking(fixture.store(), &fact(&cancelled(&trip), 2), "m-2", now()).await.unwrap();
    let (status, body) = get(&fixture, Some("kenji-mori"), "/account/entries").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "items": [
        {
          "balance_after": 18400,
          "description": "Cancelled: SFO to NRT, TN7",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "K7QZ4M-2",
          "kind": "reversal",
          "miles": -6405,
          "pending_after": 0,
          "record_locator": "K7QZ4M",
          "status": "reversed"
        },
        {
          "balance_after": 18400,
          "description": "SFO to NRT, TN7",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "K7QZ4M-1",
          "kind": "accrual",
          "miles": 6405,
          "pending_after": 6405,
          "record_locator": "K7QZ4M",
          "status": "pending"
        },
        {
          "balance_after": 18400,
          "description": "Opening balance",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "opening",
          "kind": "opening",
          "miles": 18400,
          "pending_after": 0,
          "status": "posted"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn pages_of_the_ledger_join_without_gap_or_repeat_while_it_grows() {
    let fixture = Fixture::start().await;
    for n in 0..7 {
        let trip = booking("noor-haddad", &RecordLocator::from_random(n).to_string());
        apply_booking(fixture.store(), &fact(&trip, 1), "m", now()).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut path = "/account/entries?limit=3".to_owned();
    loop {
        let (status, page) = get(&fixture, Some("noor-haddad"), &path).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["pending_after"].as_i64().unwrap() / 5124));
        let newer = booking("noor-haddad", &RecordLocator::from_random(100 + seen.len() as u32).to_string());
        apply_booking(fixture.store(), &fact(&newer, 1), "m", now()).await.unwrap();
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/account/entries?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    // Another member's cursor opens nothing of theirs.
    let (_, page) = get(&fixture, Some("noor-haddad"), "/account/entries?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let (status, page) =
        get(&fixture, Some("kenji-mori"), &format!("/account/entries?cursor={cursor}")).await;
    assert_eq!((status, page), (200, json!({ "items": [], "next_cursor": null })));
}

#[tokio::test]
async fn a_bad_page_is_refused_by_its_field() {
    let fixture = Fixture::start().await;
    for (query, code, field) in [
        ("limit=0", "invalid_request", "limit"),
        ("limit=101", "invalid_request", "limit"),
        ("limit=ten", "invalid_request", "limit"),
        ("limit=-1", "invalid_request", "limit"),
        ("limit=", "invalid_request", "limit"),
        ("cursor=", "invalid_cursor", "cursor"),
        ("cursor=nonsense", "invalid_cursor", "cursor"),
        ("cursor=eyJiZWZvcmVfZW50cnkiOi0xfQ", "invalid_cursor", "cursor"), // {"before_entry":-1}
        ("cursor=eyJiZWZvcmUiOjF9", "invalid_cursor", "cursor"),           // {"before":1}
    ] {
        let (status, body) = get(&fixture, Some("noor-haddad"), &format!("/account/entries?{query}")).await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)), "{query}: {body}");
        assert_eq!(body["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn an_estimate_needs_no_sign_in_and_shows_its_working() {
    let fixture = Fixture::start().await;
    let query = "from=SFO&to=NRT&cabin=premium_economy&fare_class=E&tier=stratus";
    let (status, body) = get(&fixture, None, &format!("/estimate?{query}")).await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "cabin": "premium_economy",
      "distance_mi": 5124,
      "fare_class": "E",
      "from": "SFO",
      "lines": [
        {
          "distance_mi": 5124,
          "fare_class": "E",
          "from": "SFO",
          "miles": 5636,
          "passenger_count": 1,
          "passenger_type": "adult",
          "rate_percent": 110,
          "rule": "base",
          "to": "NRT",
          "working": "5,124 mi × 110 % × 1 adult"
        },
        {
          "distance_mi": 5124,
          "fare_class": "E",
          "from": "SFO",
          "miles": 2818,
          "passenger_count": 1,
          "passenger_type": "adult",
          "rate_percent": 50,
          "rule": "tier_bonus",
          "to": "NRT",
          "working": "5,636 miles × 50 %, your own seat"
        }
      ],
      "miles": 8454,
      "rules_version": "2026-11",
      "tier": "stratus",
      "to": "NRT"
    }
    "#);
    let (_, as_coast) =
        get(&fixture, None, "/estimate?from=sfo&to=nrt&cabin=premium_economy&fare_class=E").await;
    assert_eq!((&as_coast["tier"], as_coast["lines"].as_array().unwrap().len()), (&json!("coast"), 1));
}

#[tokio::test]
async fn all_errors_of_an_estimate_are_returned_at_once() {
    let fixture = Fixture::start().await;
    let (status, body) = get(&fixture, None, "/estimate?from=XQZ&cabin=lounge&fare_class=B&tier=gold").await;
    assert_eq!(status, 400);
    insta::assert_json_snapshot!(body, { ".request_id" => "[id]" }, @r#"
    {
      "code": "invalid_request",
      "detail": "to: is missing; cabin: expected economy, premium_economy, business or first; fare_class: expected a fare class: Q, M, Y (economy), E, T, W (premium economy), Z, D, J (business), P, A, F (first); tier: expected coast, ridge, stratus or zenith; from: Tern serves no airport XQZ",
      "errors": [
        {
          "code": "invalid_request",
          "detail": "is missing",
          "field": "to"
        },
        {
          "code": "invalid_request",
          "detail": "expected economy, premium_economy, business or first",
          "field": "cabin"
        },
        {
          "code": "invalid_request",
          "detail": "expected a fare class: Q, M, Y (economy), E, T, W (premium economy), Z, D, J (business), P, A, F (first)",
          "field": "fare_class"
        },
        {
          "code": "invalid_request",
          "detail": "expected coast, ridge, stratus or zenith",
          "field": "tier"
        },
        {
          "code": "unknown_airport",
          "detail": "Tern serves no airport XQZ",
          "field": "from"
        }
      ],
      "request_id": "[id]",
      "status": 400,
      "title": "The request is not valid",
      "type": "urn:tern:problem:invalid_request"
    }
    "#);
    for (query, code, field) in [
        ("from=SFO&to=SFO&cabin=economy&fare_class=Q", "same_origin_and_destination", "to"),
        ("from=HND&to=NRT&cabin=economy&fare_class=Q", "same_origin_and_destination", "to"),
        ("from=SFO&to=TYO&cabin=economy&fare_class=Q", "unknown_airport", "to"),
        ("from=SFO&to=NRT&cabin=economy&fare_class=J", "invalid_request", "fare_class"),
        ("from=SFO&to=&cabin=economy&fare_class=Q", "invalid_request", "to"),
        ("from=SF0&to=NRT&cabin=economy&fare_class=Q", "invalid_request", "from"),
        ("from=SFO&to=NRT&cabin=economy", "invalid_request", "fare_class"),
        ("to=NRT&cabin=economy&fare_class=Q", "invalid_request", "from"),
        ("from=SFO&to=NRT&cabin=economy&fare_class=Q&tier=Ridge", "invalid_request", "tier"),
    ] {
        let (status, body) = get(&fixture, None, &format!("/estimate?{query}")).await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)), "{query}: {body}");
        let fields = body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str());
        assert_eq!(fields.collect::<Vec<_>>(), [Some(field)], "{query}: {body}");
    }
}

/// Airmiles on a database that answers every request with `error_type`.
async fn on_failing_database(error_type: &str) -> App {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{error_type}") }).to_string();
    let head =
        format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            assert!(connection.read(&mut [0; 8192]).await.unwrap() > 0);
            connection.write_all((head.clone() + &body).as_bytes()).await.unwrap();
        }
    });
    let dynamodb = dynamodb(&AwsEnv::emulated(endpoint));
    App::new(AppParts { dynamodb, table: TABLE.to_owned(), clock: Clock::fixed(now()) })
}

#[tokio::test]
async fn a_throttled_request_is_busy_and_any_other_failure_is_internal() {
    for (error_type, status, code) in
        [("ThrottlingException", 503, "busy"), ("ResourceNotFoundException", 500, "internal")]
    {
        let router = router(on_failing_database(error_type).await);
        let reply = call(&router, Some("noor-haddad"), testing::get("/account")).await;
        assert_eq!(reply.refusal(), (status, code.to_owned()), "{error_type}");
        assert_eq!(reply.headers.contains_key("retry-after"), status == 503);
        assert!(!reply.text.contains(error_type), "{}", reply.text);
    }
}
