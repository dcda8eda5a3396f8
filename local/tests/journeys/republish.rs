//! What Airmiles has lost for good comes back from Booking's own bookings, each once.

use std::time::Duration;

use crate::common::{Laptop, Traveller};
use journeys::listing::all_pages;
use local::data_folder::DataFolder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(20);

async fn invoke(traveller: &Traveller, function: &str, payload: Value) -> Value {
    let path = format!("/local/functions/{function}/invocations");
    let (status, reply) = traveller.send(Method::POST, &path, Some(payload)).await;
    assert_eq!(status, StatusCode::OK, "{function}: {reply}");
    reply
}

/// Books `offer` and waits for its miles.
async fn book(traveller: &Traveller, offer: &Value, key: &str) -> String {
    let (status, booking) = traveller.try_book(offer, 1, key).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    let locator = booking["record_locator"].as_str().unwrap().to_owned();
    traveller.miles_within(&locator, LIMIT).await.unwrap();
    locator
}

/// How Airmiles differs from Booking, by record locator.
async fn differences(traveller: &Traveller) -> Vec<String> {
    let listed = invoke(traveller, "booking-republish", json!({ "all": true })).await;
    let bookings = json!({ "bookings": listed["bookings"] });
    let compared = invoke(traveller, "airmiles-compare", bookings).await;
    let differences = compared["differences"].as_array().unwrap();
    differences.iter().map(|each| each["record_locator"].as_str().unwrap().to_owned()).collect()
}

/// The record locators of the member's accruals, in order.
async fn accruals(traveller: &Traveller) -> Vec<String> {
    let entries = all_pages(traveller, "/api/airmiles/account/entries", 50).await;
    let accruals = entries.iter().filter(|entry| entry["kind"] == "accrual");
    let mut locators: Vec<_> =
        accruals.map(|entry| entry["record_locator"].as_str().unwrap().to_owned()).collect();
    locators.sort_unstable();
    locators
}

#[tokio::test]
async fn bookings_whose_events_were_lost_earn_their_miles_once_after_republishing() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let kenji = running.sign_in("kenji-mori").await;
    let offer = &kenji.offers("SFO", "NRT", 30, 1).await[0];
    let mut booked = [book(&kenji, offer, "lost-1").await, book(&kenji, offer, "lost-2").await];
    booked.sort_unstable();
    let (_, before) = kenji.get("/api/airmiles/account").await;
    running.kill_9();

    // Airmiles is restored to a time before all of it: the events are delivered and deleted, and nothing delivers them again.
    let database = DataFolder::open(&laptop.data).unwrap().database("airmiles").unwrap();
    for file in std::fs::read_dir(database.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        if file.file_name().unwrap().to_str().unwrap().starts_with("airmiles") {
            std::fs::remove_file(file).unwrap();
        }
    }

    let running = laptop.start();
    let kenji = running.sign_in("kenji-mori").await;
    let mut lost = differences(&kenji).await;
    lost.sort_unstable();
    assert_eq!((&lost[..], accruals(&kenji).await), (&booked[..], vec![]));

    let republish = async || {
        let done = invoke(&kenji, "booking-republish", json!({ "all": true, "dry_run": false })).await;
        assert_eq!(done["republished"], 2, "{done}");
    };
    republish().await;
    for locator in &booked {
        kenji.miles_within(locator, LIMIT).await.unwrap();
    }
    let (_, after) = kenji.get("/api/airmiles/account").await;
    assert_eq!(after["pending"], before["pending"]);

    republish().await;
    let next = book(&kenji, offer, "next").await; // a member's events are applied in their order: those are done
    let mut expected = [&booked[..], &[next]].concat();
    expected.sort_unstable();
    assert_eq!((differences(&kenji).await, accruals(&kenji).await), (vec![], expected));
}
