//! What a person does: sign in, search, book, see the trip and its miles; and what others may not.

use std::time::{Duration, Instant};

use crate::common::{Running, Traveller, data_folder, web_app};
use journeys::booking::{Booked, a_booking_earns_its_miles, everything};
use journeys::guarding::is_a_stranger;
use local::bus::{Bus, Message};
use local::data_folder::DataFolder;
use local::gateway::Issuer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service_kit::Clock;

/// How long something may take before it counts as lost. How fast it is, the benchmark says.
const PATIENCE: Duration = Duration::from_secs(20);

/// The events' ways, once the newest of them has arrived: its miles show a moment before that is noted.
async fn ways_once_delivered(traveller: &Traveller, locator: &str) -> Value {
    let until = Instant::now() + PATIENCE;
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
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    journeys::run_all(&running.deployment().await).await.unwrap();
}

#[tokio::test]
async fn a_booking_shows_its_miles_and_all_is_there_after_a_restart() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
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

    let (status, said) = running.terminate();
    assert!(status.success());
    assert_eq!(said, "", "one line and no more");
    let running = Running::start(&data, web.path());
    // The token still counts, the members are not enrolled again, and the same key gives the same answer.
    let again = Traveller::unknown(&running.base).with_token(kenji.token.as_ref().unwrap());
    assert_eq!(everything(&again, locator).await, before);
    let (status, replayed) = again.try_book(&offer, 2, key).await.unwrap();
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

/// What only the keeper of the keys can try; other strangers are among the shared journeys.
#[tokio::test]
async fn a_token_that_has_ended_or_was_signed_elsewhere_opens_nothing() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let good = running.sign_in("rafael-ortiz").await.token.unwrap();
    let (status, _) = running.terminate();
    assert!(status.success());
    let key = DataFolder::open(&data).unwrap().keys().tokens;
    let running = Running::start(&data, web.path());

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
    noor.miles_within(locator, PATIENCE).await.expect("the miles are there");

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
}
