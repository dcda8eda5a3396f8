//! The list of airports.

use api_types::Airports;
use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::harness::{Shop, call};

#[tokio::test]
async fn airports_are_public_and_busiest_first() {
    let shop = Shop::open().await;
    let reply = shop.get("/airports").await;
    assert_eq!(reply.status, StatusCode::OK);
    let Airports { airports, metros } = reply.read();
    assert!((150..=170).contains(&airports.len()), "{}", airports.len());
    let tokyo = metros.iter().find(|metro| metro.iata.as_str() == "TYO").expect("Tokyo has two airports");
    assert_eq!(tokyo.city, "Tokyo");
    let narita = airports.iter().find(|airport| airport.iata.as_str() == "NRT").unwrap();
    assert_eq!((narita.metro, narita.zone.as_str()), (Some(tokyo.iata), "Asia/Tokyo"));
    assert!(airports.is_sorted_by_key(|airport| std::cmp::Reverse(airport.daily_departures)));
    assert!(airports.iter().all(|airport| airport.daily_departures > 0), "every served airport has a flight");
}

#[tokio::test]
async fn an_unchanged_list_is_answered_304() {
    let shop = Shop::open().await;
    let first = shop.get("/airports").await;
    assert_eq!(first.header("cache-control"), "public, max-age=3600");
    let etag = first.header("etag");
    let ask =
        |etag: &str| Request::get("/airports").header("if-none-match", etag).body(Body::empty()).unwrap();
    let again = call(&shop.router, None, ask(etag)).await;
    assert_eq!((again.status, again.text.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!((again.header("etag"), again.header("cache-control")), (etag, "public, max-age=3600"));
    let other = call(&shop.router, None, ask("\"another\"")).await;
    assert_eq!((other.status, &other.text), (StatusCode::OK, &first.text));
}
