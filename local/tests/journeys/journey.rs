//! What a person does: sign in, search, book, see the trip and its miles; and what others may not.

use std::time::{Duration, Instant};

use crate::common::{Running, Traveller, data_folder, web_app};
use local::bus::{Bus, Message};
use local::data_folder::DataFolder;
use local::gateway::Issuer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service_kit::Clock;

#[tokio::test]
async fn a_booking_shows_its_miles_within_a_second_and_all_is_there_after_a_restart() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let kenji = running.sign_in("kenji-mori").await;

    let offers = kenji.offers("SFO", "TYO", 30, 2).await;
    let offer = &offers[0];
    let (status, booking) = kenji.try_book(offer, 2, "journey-1").await.unwrap();
    let answered = Instant::now();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap().to_owned();
    let miles = kenji.miles_within(&locator, Duration::from_secs(1)).await.expect("miles within a second");
    println!("miles were visible {:?} after the answer", answered.elapsed());

    assert_eq!(miles["status"], "pending");
    let lines = miles["lines"].as_array().unwrap();
    let of_rule = |rule: &str| -> i64 {
        lines.iter().filter(|line| line["rule"] == rule).map(|line| line["miles"].as_i64().unwrap()).sum()
    };
    assert_eq!(of_rule("base"), offer["miles"].as_i64().unwrap(), "what was offered is what is earned");
    assert!(of_rule("tier_bonus") > 0, "Ridge earns a bonus: {miles}");
    assert_eq!(miles["total"].as_i64().unwrap(), of_rule("base") + of_rule("tier_bonus"));

    let everything = async |traveller: &Traveller| -> Vec<Value> {
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
    };
    let before = everything(&kenji).await;
    assert_eq!(before[0]["items"][0]["record_locator"], *locator);
    assert_eq!(before[3]["balance"], 18_400, "pending miles are no part of the balance");
    assert_eq!(before[3]["pending"], miles["total"]);
    let (status, way) = kenji.get("/local/events").await;
    assert_eq!(status, StatusCode::OK);
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

    let (status, said) = running.terminate();
    assert!(status.success());
    assert_eq!(said, "", "one line and no more");
    let running = Running::start(&data, web.path());
    // The token still counts, the members are not enrolled again, and the same key gives the same answer.
    let again = Traveller::unknown(&running.base).with_token(kenji.token.as_ref().unwrap());
    assert_eq!(everything(&again).await, before);
    let (status, replayed) = again.try_book(offer, 2, "journey-1").await.unwrap();
    assert_eq!((status, replayed), (StatusCode::CREATED, booking));
}

#[tokio::test]
async fn the_web_app_learns_where_the_services_are_and_who_can_sign_in() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
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
        (json!([]), 400, "invalid_body"),
    ] {
        let (answered, problem) = nobody.send(Method::POST, "/local/sign-in", Some(body.clone())).await;
        assert_eq!(answered.as_u16(), status, "{body}: {problem}");
        assert!(problem["code"] == code || answered == 400, "{body}: {problem}");
    }
    let response =
        nobody.request(Method::POST, "/local/sign-in").body("member_id=kenji-mori").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn what_is_a_members_own_is_closed_without_a_valid_token() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let rafael = running.sign_in("rafael-ortiz").await;
    let good = rafael.token.clone().unwrap();
    let (status, _) = running.terminate();
    assert!(status.success());
    let key = DataFolder::open(&data).unwrap().keys().tokens;
    let running = Running::start(&data, web.path());

    let member = "rafael-ortiz".parse().unwrap();
    let now = Clock::system().now();
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let tokens = [
        None,
        Some("garbage".to_owned()),
        Some(Issuer::new(&key).issue(&member, now.plus_secs(-9 * 3600)).unwrap().token), // ended an hour ago
        Some(Issuer::new(&[1; 32]).issue(&member, now).unwrap().token),                  // another folder's
        Some(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")),                  // {"alg":"none"}
        Some(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.{signature}")),
        Some(format!("{header}.{claims}.")),
    ];
    let nobody = Traveller::unknown(&running.base);
    for token in tokens {
        let caller = token.as_ref().map_or(nobody.clone(), |token| nobody.with_token(token));
        for (method, path) in [
            (Method::POST, "/api/booking/bookings"),
            (Method::GET, "/api/booking/bookings"),
            (Method::GET, "/api/booking/bookings/K7QZ4M"),
            (Method::GET, "/api/airmiles/airmiles/K7QZ4M"),
            (Method::GET, "/api/airmiles/account"),
            (Method::GET, "/api/airmiles/account/entries"),
        ] {
            let response = caller.request(method.clone(), path).json(&json!({})).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path} with {token:?}");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert_eq!(challenge.contains("invalid_token"), token.is_some(), "{challenge}");
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["code"], "unauthenticated");
        }
        for path in [
            "/api/booking/airports".to_owned(),
            "/api/airmiles/estimate?from=SFO&to=NRT&cabin=economy&fare_class=Y&tier=coast".to_owned(),
            format!("/api/booking/fares?from=SFO&to=NRT&date={}&cabin=economy", crate::common::day(40)),
        ] {
            let (status, reply) = caller.get(&path).await;
            assert_eq!(status, StatusCode::OK, "{path} is public: {reply}");
        }
        assert!(!caller.offers("SFO", "NRT", 40, 1).await.is_empty(), "search is public");
    }
    let (status, _) = nobody.with_token(&good).get("/api/airmiles/account").await;
    assert_eq!(status, StatusCode::OK, "the good one still is");
}

