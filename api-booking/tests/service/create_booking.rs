//! One booking, from the offer to the reply.

use api_booking::domain::booking_event::place_of_sale;
use api_types::{Booking, BookingEvent, Offer};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use insta::assert_json_snapshot;
use serde_json::Value;
use service_kit::trace::TraceParent;

use crate::harness::{AMELIA, KENJI, Shop, call, request};

#[tokio::test]
async fn an_offer_becomes_a_booking() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let reply = shop.book(KENJI, "first", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let booking: Booking = reply.read();
    assert_eq!(reply.header("location"), format!("bookings/{}", booking.record_locator));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!((booking.price, booking.miles), (offer.price.clone(), offer.miles));
    assert_eq!(booking.bounds[0].segments, offer.segments);
    assert_json_snapshot!(reply.json(), {
        ".record_locator" => "[locator]",
        ".bounds[].segments" => "[segments]",
        ".price" => "[price]",
        ".miles" => "[miles]",
        ".bounds[].duration_minutes" => "[minutes]",
        ".bounds[].conditions" => "[conditions]",
    }, @r#"
    {
      "bounds": [
        {
          "cabin": "economy",
          "conditions": "[conditions]",
          "duration_minutes": "[minutes]",
          "fare_class": "Q",
          "fare_family": "light",
          "segments": "[segments]"
        }
      ],
      "contact": {
        "email": "kenji@example.com"
      },
      "created_at": "2026-11-21T12:00:00Z",
      "miles": "[miles]",
      "passengers": [
        {
          "birth_date": "1990-04-01",
          "family_name": "Mori",
          "given_name": "Kenji",
          "type": "adult"
        }
      ],
      "price": "[price]",
      "record_locator": "[locator]",
      "status": "confirmed",
      "version": 1
    }
    "#);
    let left = shop.again(&offer, 1).await.unwrap().seats_left;
    assert_eq!(left, offer.seats_left - 1);
}

#[tokio::test]
async fn the_event_says_all_but_who_the_people_are() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "business", 2).await;
    let reply = shop.book(KENJI, "first", &request(&[&offer], &["adult", "adult"])).await;
    let booking: Booking = reply.read();
    let events = shop.outbox().await;
    assert_eq!(events.len(), 1);
    let event: BookingEvent = serde_json::from_value(events[0].clone()).unwrap();
    assert_eq!(event.id, format!("{}-1", booking.record_locator));
    assert_eq!(event.data.price, booking.price);
    let request = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    assert_eq!(event.traceparent, Some(place_of_sale(request, &event.id).to_string()), "the trace goes on");
    assert_eq!(event.data.bounds[0].segments, booking.bounds[0].segments);
    let text = events[0].to_string();
    for private in ["Mori", "Kenji", "1990-04-01", "example.com"] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    assert_json_snapshot!(events[0], {
        ".id" => "[id]",
        ".subject" => "[locator]",
        ".data.record_locator" => "[locator]",
        ".traceparent" => "[trace]",
        ".data.bounds[].segments" => "[segments]",
        ".data.price" => "[price]",
    }, @r#"
    {
      "aggregate_version": 1,
      "data": {
        "bounds": [
          {
            "cabin": "business",
            "fare_class": "Z",
            "fare_family": "light",
            "segments": "[segments]"
          }
        ],
        "created_at": "2026-11-21T12:00:00Z",
        "member_id": "kenji-mori",
        "passengers": [
          {
            "type": "adult"
          },
          {
            "type": "adult"
          }
        ],
        "price": "[price]",
        "record_locator": "[locator]",
        "status": "confirmed"
      },
      "id": "[id]",
      "schema_version": 1,
      "source": "tern.booking",
      "subject": "[locator]",
      "time": "2026-11-21T12:00:00Z",
      "traceparent": "[trace]",
      "type": "booking.confirmed.v1"
    }
    "#);
}

