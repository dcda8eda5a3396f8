//! The seven-day fare strip.

use api_types::FareStrip;
use axum::http::StatusCode;

use crate::harness::{DAY, Shop};

async fn strip(shop: &Shop, query: &str) -> FareStrip {
    let reply = shop.get(&format!("/fares?{query}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.read()
}

#[tokio::test]
async fn the_strip_shows_three_days_on_each_side() {
    let shop = Shop::open().await;
    let days = strip(&shop, &format!("from=SFO&to=TYO&date={DAY}&cabin=economy")).await.days;
    let dates: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, (2..=8).map(|day| format!("2026-12-{day:02}")).collect::<Vec<_>>());
    assert!(days.iter().all(|day| day.lowest.as_ref().is_some_and(|lowest| lowest.amount_minor > 0)));
}

#[tokio::test]
async fn the_lowest_price_is_that_of_an_offer_with_seats() {
    let shop = Shop::open().await;
    let lowest = async || {
        let days = strip(&shop, &format!("from=SFO&to=NRT&date={DAY}&cabin=business")).await.days;
        days[3].lowest.as_ref().map(|lowest| lowest.amount_minor)
    };
    let cheapest = async || {
        let offers = shop.offers("from=SFO&to=NRT&cabin=business").await;
        offers.into_iter().min_by_key(|offer| offer.price.amount_minor)
    };
    let offer = cheapest().await.unwrap();
    assert_eq!(lowest().await, Some(offer.price.amount_minor));
    // Sold out, it is no longer the lowest.
    shop.sell_down_to(&offer, 0).await;
    let next = cheapest().await;
    assert_ne!(next.as_ref().map(|next| &next.itinerary_id), Some(&offer.itinerary_id));
    assert_eq!(lowest().await, next.map(|next| next.price.amount_minor));
}

#[tokio::test]
async fn days_that_are_not_on_sale_have_no_price() {
    let shop = Shop::open().await;
    let first = strip(&shop, "from=SFO&to=NRT&date=2026-11-21").await.days;
    assert!(first[..3].iter().all(|day| day.lowest.is_none()), "{first:?}");
    assert!(first[4..].iter().all(|day| day.lowest.is_some()), "{first:?}");
    let last = strip(&shop, "from=SFO&to=NRT&date=2027-10-17").await.days;
    assert!(last[..4].iter().all(|day| day.lowest.is_some()), "{last:?}");
    assert!(last[4..].iter().all(|day| day.lowest.is_none()), "{last:?}");
}