#[tokio::test]
async fn anothers_booking_does_not_exist() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let (sofia, noor) = (running.sign_in("sofia-lindqvist").await, running.sign_in("noor-haddad").await);
    let offers = sofia.offers("SFO", "NRT", 20, 1).await;
    let (status, booking) = sofia.try_book(&offers[0], 1, "sofias").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap();
    sofia.miles_within(locator, Duration::from_secs(2)).await.expect("sofia has her miles");
    for (path, code) in [
        (format!("/api/booking/bookings/{locator}"), "booking_not_found"),
        (format!("/api/airmiles/airmiles/{locator}"), "miles_not_found"),
    ] {
        let (status, problem) = noor.get(&path).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (404, Some(code)), "{path}");
    }
    let (_, page) = noor.get("/api/booking/bookings").await;
    assert_eq!(page["items"], json!([]));
    // Her idempotency key is hers alone: the same one of another member is another booking.
    let (status, other) = noor.try_book(&offers[0], 1, "sofias").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{other}");
    assert_ne!(other["record_locator"], booking["record_locator"]);
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_it_stops() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let noor = running.sign_in("noor-haddad").await;
    let offers = noor.offers("SFO", "NRT", 25, 1).await;
    let (offer, client) = (offers[0].clone(), noor.clone());
    let asked = tokio::spawn(async move { client.try_book(&offer, 1, "at-the-end").await });
    tokio::time::sleep(Duration::from_millis(2)).await;
    let (status, _) = tokio::task::spawn_blocking(move || running.terminate()).await.unwrap();
    assert!(status.success());
    let answered = asked.await.unwrap();

    let running = Running::start(&data, web.path());
    let noor = Traveller::unknown(&running.base).with_token(noor.token.as_ref().unwrap());
    let (_, page) = noor.get("/api/booking/bookings").await;
    match answered {
        Some((status, booking)) => {
            assert_eq!(status, StatusCode::CREATED, "{booking}");
            assert_eq!(page["items"][0]["record_locator"], booking["record_locator"]);
        }
        // It had not been accepted when the signal came: then nothing may have been sold either.
        None => assert_eq!(page["items"], json!([])),
    }
}

#[tokio::test]
async fn an_event_that_nobody_can_read_is_shown_with_its_error_and_holds_up_no_booking() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let bus = Bus::open(&DataFolder::open(&data).unwrap().bus(), Clock::system()).unwrap();
    let poison = Message {
        event_id: "BADBAD-1".to_owned(),
        event_type: "booking.confirmed.v1".to_owned(),
        subject: "BADBAD".to_owned(),
        body: "not an event".to_owned(),
    };
    bus.publish(poison, 0).await.unwrap();
    drop(bus);

    let running = Running::start(&data, web.path());
    let noor = running.sign_in("noor-haddad").await;
    let offers = noor.offers("SFO", "NRT", 33, 1).await;
    let (status, booking) = noor.try_book(&offers[0], 1, "past-the-poison").await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap();
    noor.miles_within(locator, Duration::from_secs(1)).await.expect("miles within a second");

    let (_, list) = noor.get("/local/events").await;
    let [newest, poison] = &list["events"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&newest["subject"], &newest["state"]), (&json!(locator), &json!("delivered")));
    assert_eq!((&poison["id"], &poison["state"]), (&json!("BADBAD-1"), &json!("retrying")));
    assert_eq!(poison["last_error"], "the function reported the message as failed");
    assert!(poison["attempts"].as_u64().unwrap() >= 1 && poison["delivered_at"].is_null());
    let (_, one) = noor.get("/local/events?limit=1").await;
    assert_eq!(one["events"].as_array().unwrap().len(), 1);
    let (status, problem) = noor.get("/local/events?limit=all").await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["field"]), (400, &json!("limit")));
}
