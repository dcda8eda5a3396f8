//! The REST API through the router, on the embedded DynamoDB.

use api_airmiles::apply_booking::apply_booking;
use api_airmiles::enrolment::{Enrolment, enrol};
use api_airmiles::http::router;
use api_types::{FareClass, FareFamily, Miles, PassengerType, Tier};
use axum::body::Body;
use http_body_util::BodyExt;
use service_kit::http::Caller;
use tower::ServiceExt;

use crate::common::{Fixture, booking, bound, cancelled, fact, member, now, party, segment};

/// Status and body of `GET path`, asked by `caller` if there is one.
async fn get(fixture: &Fixture, caller: Option<&str>, path: &str) -> (u16, serde_json::Value) {
    let mut request = axum::http::Request::get(path).body(Body::empty()).unwrap();
    if let Some(id) = caller {
        request.extensions_mut().insert(Caller { member_id: member(id) });
    }
    let response = router(fixture.app.clone()).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_booking_s_miles_come_with_their_working() {
    let fixture = Fixture::start().await;
    let enrolment = Enrolment {
        member_id: member("kenji-mori"),
        tier: Tier::Ridge,
        opening_balance: Miles(18_400),
        status_miles: Miles(12_300),
        at: now(),
    };
    enrol(fixture.store(), enrolment).await.unwrap();
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
