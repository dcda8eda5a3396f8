//! Many bookings, page by page.

use reqwest::StatusCode;
use serde_json::Value;

use crate::{Deployment, Traveller};

/// Amelia books five times: both lists have each once, newest first, for every page size.
pub async fn lists_come_page_by_page(deployment: &Deployment) {
    let (amelia, member) = deployment.member("amelia-okafor");
    let offers = amelia.offers("SFO", "NRT", 60, 1).await;
    let mut newest_first = Vec::new();
    for number in 0..5 {
        let (status, booking) = amelia.try_book(&offers[0], 1, &format!("list-{number}")).await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{booking}");
        let locator = booking["record_locator"].as_str().unwrap().to_owned();
        // The next booking's entry comes after this one's.
        amelia.miles_within(&locator, deployment.miles_within()).await.expect("miles in time");
        newest_first.insert(0, locator);
    }
    let bookings = all_pages(&amelia, "/api/booking/bookings", 2).await;
    assert_eq!(locators(&bookings), newest_first);
    let entries = all_pages(&amelia, "/api/airmiles/account/entries", 2).await;
    assert_eq!(locators(&entries), newest_first);
    let (_, account) = amelia.get("/api/airmiles/account").await;
    assert_eq!(entries[0]["pending_after"], account["pending"]);
    assert_eq!(account["balance"].as_i64(), Some(member.opening_balance.0));
    for pair in entries.windows(2) {
        let number = |entry: &Value, name: &str| entry[name].as_i64().unwrap();
        let before = number(&pair[1], "pending_after");
        assert_eq!(number(&pair[0], "pending_after"), before + number(&pair[0], "miles"), "{pair:?}");
    }
}

fn locators(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(|item| item["record_locator"].as_str()).map(str::to_owned).collect()
}

/// All items of a list, fetched in pages of this size.
pub async fn all_pages(traveller: &Traveller, path: &str, limit: u32) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let (status, page) = traveller.get(&format!("{path}?limit={limit}{cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}
