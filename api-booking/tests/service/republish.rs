//! Republishing bookings whose events were lost.

use std::collections::BTreeSet;

use api_booking::events::{RepublishRequest, RepublishResponse, republish};
use api_booking::store::Store;
use api_types::{Booking, BookingEvent};
use serde_json::{Value, json};

use crate::harness::{AMELIA, KENJI, Shop, TABLE, request};

struct Office {
    shop: Shop,
    store: Store,
}

impl Office {
    /// Six bookings, an hour apart, of two members in turn; their events are lost from the outbox.
    async fn after_a_loss() -> (Self, Vec<Booking>) {
        let shop = Shop::open().await;
        let mut bookings = Vec::new();
        for (position, member) in [KENJI, AMELIA].into_iter().cycle().take(6).enumerate() {
            let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
            let reply = shop.book(member, &format!("key-{position}"), &request(&[&offer], &["adult"])).await;
            bookings.push(reply.read());
            shop.pass_secs(3600);
        }
        let store = Store::new(shop.dynamo.client(), TABLE);
        let office = Self { shop, store };
        office.lose_events().await;
        (office, bookings)
    }

    /// Deletes every outbox item, as if its event were published and then lost on the way.
    async fn lose_events(&self) {
        let client = self.shop.dynamo.client();
        let items = client.scan().table_name(TABLE).send().await.unwrap().items.unwrap();
        for item in items.into_iter().filter(|item| item["pk"].as_s().unwrap().starts_with("OUTBOX#")) {
            let key = client.delete_item().table_name(TABLE).key("pk", item["pk"].clone());
            key.key("sk", item["sk"].clone()).send().await.unwrap();
        }
        assert!(self.shop.outbox().await.is_empty());
    }

    async fn invoke(&self, payload: Value) -> RepublishResponse {
        let request: RepublishRequest = serde_json::from_value(payload).unwrap();
        republish(&self.store, &self.shop.clock(), request).await.unwrap()
    }

    async fn events(&self) -> Vec<BookingEvent> {
        let events = self.shop.outbox().await;
        events.into_iter().map(|event| serde_json::from_value(event).unwrap()).collect()
    }
}

fn locators<'a>(bookings: impl IntoIterator<Item = &'a Booking>) -> BTreeSet<String> {
    bookings.into_iter().map(|booking| booking.record_locator.to_string()).collect()
}

fn listed(response: &RepublishResponse) -> BTreeSet<String> {
    response.bookings.iter().map(|booking| booking.record_locator.to_string()).collect()
}

#[tokio::test]
async fn a_dry_run_lists_bookings_and_publishes_nothing() {
    let (office, bookings) = Office::after_a_loss().await;
    let response = office.invoke(json!({ "all": true })).await;
    assert_eq!((response.dry_run, response.republished, listed(&response)), (true, 0, locators(&bookings)));
    assert!(office.events().await.is_empty());
    let first = bookings[0].record_locator.to_string();
    let listed = serde_json::to_value(&response).unwrap();
    let listed = listed["bookings"].as_array().unwrap().clone();
    let expected =
        json!({ "record_locator": first, "member_id": KENJI, "version": 1, "status": "confirmed" });
    assert!(listed.contains(&expected), "{listed:?}");
}

#[tokio::test]
async fn a_lost_event_is_published_again_under_its_id() {
    let (office, bookings) = Office::after_a_loss().await;
    let response = office.invoke(json!({ "all": true, "dry_run": false })).await;
    assert_eq!((response.republished, response.next), (6, None));
    let events = office.events().await;
    assert_eq!(events.len(), 6);
    for booking in &bookings {
        let id = format!("{}-1", booking.record_locator);
        let event = events.iter().find(|event| event.id == id).expect("each booking's event");
        assert_eq!((event.time, event.aggregate_version), (booking.created_at, 1));
        assert_eq!(event.data.price, booking.price);
    }
    // Again: the same ids, which consumers know.
    office.shop.pass_secs(1);
    office.invoke(json!({ "all": true, "dry_run": false })).await;
    let ids: BTreeSet<String> = office.events().await.into_iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 6);
}

#[tokio::test]
async fn bookings_are_selected_by_member_or_time() {
    let (office, bookings) = Office::after_a_loss().await;
    let at = |position: usize| bookings[position].created_at.to_string();
    for (payload, positions) in [
        (json!({ "member_id": KENJI }), vec![0, 2, 4]),
        (json!({ "member_id": "nobody" }), vec![]),
        (json!({ "from": at(2) }), vec![2, 3, 4, 5]),
        (json!({ "until": at(2) }), vec![0, 1]),
        (json!({ "from": at(1), "until": at(4) }), vec![1, 2, 3]),
        (json!({ "from": at(4), "until": at(1) }), vec![]),
    ] {
        let response = office.invoke(payload.clone()).await;
        let expected = locators(positions.into_iter().map(|position: usize| &bookings[position]));
        assert_eq!(listed(&response), expected, "{payload}");
    }
}

#[tokio::test]
async fn pages_continue_where_the_one_before_ended() {
    let (office, bookings) = Office::after_a_loss().await;
    for selection in [json!({ "all": true }), json!({ "member_id": KENJI })] {
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let mut payload = selection.clone();
            payload["limit"] = 2.into();
            payload["after"] = json!(after);
            let response = office.invoke(payload).await;
            assert!(response.bookings.len() <= 2);
            seen.extend(listed(&response));
            pages += 1;
            assert!(pages < 10, "the selection doesn't end");
            after = response.next;
            if after.is_none() {
                break;
            }
        }
        let expected = if selection["all"] == true { 6 } else { 3 };
        assert_eq!(seen.len(), expected, "each booking once");
        assert!(seen.into_iter().collect::<BTreeSet<_>>().is_subset(&locators(&bookings)));
    }
}
