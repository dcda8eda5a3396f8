//! `GET /account`: balance, pending miles, tier.

use api_airmiles::apply_booking::apply_booking;
use api_types::Tier;
use serde_json::json;

use super::{enrol_member, get};
use crate::harness::{Fixture, booking, fact, now};

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
