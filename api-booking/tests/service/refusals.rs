//! Every way in which a booking is refused, and the code it is refused with.

use std::sync::atomic::{AtomicU32, Ordering};

use api_booking::domain::signing::{OfferSigner, OfferTerms};
use api_booking::domain::{Schedule, fares};
use api_types::{Offer, Offers, UtcInstant};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KENJI, Shop, call, passenger, request};

/// What the offer binds, for a test that signs something else with our own key.
fn terms(offer: &Offer) -> OfferTerms {
    OfferSigner::new(&[[7; 32]]).unwrap().verify(&offer.offer_id).unwrap()
}

fn sign(offer: &Offer, terms: &OfferTerms) -> Offer {
    Offer { offer_id: OfferSigner::new(&[[7; 32]]).unwrap().sign(terms), ..offer.clone() }
}

/// The status and code with which a new request is refused.
async fn refused(shop: &Shop, body: &Value) -> (u16, String) {
    static KEYS: AtomicU32 = AtomicU32::new(0);
    let key = format!("refused-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    let reply = shop.book(KENJI, &key, body).await;
    assert!(reply.problem().contains("urn:tern:problem:"), "{}", reply.text);
    reply.refusal()
}

#[tokio::test]
async fn a_stranger_can_search_and_nothing_else() {
    let shop = Shop::open().await;
    for path in ["/bookings", "/bookings/K7QZ4M", "/bookings?limit=bad"] {
        let reply = shop.get(path).await;
        assert_eq!(reply.refusal(), (401, "unauthenticated".to_owned()), "{path}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    let post = Request::post("/bookings").body(Body::from("not even JSON")).unwrap();
    assert_eq!(call(&shop.router, None, post).await.refusal(), (401, "unauthenticated".to_owned()));
}

#[tokio::test]
async fn a_booking_needs_a_key() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]).to_string();
    let post = |keys: &[&str]| {
        let mut request = Request::post("/bookings").header("content-type", "application/json");
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        request.body(Body::from(body.clone())).unwrap()
    };
    let overlong = "k".repeat(65);
    for (keys, code) in [
        (&[][..], "idempotency_key_missing"),
        (&[""], "idempotency_key_invalid"),
        (&["two words"], "idempotency_key_invalid"),
        (&[&overlong], "idempotency_key_invalid"),
        (&["one", "two"], "idempotency_key_invalid"),
    ] {
        let reply = call(&shop.router, Some(KENJI), post(keys)).await;
        assert_eq!(reply.refusal(), (400, code.to_owned()), "{keys:?}");
        assert_eq!(reply.json()["errors"][0]["field"], "Idempotency-Key");
    }
    let longest = "k".repeat(64);
    assert_eq!(call(&shop.router, Some(KENJI), post(&[&longest])).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_as_such() {
    let shop = Shop::open().await;
    let post = |content_type: &str, body: String| {
        let request = Request::post("/bookings").header("content-type", content_type);
        request.header("idempotency-key", "key").body(Body::from(body)).unwrap()
    };
    for (content_type, body, status, code) in [
        ("application/json", "not JSON".to_owned(), 400, "invalid_body"),
        ("application/json", String::new(), 400, "invalid_body"),
        ("application/json", "[".repeat(60_000), 400, "invalid_request"), // wrongly typed before it gets deep
        ("application/json", format!("{{\"unknown\":{}", "[".repeat(60_000)), 400, "invalid_body"),
        ("application/json", format!("\"{}\"", "x".repeat(70_000)), 413, "body_too_large"),
        ("text/plain", "{}".to_owned(), 415, "unsupported_media_type"),
        ("application/json", "{}".to_owned(), 400, "invalid_request"),
        ("application/json", "[]".to_owned(), 400, "invalid_request"),
    ] {
        let reply = call(&shop.router, Some(KENJI), post(content_type, body.clone())).await;
        assert_eq!(reply.refusal(), (status, code.to_owned()), "{}", &body[..body.len().min(40)]);
    }
    assert_eq!(shop.count_items().await, 0);
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let right = request(&[&offer], &["adult"]);
    for (pointer, value, code, field) in [
        ("/offer_ids", json!([]), "invalid_request", "offer_ids"),
        ("/offer_ids", json!(vec![offer.offer_id.as_str(); 3]), "invalid_request", "offer_ids"),
        ("/offer_ids", json!("one"), "invalid_request", "offer_ids"),
        ("/offer_ids/0", json!("x".repeat(513)), "invalid_request", "offer_ids[0]"),
        ("/offer_ids/0", json!("nonsense"), "offer_invalid", "offer_ids[0]"),
        ("/passengers", json!([]), "party_size", "passengers"),
        ("/passengers", json!(vec![passenger("adult"); 10]), "party_size", "passengers"),
        ("/passengers/0/family_name", json!("Mo\u{7}ri"), "invalid_request", "passengers[0].family_name"),
        ("/passengers/0/family_name", json!(""), "invalid_request", "passengers[0].family_name"),
        ("/passengers/0/given_name", json!("\u{202e}Kenji"), "invalid_request", "passengers[0].given_name"),
        ("/passengers/0/given_name", json!("\u{61c}Kenji"), "invalid_request", "passengers[0].given_name"),
        ("/passengers/0/family_name", json!("\u{3164}"), "invalid_request", "passengers[0].family_name"),
        ("/passengers/0/birth_date", json!("1990-02-30"), "invalid_request", "passengers[0].birth_date"),
        ("/passengers/0/birth_date", json!("2020-01-01"), "birth_date_mismatch", "passengers[0].birth_date"),
        ("/passengers/0/birth_date", json!("2027-01-01"), "birth_date_mismatch", "passengers[0].birth_date"),
        ("/passengers/0/type", json!("pilot"), "invalid_request", "passengers[0].type"),
        ("/contact/email", json!("nowhere"), "invalid_request", "contact.email"),
    ] {
        let mut body = right.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let reply = shop.book(KENJI, "key", &body).await;
        assert_eq!(reply.refusal(), (400, code.to_owned()), "{pointer}: {}", reply.text);
        assert_eq!(reply.json()["errors"][0]["field"], field, "{pointer}: {}", reply.text);
    }
    assert_eq!(shop.count_items().await, 0);
}

#[tokio::test]
async fn names_are_what_people_are_called() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 5).await;
    let mut body = request(&[&offer], &["adult"; 5]);
    let names = [(Some("Zoë"), "O’Brien-Ångström"), (None, "Suharto"), (Some("太郎"), "山田")];
    for (passenger, (given, family)) in body["passengers"].as_array_mut().unwrap().iter_mut().zip(names) {
        match given {
            Some(given) => passenger["given_name"] = given.into(),
            None => assert!(passenger.as_object_mut().unwrap().remove("given_name").is_some()),
        }
        passenger["family_name"] = family.into();
    }
    let reply = shop.book(KENJI, "key", &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(reply.json()["passengers"], body["passengers"]);
}

#[tokio::test]
async fn a_name_is_stored_in_normalisation_form_c() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let mut body = request(&[&offer], &["adult"]);
    body["passengers"][0]["given_name"] = "Zoe\u{308}".into();
    let reply = shop.book(KENJI, "key", &body).await;
    assert_eq!(reply.json()["passengers"][0]["given_name"], "Zo\u{eb}");
}

