//! From the table's real stream to a publisher, at least once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use api_types::{Booking, BookingEvent};
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde_json::{Value, json};
use service_kit::events::outbox::{Outbox, OutboxMessage, PublishError, Publisher, Swept};

use crate::harness::{KENJI, Shop, TABLE, request};

/// A topic that keeps its messages, and fails or panics on demand.
#[derive(Clone, Default)]
struct Topic {
    published: Arc<Mutex<Vec<OutboxMessage>>>,
    refuses: Arc<Mutex<BTreeSet<String>>>,
    panics: Arc<Mutex<bool>>,
}

impl Publisher for Topic {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        assert!(!*self.panics.lock().unwrap(), "on purpose");
        if self.refuses.lock().unwrap().contains(&message.subject) {
            return Err(PublishError { id: message.id, cause: "the topic is away".into() });
        }
        self.published.lock().unwrap().push(message);
        Ok(())
    }
}

impl Topic {
    fn subjects(&self) -> Vec<String> {
        self.published.lock().unwrap().iter().map(|message| message.subject.clone()).collect()
    }
}

struct Office {
    shop: Shop,
    topic: Topic,
    outbox: Outbox<Topic>,
}

impl Office {
    async fn open() -> Self {
        let (shop, topic) = (Shop::open().await, Topic::default());
        let outbox = Outbox::new("booking-outbox", topic.clone(), shop.dynamo.client(), TABLE, shop.clock());
        Self { shop, topic, outbox }
    }

    async fn book(&self, key: &str) -> String {
        let offer = self.shop.nonstop("SFO", "NRT", "economy", 1).await;
        let reply = self.shop.book(KENJI, key, &request(&[&offer], &["adult"])).await;
        self.shop.pass_secs(1);
        reply.read::<Booking>().record_locator.to_string()
    }

    fn stream(&self) -> Event {
        serde_json::from_value(self.shop.stream()).unwrap()
    }

    async fn handle(&self, event: Event) -> Vec<String> {
        let failures = self.outbox.handle(event).await.batch_item_failures;
        failures.into_iter().map(|failure| failure.item_identifier.unwrap()).collect()
    }
}

#[tokio::test]
async fn a_bookings_event_is_published_and_its_outbox_item_removed() {
    let office = Office::open().await;
    let locator = office.book("key").await;
    let items = office.shop.count_items().await;
    assert_eq!(office.handle(office.stream()).await, Vec::<String>::new());
    let published = office.topic.published.lock().unwrap().clone();
    assert_eq!(published.len(), 1, "seats, bookings and replies announce nothing");
    let message = &published[0];
    assert_eq!(message.id, format!("{locator}-1"));
    assert_eq!(
        (message.event_type.as_str(), message.source.as_str()),
        ("booking.confirmed.v1", "tern.booking")
    );
    let event: BookingEvent = serde_json::from_str(&message.body).unwrap();
    assert_eq!(event.subject, locator);
    let traceparent = event.traceparent.unwrap();
    assert!(
        traceparent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "the request's trace: {traceparent}"
    );
    assert_eq!(office.shop.count_items().await, items - 1);
}

#[tokio::test]
async fn a_removal_publishes_nothing_and_a_second_delivery_the_same_event() {
    let office = Office::open().await;
    let locator = office.book("key").await;
    office.handle(office.stream()).await;
    // Now the stream holds the acknowledgement's removal as well.
    let event = office.stream();
    assert!(event.records.iter().any(|record| record.event_name == "REMOVE"));
    assert_eq!(office.handle(event).await, Vec::<String>::new());
    assert_eq!(office.topic.subjects(), [locator.clone(), locator]);
    let published = office.topic.published.lock().unwrap();
    assert_eq!(published[0], published[1]);
}

#[tokio::test]
async fn a_failed_record_is_reported_and_stops_the_batch() {
    let office = Office::open().await;
    let first = office.book("one").await;
    let second = office.book("two").await;
    let third = office.book("three").await;
    office.topic.refuses.lock().unwrap().insert(second.clone());
    let event = office.stream();
    let failing = event
        .records
        .iter()
        .find(|record| serde_json::to_string(record).unwrap().contains(&format!("#{second}-1")))
        .and_then(|record| record.change.sequence_number.clone());
    let failed = office.handle(event.clone()).await;
    assert_eq!(failed, [failing.unwrap()]);
    assert_eq!(office.topic.subjects(), std::slice::from_ref(&first));
    // The topic is back: the stream delivers again from the failed record on.
    office.topic.refuses.lock().unwrap().clear();
    let mut again = event;
    let named = |record: &EventRecord| record.change.sequence_number.as_ref() == Some(&failed[0]);
    let position = again.records.iter().position(named).unwrap();
    again.records.drain(..position);
    assert_eq!(office.handle(again).await, Vec::<String>::new());
    assert_eq!(office.topic.subjects(), [first, second, third]);
}

#[tokio::test]
async fn a_panic_fails_one_record() {
    let office = Office::open().await;
    office.book("key").await;
    *office.topic.panics.lock().unwrap() = true;
    assert_eq!(office.handle(office.stream()).await.len(), 1);
    *office.topic.panics.lock().unwrap() = false;
    assert_eq!(office.handle(office.stream()).await, Vec::<String>::new());
    assert_eq!(office.topic.subjects().len(), 1);
}

#[tokio::test]
async fn a_malformed_record_is_reported_as_failed() {
    let office = Office::open().await;
    office.book("key").await;
    let stream = office.shop.stream();
    let announces = |record: &&Value| record.to_string().contains("booking.confirmed.v1");
    let record = stream["Records"].as_array().unwrap().iter().find(announces).unwrap();
    for (field, value) in
        [("event", Some(json!({ "S": "not JSON" }))), ("event", Some(json!({ "N": "1" }))), ("event", None)]
    {
        let mut poisoned = record.clone();
        let image = poisoned["dynamodb"]["NewImage"].as_object_mut().unwrap();
        match value {
            Some(value) => image.insert(field.to_owned(), value),
            None => image.remove(field),
        };
        let event = serde_json::from_value(json!({ "Records": [poisoned] })).unwrap();
        assert_eq!(office.handle(event).await.len(), 1, "{poisoned}");
    }
    assert!(office.topic.subjects().is_empty());
}

#[tokio::test]
async fn a_sweep_publishes_events_that_the_stream_missed() {
    let office = Office::open().await;
    let mut waiting = BTreeSet::new();
    for key in 0..12 {
        waiting.insert(office.book(&format!("key-{key}")).await); // over several shards
    }
    let before = office.shop.now();
    let recent = office.book("recent").await;
    let stubborn = waiting.pop_first().unwrap();
    office.topic.refuses.lock().unwrap().insert(stubborn.clone());
    assert_eq!(office.outbox.sweep(before).await.unwrap(), Swept { published: 11, failed: 1 });
    assert_eq!(office.topic.subjects().into_iter().collect::<BTreeSet<_>>(), waiting);
    office.topic.refuses.lock().unwrap().clear();
    assert_eq!(office.outbox.sweep(before).await.unwrap(), Swept { published: 1, failed: 0 });
    assert_eq!(office.topic.subjects().last(), Some(&stubborn));
    // Swept events are acknowledged, and recent ones are left to the stream.
    assert_eq!(office.outbox.sweep(before).await.unwrap(), Swept::default());
    assert!(!office.topic.subjects().contains(&recent));
}
