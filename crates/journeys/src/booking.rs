//! From an offer to its miles.

use std::time::Instant;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::traveller::booking_request;
use crate::{Deployment, Traveller};

/// The result of [`a_booking_earns_its_miles`].
pub struct Booked {
    pub traveller: Traveller,
    pub offer: Value,
    /// The idempotency key.
    pub key: &'static str,
    /// The reply.
    pub booking: Value,
    /// Everything that the traveller can see of it: [`everything`].
    pub seen: Vec<Value>,
}

/// Kenji books for two: the offer's miles arrive in time, as pending, and the balance doesn't change.
pub async fn a_booking_earns_its_miles(deployment: &Deployment) -> Booked {
    let (kenji, member) = deployment.member("kenji-mori");
    let key = "journey-1";
    let offers = kenji.offers("SFO", "TYO", 30, 2).await;
    let offer = offers[0].clone();
    let (status, booking) = kenji.try_book(&offer, 2, key).await.unwrap();
    let answered = Instant::now();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    assert_eq!(booking["price"]["amount_minor"], offer["price"]["amount_minor"], "{booking}");
    let locator = booking["record_locator"].as_str().unwrap().to_owned();
    let miles = kenji.miles_within(&locator, deployment.miles_within()).await.expect("miles in time");
    println!("miles were visible {:?} after the answer", answered.elapsed());

    assert_eq!(miles["status"], "pending");
    let lines = miles["lines"].as_array().unwrap();
    let of_rule = |rule: &str| -> i64 {
        lines.iter().filter(|line| line["rule"] == rule).map(|line| line["miles"].as_i64().unwrap()).sum()
    };
    assert_eq!(of_rule("base"), offer["miles"].as_i64().unwrap(), "what was offered is what is earned");
    let earns_bonus = member.tier > api_types::Tier::Coast;
    assert_eq!(of_rule("tier_bonus") > 0, earns_bonus, "{:?} and its bonus: {miles}", member.tier);
    assert_eq!(miles["total"].as_i64().unwrap(), of_rule("base") + of_rule("tier_bonus"));

    let seen = everything(&kenji, &locator).await;
    assert_eq!(seen[0]["items"][0]["record_locator"], *locator);
    assert_eq!(seen[1], booking, "what was answered is what is kept");
    assert_eq!(seen[3]["balance"], json!(member.opening_balance), "pending miles are no part of the balance");
    assert_eq!(seen[3]["pending"], miles["total"]);
    let entry = &seen[4]["items"][0];
    assert_eq!((&entry["kind"], &entry["record_locator"]), (&json!("accrual"), &json!(locator)), "{entry}");
    assert_eq!((&entry["miles"], &entry["status"]), (&miles["total"], &json!("pending")), "{entry}");

    let path = format!("/api/booking/bookings/{locator}");
    let (status, headers, _) = kenji.answer(&path, kenji.request(Method::GET, &path)).await;
    assert_eq!(status, StatusCode::OK);
    let unchanged = kenji.request(Method::GET, &path).header("if-none-match", headers["etag"].clone());
    let (status, _, body) = kenji.answer(&path, unchanged).await;
    assert_eq!(
        (status, body),
        (StatusCode::NOT_MODIFIED, json!("")),
        "an unchanged booking is not sent again"
    );
    Booked { traveller: kenji, offer, key, booking, seen }
}

/// Bookings, the booking, its miles, the account and its entries.
pub async fn everything(traveller: &Traveller, locator: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/api/booking/bookings".to_owned(),
        format!("/api/booking/bookings/{locator}"),
        format!("/api/airmiles/airmiles/{locator}"),
        "/api/airmiles/account".to_owned(),
        "/api/airmiles/account/entries".to_owned(),
    ] {
        let (status, reply) = traveller.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {reply}");
        seen.push(reply);
    }
    seen
}

/// Rafael sends one request twice, another under the same key, and one without a key.
pub async fn a_request_sent_again_books_once(deployment: &Deployment) {
    let (rafael, _) = deployment.member("rafael-ortiz");
    let before = listed(&rafael).await;
    let offers = rafael.offers("SFO", "NRT", 45, 1).await;
    let body = booking_request(&offers[0], 1);
    let first = rafael.try_post(&body, Some("again")).await.unwrap();
    assert_eq!(first.0, StatusCode::CREATED, "{}", first.1);
    assert_eq!(
        rafael.try_post(&body, Some("again")).await.unwrap(),
        first,
        "the same answer, status and body"
    );

    let mut other = body.clone();
    other["contact"]["email"] = json!("other@example.com");
    for (body, key, status, code) in [
        (&other, Some("again"), 422, "idempotency_key_reused"),
        (&body, None, 400, "idempotency_key_missing"),
    ] {
        let (answered, problem) = rafael.try_post(body, key).await.unwrap();
        assert_eq!((answered.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
    }
    let mut after = listed(&rafael).await;
    assert_eq!(after.remove(0), first.1["record_locator"]);
    assert_eq!(after, before, "one request, one booking");
}

async fn listed(traveller: &Traveller) -> Vec<Value> {
    let (status, page) = traveller.get("/api/booking/bookings").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().unwrap().iter().map(|booking| booking["record_locator"].clone()).collect()
}
