//! `GET /airmiles/{record_locator}`: what a booking earns.

use api_airmiles::apply_booking::apply_booking;
use api_types::{FareClass, FareFamily, PassengerType, Tier};

use super::{enrol_member, get};
use crate::harness::{Fixture, booking, bound, cancelled, fact, now, party, segment};

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