#[tokio::test]
async fn a_family_flies_there_and_back_through_another_airport_of_the_city() {
    let shop = Shop::open().await;
    let query = "adults=2&children=1&infants=1&cabin=economy";
    let out = shop.offers(&format!("from=SFO&to=HND&{query}")).await.remove(0);
    let back = shop.get(&format!("/flights?from=NRT&to=SFO&date=2026-12-19&{query}")).await;
    let back: Offer = back.read::<api_types::Offers>().offers.remove(0);
    let family = ["adult", "adult", "child", "infant"];
    let reply = shop.book(KENJI, "family", &request(&[&out, &back], &family)).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let booking: Booking = reply.read();
    assert_eq!(booking.bounds.len(), 2);
    assert_eq!(booking.passengers.len(), 4);
    assert_eq!(booking.price.amount_minor, out.price.amount_minor + back.price.amount_minor);
    assert_eq!(booking.miles, out.miles + back.miles);
    let taxes: i64 = booking.price.taxes.iter().map(|tax| tax.amount_minor).sum();
    assert_eq!(booking.price.amount_minor, booking.price.fare_minor + taxes);
    let shares = booking.price.shares.iter().map(|share| i64::from(share.count) * share.each_minor);
    assert_eq!(booking.price.amount_minor, shares.sum::<i64>());
    // Three seats on each flight: the infant sits on a lap.
    let seats: usize = [&out, &back].iter().map(|offer| 3 * offer.segments.len()).sum();
    assert_eq!(shop.count_items().await as usize, seats + 3);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_reply() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    let first = shop.book(KENJI, "same", &body).await;
    let items = shop.count_items().await;
    // A minute later, a day later with the offer expired, and with the fields in another order.
    let mut reordered = serde_json::Map::new();
    for field in ["contact", "passengers", "offer_ids"] {
        reordered.insert(field.to_owned(), body[field].clone());
    }
    for (secs, body) in [(60, &body), (24 * 3600, &body), (0, &Value::Object(reordered))] {
        shop.pass_secs(secs);
        let again = shop.book(KENJI, "same", body).await;
        assert_eq!((again.status, &again.text), (StatusCode::CREATED, &first.text));
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!(shop.count_items().await, items);
    assert_eq!(shop.trips(KENJI).await.len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_member_for_two_days() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    assert_eq!(shop.book(KENJI, "key", &body).await.status, StatusCode::CREATED);
    let mut other = body.clone();
    other["contact"]["email"] = "somebody@example.com".into();
    let reused = shop.book(KENJI, "key", &other).await;
    assert_eq!(reused.refusal(), (422, "idempotency_key_reused".to_owned()));
    insta::assert_snapshot!(reused.problem(), @r#"
    {
      "code": "idempotency_key_reused",
      "detail": "This Idempotency-Key belongs to another request. Use a new one for a new booking.",
      "status": 422,
      "title": "Idempotency-Key was used for another request",
      "type": "urn:tern:problem:idempotency_key_reused"
    }
    "#);
    // A wrong request under a used key is refused for its key as well.
    other["offer_ids"] = serde_json::json!(["forged"]);
    assert_eq!(shop.book(KENJI, "key", &other).await.refusal(), (422, "idempotency_key_reused".to_owned()));
    // Another member's key of the same name is another key.
    assert_eq!(shop.book(AMELIA, "key", &body).await.status, StatusCode::CREATED);
    // After two days the name is free again.
    shop.pass_secs(48 * 3600);
    assert_eq!(shop.book(KENJI, "key", &other).await.json()["code"], "offer_invalid");
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let later = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(later.status, StatusCode::CREATED, "{}", later.text);
    assert_eq!(shop.trips(KENJI).await.len(), 2);
}

#[tokio::test]
async fn a_refusal_that_the_customer_can_correct_leaves_the_key_unused() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let mut body = request(&[&offer], &["adult"]);
    body["passengers"][0]["birth_date"] = "2020-01-01".into();
    assert_eq!(shop.book(KENJI, "typo", &body).await.refusal(), (400, "birth_date_mismatch".to_owned()));
    assert_eq!(shop.count_items().await, 0);
    let body = request(&[&offer], &["adult"]);
    assert_eq!(shop.book(KENJI, "typo", &body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_refusal_that_depends_on_time_is_the_keys_answer() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    shop.pass_secs(20 * 60);
    let refused = shop.book(KENJI, "late", &body).await;
    assert_eq!(refused.refusal(), (409, "offer_expired".to_owned()));
    assert_eq!(shop.book(KENJI, "late", &body).await.problem(), refused.problem());
    let fresh = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let corrected = request(&[&fresh], &["adult"]);
    let reused = shop.book(KENJI, "late", &corrected).await;
    assert_eq!(reused.refusal(), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(shop.book(KENJI, "new", &corrected).await.status, StatusCode::CREATED);
    assert_eq!(shop.book(KENJI, "late", &body).await.problem(), refused.problem());
}

#[tokio::test]
async fn a_booking_is_its_members_own() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let booked = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    let path = format!("/{}", booked.header("location"));
    let own = shop.get_as(KENJI, &path).await;
    assert_eq!((own.status, &own.json()), (StatusCode::OK, &booked.json()));
    assert_eq!(own.header("etag"), "\"1\"");
    let in_lower_case = format!("/bookings/{}", path.trim_start_matches("/bookings/").to_lowercase());
    assert_eq!(shop.get_as(KENJI, &in_lower_case).await.text, own.text);

    let get = Request::get(&path).header("if-none-match", "\"1\"").body(Body::empty()).unwrap();
    let unchanged = call(&shop.router, Some(KENJI), get).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(unchanged.header("etag"), "\"1\"");

    let foreign = shop.get_as(AMELIA, &path).await;
    let unknown = shop.get_as(AMELIA, "/bookings/ZZZZZZ").await;
    let malformed = shop.get_as(AMELIA, "/bookings/not-a-locator").await;
    assert_eq!(foreign.refusal(), (404, "booking_not_found".to_owned()));
    assert_eq!(foreign.problem(), unknown.problem());
    assert_eq!(foreign.problem(), malformed.problem());
    insta::assert_snapshot!(foreign.problem(), @r#"
    {
      "code": "booking_not_found",
      "detail": "You have no booking of this record locator.",
      "status": 404,
      "title": "There is no such booking",
      "type": "urn:tern:problem:booking_not_found"
    }
    "#);
}

#[tokio::test]
async fn the_largest_booking_there_can_be_is_one_transaction() {
    let shop = Shop::open().await;
    let search = async |from: &str, to: &str, date: &str| {
        let path = format!("/flights?from={from}&to={to}&date={date}&adults=9");
        let offers = shop.get(&path).await.read::<api_types::Offers>().offers;
        offers.into_iter().find(|offer| offer.segments.len() == 2).expect("there is a connection")
    };
    let (out, back) = (search("SFO", "NRT", "2026-12-05").await, search("NRT", "SFO", "2026-12-19").await);
    let mut body = request(&[&out, &back], &["adult"; 9]);
    for passenger in body["passengers"].as_array_mut().unwrap() {
        passenger["given_name"] = "𠮷".repeat(60).into();
        passenger["family_name"] = "𠮷".repeat(60).into();
    }
    let reply = shop.book(KENJI, &"k".repeat(64), &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(shop.count_items().await, 9 * 4 + 3);
    // DynamoDB's limits are 100 actions a transaction and 400 KB an item.
    assert!(reply.text.len() < 10_000, "{} bytes", reply.text.len());
}
