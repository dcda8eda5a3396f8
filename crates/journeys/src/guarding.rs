//! Authorisation.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::traveller::day;
use crate::{Deployment, Traveller};

/// Without a token, and with forged ones: members' routes refuse, public routes answer.
pub async fn strangers_are_refused(deployment: &Deployment) {
    let (rafael, member) = deployment.member("rafael-ortiz");
    let [header, claims, signature] = member.access_token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{} is no JWT", member.access_token)
    };
    let other_signature = "A".repeat(signature.len());
    for token in [
        None,
        Some("garbage".to_owned()),
        Some(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")), // {"alg":"none"}
        Some(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.{signature}")),
        Some(format!("{header}.{claims}.")),
        Some(format!("{header}.{claims}.{other_signature}")),
    ] {
        is_a_stranger(deployment, token.as_deref()).await;
    }
    let (status, account) = rafael.get("/api/airmiles/account").await;
    assert_eq!(status, StatusCode::OK, "the good one still is: {account}");
}

/// Members' routes refuse this token, or none.
pub async fn is_a_stranger(deployment: &Deployment, token: Option<&str>) {
    let nobody = deployment.nobody();
    let caller = token.map_or(nobody.clone(), |token| nobody.with_token(token));
    for (method, path) in [
        (Method::POST, "/api/booking/bookings"),
        (Method::GET, "/api/booking/bookings"),
        (Method::GET, "/api/booking/bookings/K7QZ4M"),
        (Method::GET, "/api/airmiles/airmiles/K7QZ4M"),
        (Method::GET, "/api/airmiles/account"),
        (Method::GET, "/api/airmiles/account/entries"),
    ] {
        let request = caller.request(method.clone(), path).json(&json!({}));
        let (status, headers, problem) = caller.answer(path, request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path} with {token:?}");
        if !deployment.gateway_says_why {
            continue;
        }
        assert_eq!(headers["content-type"], "application/problem+json");
        let challenge = headers["www-authenticate"].to_str().unwrap();
        assert_eq!(challenge.contains("invalid_token"), token.is_some(), "{challenge}");
        assert_eq!(problem["code"], "unauthenticated");
    }
    what_is_public_is_open(&caller).await;
}

async fn what_is_public_is_open(caller: &Traveller) {
    for path in [
        "/api/booking/airports".to_owned(),
        "/api/airmiles/estimate?from=SFO&to=NRT&cabin=economy&fare_class=Y&tier=coast".to_owned(),
        format!("/api/booking/fares?from=SFO&to=NRT&date={}&cabin=economy", day(40)),
    ] {
        let (status, reply) = caller.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path} is public: {reply}");
    }
    assert!(!caller.offers("SFO", "NRT", 40, 1).await.is_empty(), "search is public");
}

/// Sofia's booking is visible to Sofia only; another member's equal idempotency key is another booking.
pub async fn anothers_booking_does_not_exist(deployment: &Deployment) {
    let (sofia, _) = deployment.member("sofia-lindqvist");
    let (noor, _) = deployment.member("noor-haddad");
    let offers = sofia.offers("SFO", "NRT", 20, 1).await;
    let (status, booking) = sofia.try_book(&offers[0], 1, "sofias").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap();
    sofia.miles_within(locator, deployment.miles_within()).await.expect("sofia has her miles");
    for (path, code) in [
        (format!("/api/booking/bookings/{locator}"), "booking_not_found"),
        (format!("/api/airmiles/airmiles/{locator}"), "miles_not_found"),
    ] {
        let (status, problem) = noor.get(&path).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (404, Some(code)), "{path}");
    }
    let (_, page) = noor.get("/api/booking/bookings").await;
    assert_eq!(page["items"], json!([]));
    // The same key of another member is another booking.
    let (status, other) = noor.try_book(&offers[0], 1, "sofias").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{other}");
    assert_ne!(other["record_locator"], booking["record_locator"]);
}
