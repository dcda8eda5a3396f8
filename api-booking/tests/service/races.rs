//! Many at once: seats are sold once, keys are answered once, and a trip is booked whole or not at all.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::StatusCode;
use embedded_dynamo::Fault;
use futures::future::join_all;

use crate::harness::{AMELIA, KENJI, Reply, Shop, TABLE, request};

/// How many replies there are of each status and code.
fn tally(replies: &[Reply]) -> BTreeMap<(u16, String), usize> {
    let mut tally = BTreeMap::new();
    for reply in replies {
        let code = if reply.status.is_success() { String::new() } else { reply.refusal().1 };
        *tally.entry((reply.status.as_u16(), code)).or_default() += 1;
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_seat_is_sold_once() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
    shop.sell_down_to(&offer, 1).await;
    let offer = shop.again(&offer, 1).await.unwrap();
    let body = request(&[&offer], &["adult"]);
    let before = shop.count_items().await;
    let clients = (0..200).map(async |client: usize| {
        let (member, key) = (format!("member-{client}"), format!("key-{client}"));
        shop.book(&member, &key, &body).await
    });
    let replies = join_all(clients).await;
    let expected = BTreeMap::from([((201, String::new()), 1), ((409, "sold_out".to_owned()), 199)]);
    assert_eq!(tally(&replies), expected);
    // One seat, one booking, one event, one reply, and a recorded refusal for everybody else.
    assert_eq!(shop.count_items().await, before + 4 + 199);
    assert!(shop.again(&offer, 1).await.is_none());
    let refused = replies.iter().find(|reply| reply.status == StatusCode::CONFLICT).unwrap();
    assert!(refused.json()["detail"].as_str().unwrap().contains("is sold out"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cabin_sells_every_seat_it_has_and_no_more() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
    let seats = offer.seats_left as usize;
    let body = request(&[&offer], &["adult"]);
    let replies = join_all(
        (0..seats + 5).map(async |client: usize| shop.book(AMELIA, &format!("key-{client}"), &body).await),
    )
    .await;
    let expected = BTreeMap::from([((201, String::new()), seats), ((409, "sold_out".to_owned()), 5)]);
    assert_eq!(tally(&replies), expected);
    assert_eq!(shop.count_items().await as usize, 4 * seats + 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_equal_requests_make_one_booking_and_get_equal_answers() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    let replies = join_all((0..50).map(|_| shop.book(KENJI, "the-same", &body))).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (StatusCode::CREATED, &replies[0].text));
        assert_eq!(reply.header("location"), replies[0].header("location"));
    }
    assert_eq!(shop.count_items().await, 4);
    assert_eq!(shop.again(&offer, 1).await.unwrap().seats_left, offer.seats_left - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_requests_for_the_last_seat_all_get_the_one_booking() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
    shop.sell_down_to(&offer, 1).await;
    let offer = shop.again(&offer, 1).await.unwrap();
    let body = request(&[&offer], &["adult"]);
    // A request that finds the seat taken lost it to an equal one, and gets its booking.
    let replies = join_all((0..50).map(|_| shop.book(KENJI, "the-same", &body))).await;
    assert!(replies.iter().all(|reply| reply.status == StatusCode::CREATED), "{:?}", tally(&replies));
    assert!(replies.iter().all(|reply| reply.text == replies[0].text));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_smaller_aircraft_is_not_sold_above_its_capacity() {
    let capacity = Shop::open().await.nonstop("SFO", "NRT", "business", 1).await.seats_left;
    // All but two seats were sold of an aircraft with twice as many: the highest, or half of them still within it.
    for first in [capacity + 1, capacity / 2 + 2] {
        let shop = Shop::open().await;
        let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
        let flight = &offer.segments[0];
        for number in first..first + capacity - 2 {
            let pk = format!("FLIGHT#{}#{}#business", flight.flight_number, flight.departure.local.date());
            let put = shop.dynamo.client().put_item().table_name(TABLE);
            let seat = AttributeValue::S(format!("SEAT#{number:03}"));
            put.item("pk", AttributeValue::S(pk)).item("sk", seat).send().await.unwrap();
        }
        let offer = shop.again(&offer, 1).await.expect("two seats are left");
        assert_eq!(offer.seats_left, 2);
        let body = request(&[&offer], &["adult"]);
        let clients =
            (0..10).map(async |client: usize| shop.book(AMELIA, &format!("key-{client}"), &body).await);
        let replies = join_all(clients).await;
        let expected = BTreeMap::from([((201, String::new()), 2), ((409, "sold_out".to_owned()), 8)]);
        assert_eq!(tally(&replies), expected, "sold from seat {first} on");
        assert!(shop.again(&offer, 1).await.is_none());
    }
}

#[tokio::test]
async fn a_trip_with_one_full_flight_takes_no_seat_at_all() {
    let shop = Shop::open().await;
    let offers = shop.offers("from=SFO&to=NRT&cabin=business").await;
    let trip = offers.into_iter().find(|offer| offer.segments.len() == 2).expect("there is a connection");
    let segment = &trip.segments[1];
    let day = segment.departure.local.date();
    let path = format!("/flights?from={}&to={}&date={day}&cabin=business", segment.from, segment.to);
    let legs = shop.get(&path).await.read::<api_types::Offers>().offers;
    let leg = legs.iter().find(|offer| offer.segments == [segment.clone()]).expect("it is sold on its own");
    let first = async || {
        let segment = &trip.segments[0];
        let offers = shop.offers(&format!("from={}&to={}&cabin=business", segment.from, segment.to)).await;
        offers
            .iter()
            .find(|offer| offer.segments == [segment.clone()])
            .expect("it is sold on its own")
            .seats_left
    };
    let left_on_the_first = first().await;
    sell_out(&shop, leg).await;
    let items = shop.count_items().await;
    let reply = shop.book(KENJI, "trip", &request(&[&trip], &["adult"])).await;
    assert_eq!(reply.refusal(), (409, "sold_out".to_owned()));
    assert!(reply.text.contains(segment.flight_number.as_str()), "it says which flight: {}", reply.text);
    assert_eq!(shop.count_items().await, items + 1, "the recorded refusal and nothing else");
    assert_eq!(first().await, left_on_the_first);
    assert!(shop.trips(KENJI).await.is_empty());
}

/// Sells what is left on the one flight of `leg`, on whatever day it leaves.
async fn sell_out(shop: &Shop, leg: &api_types::Offer) {
    let segment = &leg.segments[0];
    let mut left = leg.seats_left;
    while left > 0 {
        let adults = left.min(9);
        let path = format!(
            "/flights?from={}&to={}&date={}&cabin={}&adults={adults}",
            segment.from,
            segment.to,
            segment.departure.local.date(),
            leg.cabin
        );
        let offers = shop.get(&path).await.read::<api_types::Offers>().offers;
        let offer = offers.iter().find(|offer| offer.itinerary_id == leg.itinerary_id).unwrap();
        assert_eq!(offer.seats_left, left);
        let body = request(&[offer], &vec!["adult"; adults as usize]);
        let reply = shop.book("rafael-ortiz", &format!("sell-out-{left}"), &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        left -= adults;
    }
}

#[tokio::test]
async fn a_transaction_in_conflict_is_tried_again_and_books_once() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    (1..=2).for_each(|attempt| shop.dynamo.inject(Fault::TransactionConflict, attempt));
    let reply = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(shop.dynamo.faults_to_come(), 0, "both conflicts happened");
    assert_eq!(shop.count_items().await, 4);
}