#[tokio::test]
async fn an_infant_alone_with_a_twelve_year_old_is_refused() {
    let shop = Shop::open().await;
    let offers = shop.offers("from=SFO&to=NRT&adults=1&infants=1").await;
    let mut body = request(&[&offers[0]], &["adult", "infant"]);
    body["passengers"][0]["birth_date"] = "2014-12-05".into();
    assert_eq!(refused(&shop, &body).await, (400, "infant_without_adult".to_owned()));
}

#[tokio::test]
async fn an_offer_ends_after_twenty_minutes() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    shop.pass_secs(20 * 60 - 1);
    let body = request(&[&offer], &["adult"]);
    assert_eq!(shop.book(KENJI, "in-time", &body).await.status, StatusCode::CREATED);
    shop.pass_secs(1);
    let reply = shop.book(KENJI, "late", &body).await;
    assert_eq!(reply.refusal(), (409, "offer_expired".to_owned()));
    insta::assert_snapshot!(reply.problem(), @r#"
    {
      "code": "offer_expired",
      "detail": "offer_ids[0]: this price ended at 2026-11-21T12:20:00Z; search again",
      "errors": [
        {
          "code": "offer_expired",
          "detail": "this price ended at 2026-11-21T12:20:00Z; search again",
          "field": "offer_ids[0]"
        }
      ],
      "status": 409,
      "title": "This price has ended",
      "type": "urn:tern:problem:offer_expired"
    }
    "#);
}

