//! The store commits and its reply is lost: a client that repeats its request gets the reply that it would have got.

use axum::http::StatusCode;
use embedded_dynamo::Fault;
use service_kit::aws::{AwsEnv, dynamodb};
use tokio::net::TcpListener;

use crate::harness::{KENJI, Shop, book_at, request};

/// How often the SDK tries.
const ATTEMPTS: u32 = 3;

#[tokio::test]
async fn the_sdk_repeats_a_transaction_whose_reply_was_lost() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    shop.dynamo.inject(Fault::LostReply, 1);
    let reply = shop.book(KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(shop.dynamo.faults_to_come(), 0, "a reply was lost");
    assert_eq!(shop.count_items().await, 4);
    assert_eq!(shop.trips(KENJI).await[0].record_locator.as_str(), reply.json()["record_locator"]);
}

#[tokio::test]
async fn a_repeated_request_gets_the_booking_that_was_made() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    (1..=ATTEMPTS).for_each(|attempt| shop.dynamo.inject(Fault::LostReply, attempt));
    let lost = shop.book(KENJI, "key", &body).await;
    assert_eq!(lost.refusal(), (503, "busy".to_owned()));
    assert_eq!(lost.header("retry-after"), "1");
    assert_eq!(shop.dynamo.faults_to_come(), 0, "every reply was lost");
    // Later than the offer held, and at another process too.
    shop.pass_secs(3600);
    for counter in [&shop.router, &shop.another_counter(shop.dynamo.client())] {
        let again = book_at(counter, KENJI, "key", &body).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
        assert_eq!(shop.trips(KENJI).await, [again.read()]);
    }
    assert_eq!(shop.count_items().await, 4);
}

#[tokio::test]
async fn an_unreachable_store_is_busy_and_no_offer_is_made_without_it() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    // A port that nobody listens on.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let counter = shop.another_counter(dynamodb(&AwsEnv::emulated(format!("http://{closed}"))));
    let reply = book_at(&counter, KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.refusal(), (503, "busy".to_owned()));
    let search = axum::http::Request::get("/flights?from=SFO&to=NRT&date=2026-12-05");
    let search = search.body(axum::body::Body::empty()).unwrap();
    assert_eq!(crate::harness::call(&counter, None, search).await.refusal(), (503, "busy".to_owned()));
}
