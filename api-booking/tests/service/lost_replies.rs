//! The store commits and its reply is lost on the way: whoever asks again is answered as if it had come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use service_kit::aws::{AwsEnv, dynamodb};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::shop::{KENJI, Shop, book_at, request};

/// Stands before the store and swallows the replies to as many transactions as it is told to.
struct Line {
    endpoint: String,
    to_swallow: Arc<AtomicU32>,
}

impl Line {
    async fn to(store: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let store = store.trim_start_matches("http://").to_owned();
        let to_swallow = Arc::new(AtomicU32::new(0));
        let swallow = to_swallow.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, store.clone(), swallow.clone()));
            }
        });
        Self { endpoint, to_swallow }
    }
}

/// Carries requests and replies until one side hangs up, or a reply is to be swallowed.
async fn carry(mut client: TcpStream, store: String, to_swallow: Arc<AtomicU32>) {
    let mut store = TcpStream::connect(store).await.unwrap();
    while let Some(request) = message(&mut client).await {
        store.write_all(&request).await.unwrap();
        let reply = message(&mut store).await.expect("the store answers");
        let is_sale = String::from_utf8_lossy(&request).contains("TransactWriteItems");
        let spend = |left: u32| left.checked_sub(1);
        if is_sale && to_swallow.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend).is_ok() {
            return; // the store has committed; the caller sees its connection close
        }
        client.write_all(&reply).await.unwrap();
    }
}

/// One HTTP message with its body; `None` once the sender has hung up.
async fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return Some(bytes);
            }
        }
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

#[tokio::test]
async fn one_lost_reply_is_not_noticed() {
    let shop = Shop::open().await;
    let line = Line::to(shop.dynamo.endpoint()).await;
    let counter = shop.another_counter(dynamodb(&AwsEnv::emulated(&line.endpoint)));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    line.to_swallow.store(1, Ordering::SeqCst);
    let reply = book_at(&counter, KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(line.to_swallow.load(Ordering::SeqCst), 0, "a reply was lost");
    assert_eq!(shop.count_items().await, 4);
    assert_eq!(shop.trips(KENJI).await[0].record_locator.as_str(), reply.json()["record_locator"]);
}

#[tokio::test]
async fn a_member_who_asks_again_gets_the_booking_that_was_made() {
    let shop = Shop::open().await;
    let line = Line::to(shop.dynamo.endpoint()).await;
    let counter = shop.another_counter(dynamodb(&AwsEnv::emulated(&line.endpoint)));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    line.to_swallow.store(u32::MAX, Ordering::SeqCst);
    let lost = book_at(&counter, KENJI, "key", &body).await;
    assert_eq!(lost.refusal(), (503, "busy".to_owned()));
    assert_eq!(lost.header("retry-after"), "1");
    line.to_swallow.store(0, Ordering::SeqCst);
    // Later than the offer held, at another process.
    shop.pass_secs(3600);
    for counter in [&counter, &shop.router] {
        let again = book_at(counter, KENJI, "key", &body).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
        assert_eq!(shop.trips(KENJI).await, [again.read()]);
    }
    assert_eq!(shop.count_items().await, 4);
}

#[tokio::test]
async fn an_unreachable_store_is_told_as_busy_and_nothing_is_offered_on_a_guess() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    // A port that nobody listens on.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let counter = shop.another_counter(dynamodb(&AwsEnv::emulated(format!("http://{closed}"))));
    let reply = book_at(&counter, KENJI, "key", &request(&[&offer], &["adult"])).await;
    assert_eq!(reply.refusal(), (503, "busy".to_owned()));
    let search = axum::http::Request::get("/flights?from=SFO&to=NRT&date=2026-12-05");
    let search = search.body(axum::body::Body::empty()).unwrap();
    assert_eq!(crate::shop::call(&counter, None, search).await.refusal(), (503, "busy".to_owned()));
}
