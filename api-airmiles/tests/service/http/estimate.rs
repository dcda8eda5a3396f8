//! `GET /estimate`: what a flight would earn.

use serde_json::json;

use super::get;
use crate::harness::Fixture;

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