#[tokio::test]
async fn an_offer_of_anything_else_than_now_has_changed() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let shown = terms(&offer);
    for other in [
        OfferTerms { quote: [0; 16], ..shown.clone() },
        OfferTerms { itinerary_id: "TN9999-20261205".to_owned(), ..shown.clone() },
        OfferTerms { itinerary_id: "nonsense".to_owned(), ..shown.clone() },
    ] {
        let body = request(&[&sign(&offer, &other)], &["adult"]);
        assert_eq!(refused(&shop, &body).await, (409, "offer_changed".to_owned()), "{other:?}");
    }
    // Signed again as it was, it is the very offer.
    let same = sign(&offer, &shown);
    assert_eq!(same.offer_id, offer.offer_id);
    let reply = shop.book(KENJI, "key", &request(&[&same], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
}

#[tokio::test]
async fn sales_close_an_hour_before_departure() {
    let shop = Shop::open().await;
    let flight = shop.nonstop("SFO", "NRT", "economy", 1).await.segments[0].clone();
    let secs_before =
        |minutes: i64| flight.departure.utc.epoch_secs() - shop.now().epoch_secs() - minutes * 60;
    shop.pass_secs(secs_before(70));
    let offers = shop.offers("from=SFO&to=NRT&cabin=economy").await;
    let offer = offers.iter().find(|offer| offer.segments == [flight.clone()]).expect("it is on sale still");
    let body = request(&[offer], &["adult"]);
    shop.pass_secs(secs_before(60));
    assert_eq!(shop.book(KENJI, "just-in-time", &body).await.status, StatusCode::CREATED);
    shop.pass_secs(1);
    assert_eq!(refused(&shop, &body).await, (409, "offer_changed".to_owned()));
    assert!(shop.again(offer, 1).await.is_none(), "nor is it offered");
}

#[tokio::test]
async fn a_price_holds_though_fares_rise_meanwhile() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let shown = terms(&offer);
    let itinerary = Schedule::current().itinerary(&shown.itinerary_id).unwrap();
    let costs = |at: UtcInstant| {
        fares::price(&itinerary, shown.cabin, shown.fare_family, &shown.party, at).unwrap().amount_minor
    };
    // Ten minutes at a time until the same flight costs more.
    while costs(shop.now().plus_secs(600)) <= costs(shop.now()) {
        shop.pass_secs(600);
        assert!(shop.now() < offer.segments[0].departure.utc, "the fare doesn't rise before departure");
    }
    let before = shop.again(&offer, 1).await.expect("the fare rises before sales close");
    shop.pass_secs(600);
    let after = shop.again(&offer, 1).await.unwrap();
    assert!(after.price.amount_minor > before.price.amount_minor);
    let reply = shop.book(KENJI, "key", &request(&[&before], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(reply.json()["price"], json!(before.price));
}

#[tokio::test]
async fn an_offer_is_for_the_party_it_was_made_for() {
    let shop = Shop::open().await;
    let two = shop.nonstop("SFO", "NRT", "economy", 2).await;
    for types in [&["adult"][..], &["adult", "child"], &["adult", "adult", "adult"]] {
        let answer = refused(&shop, &request(&[&two], types)).await;
        assert_eq!(answer, (409, "offer_party_mismatch".to_owned()), "{types:?}");
    }
}

#[tokio::test]
async fn two_offers_make_one_trip_or_none() {
    let shop = Shop::open().await;
    let search = async |from: &str, to: &str, date: &str, adults: u8| {
        let path = format!("/flights?from={from}&to={to}&date={date}&adults={adults}");
        let offers = shop.get(&path).await.read::<Offers>().offers;
        offers.into_iter().find(|offer| offer.segments.len() == 1).unwrap()
    };
    let out = search("SFO", "NRT", "2026-12-05", 1).await;
    for (back, why) in [
        (search("NRT", "SFO", "2026-12-19", 2).await, "for two"),
        (search("NRT", "LAX", "2026-12-19", 1).await, "elsewhere"),
        (search("SFO", "NRT", "2026-12-19", 1).await, "the same way"),
        (search("NRT", "SFO", "2026-12-05", 1).await, "before it arrives"),
        (out.clone(), "the same offer"),
    ] {
        let answer = refused(&shop, &request(&[&out, &back], &["adult"])).await;
        assert_eq!(answer, (400, "offers_dont_match".to_owned()), "{why}");
    }
    let back = search("HND", "SFO", "2026-12-19", 1).await;
    assert_eq!(refused(&shop, &request(&[&back, &out], &["adult"])).await.1, "offers_dont_match");
    let reply = shop.book(KENJI, "key", &request(&[&out, &back], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
}

#[tokio::test]
async fn every_offer_that_cannot_be_booked_is_named() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let mut body = request(&[&offer, &offer], &["adult"]);
    body["offer_ids"][0] = "forged".into();
    shop.pass_secs(20 * 60);
    insta::assert_snapshot!(shop.book(KENJI, "key", &body).await.problem(), @r#"
    {
      "code": "invalid_request",
      "detail": "offer_ids[0]: this is not one of our offers; search again; offer_ids[1]: this price ended at 2026-11-21T12:20:00Z; search again",
      "errors": [
        {
          "code": "offer_invalid",
          "detail": "this is not one of our offers; search again",
          "field": "offer_ids[0]"
        },
        {
          "code": "offer_expired",
          "detail": "this price ended at 2026-11-21T12:20:00Z; search again",
          "field": "offer_ids[1]"
        }
      ],
      "status": 400,
      "title": "The request is not valid",
      "type": "urn:tern:problem:invalid_request"
    }
    "#);
}

#[tokio::test]
async fn an_infant_who_turns_two_before_the_way_back_is_refused() {
    let shop = Shop::open().await;
    let query = "adults=1&infants=1&cabin=economy";
    let out = shop.offers(&format!("from=SFO&to=NRT&{query}")).await.remove(0);
    let back = shop.get(&format!("/flights?from=NRT&to=SFO&date=2026-12-19&{query}")).await;
    let back = back.read::<Offers>().offers.remove(0);
    let mut body = request(&[&out, &back], &["adult", "infant"]);
    body["passengers"][1]["birth_date"] = "2024-12-10".into();
    assert_eq!(refused(&shop, &body).await, (400, "birth_date_mismatch".to_owned()));
}
