//! Booking on an embedded store, with a clock that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api_booking::store;
use api_booking::{App, AppParts, Random, http::router};
use api_types::{Booking, Offer, Offers, UtcInstant};
use axum::Router;
use axum::http::StatusCode;
use embedded_dynamo::EmbeddedDynamo;
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::events::outbox;
pub(crate) use service_kit::testing::{Reply, call};
use service_kit::testing::{enable_callsites, get, post};

pub(crate) const TABLE: &str = "booking";
pub(crate) const KENJI: &str = "kenji-mori";
pub(crate) const AMELIA: &str = "amelia-okafor";
/// The time at which every test begins.
pub(crate) const START: &str = "2026-11-21T12:00:00Z";
/// Two weeks later: the day of departure in most tests.
pub(crate) const DAY: &str = "2026-12-05";

pub(crate) struct Shop {
    pub(crate) dynamo: EmbeddedDynamo,
    pub(crate) router: Router,
    clock: Arc<AtomicI64>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with_keys(vec![[7; 32]]).await
    }

    pub(crate) async fn with_keys(signing_keys: Vec<[u8; 32]>) -> Self {
        enable_callsites();
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        let clock = Arc::new(AtomicI64::new(START.parse::<UtcInstant>().unwrap().epoch_ms()));
        store::create_table(&dynamo.client(), TABLE).await.unwrap();
        let router = Self::counter(dynamo.client(), signing_keys, &clock);
        Self { dynamo, router, clock }
    }

    /// Another process of the same service over `client`.
    pub(crate) fn another_counter(&self, client: aws_sdk_dynamodb::Client) -> Router {
        Self::counter(client, vec![[7; 32]], &self.clock)
    }

    fn counter(
        dynamodb: aws_sdk_dynamodb::Client,
        signing_keys: Vec<[u8; 32]>,
        clock: &Arc<AtomicI64>,
    ) -> Router {
        let clock = Self::clock_of(clock);
        let random = Random::system().unwrap();
        router(App::new(AppParts { dynamodb, table: TABLE.to_owned(), signing_keys, clock, random }).unwrap())
    }

    fn clock_of(clock: &Arc<AtomicI64>) -> Clock {
        let clock = clock.clone();
        Clock::from_fn(move || UtcInstant::from_epoch_ms(clock.load(Ordering::SeqCst)))
    }

    /// The clock that the test sets.
    pub(crate) fn clock(&self) -> Clock {
        Self::clock_of(&self.clock)
    }

    pub(crate) fn now(&self) -> UtcInstant {
        UtcInstant::from_epoch_ms(self.clock.load(Ordering::SeqCst))
    }

    pub(crate) fn pass_secs(&self, secs: i64) {
        self.clock.fetch_add(secs * 1000, Ordering::SeqCst);
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        call(&self.router, None, get(path)).await
    }

    pub(crate) async fn get_as(&self, member: &str, path: &str) -> Reply {
        call(&self.router, Some(member), get(path)).await
    }

    pub(crate) async fn book(&self, member: &str, key: &str, body: &Value) -> Reply {
        book_at(&self.router, member, key, body).await
    }

    /// The offers of `query`, which lacks only the date.
    pub(crate) async fn offers(&self, query: &str) -> Vec<Offer> {
        let reply = self.get(&format!("/flights?{query}&date={DAY}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.read::<Offers>().offers
    }

    /// The cheapest nonstop offer from `from` to `to` in `cabin` for `adults`.
    pub(crate) async fn nonstop(&self, from: &str, to: &str, cabin: &str, adults: usize) -> Offer {
        let offers = self.offers(&format!("from={from}&to={to}&cabin={cabin}&adults={adults}")).await;
        let nonstop = offers.into_iter().filter(|offer| offer.segments.len() == 1);
        nonstop.min_by_key(|offer| offer.price.amount_minor).expect("there is a nonstop offer")
    }

    /// The offer of the same itinerary and family, as it stands now for `adults`, if it is still made.
    pub(crate) async fn again(&self, offer: &Offer, adults: usize) -> Option<Offer> {
        let (first, last) = (offer.segments.first().unwrap(), offer.segments.last().unwrap());
        let (from, to, cabin) = (first.from, last.to, offer.cabin);
        let offers = self.offers(&format!("from={from}&to={to}&cabin={cabin}&adults={adults}")).await;
        let same = |other: &Offer| {
            other.itinerary_id == offer.itinerary_id && other.fare_family == offer.fare_family
        };
        offers.into_iter().find(same)
    }

    /// Sells seats on the itinerary of `offer` until only `left` are.
    pub(crate) async fn sell_down_to(&self, offer: &Offer, left: u32) {
        let mut before = u32::MAX;
        loop {
            let Some(now) = self.again(offer, 1).await else {
                assert_eq!(left, 0, "sold out already");
                return;
            };
            assert!(now.seats_left < before, "a sale left {before} seats as before: a seat was sold twice");
            before = now.seats_left;
            let adults = now.seats_left.checked_sub(left).expect("more than enough are left").min(9) as usize;
            if adults == 0 {
                return;
            }
            let offer = self.again(offer, adults).await.expect("that many are left");
            let body = request(&[&offer], &vec!["adult"; adults]);
            let key = format!("sell-down-{}-{}", offer.itinerary_id, offer.seats_left);
            let reply = self.book("rafael-ortiz", &key, &body).await;
            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        }
    }

    /// Every item in the table.
    pub(crate) async fn count_items(&self) -> i32 {
        self.dynamo.client().scan().table_name(TABLE).send().await.unwrap().count
    }

    /// The events in the outbox.
    pub(crate) async fn outbox(&self) -> Vec<Value> {
        let items = outbox::Items::new(self.dynamo.client(), TABLE);
        let mut events = Vec::new();
        for shard in 0..outbox::SHARDS {
            let (waiting, _) = items.unpublished(shard, self.now().plus_secs(1), None).await.unwrap();
            events
                .extend(waiting.into_iter().map(|item| serde_json::from_str(&item.unwrap().event).unwrap()));
        }
        events
    }

    /// The records of the table's stream so far, in the shape in which Lambda delivers them.
    pub(crate) fn stream(&self) -> Value {
        let database = self.dynamo.database();
        let streams = database.list_streams(serde_json::from_value(json!({})).unwrap()).unwrap();
        let arn = serde_json::to_value(streams).unwrap()["Streams"][0]["StreamArn"].clone();
        let description = serde_json::from_value(json!({ "StreamArn": arn })).unwrap();
        let description = serde_json::to_value(database.describe_stream(description).unwrap()).unwrap();
        let shard = &description["StreamDescription"]["Shards"][0]["ShardId"];
        let from_the_start =
            json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let iterator = database.get_shard_iterator(serde_json::from_value(from_the_start).unwrap()).unwrap();
        let iterator = serde_json::to_value(iterator).unwrap()["ShardIterator"].clone();
        let records = serde_json::from_value(json!({ "ShardIterator": iterator })).unwrap();
        let records = serde_json::to_value(database.get_records(records).unwrap()).unwrap();
        json!({ "Records": records["Records"] })
    }

    pub(crate) async fn trips(&self, member: &str) -> Vec<Booking> {
        self.get_as(member, "/bookings?limit=100").await.read::<api_types::BookingPage>().items
    }
}

pub(crate) async fn book_at(router: &Router, member: &str, key: &str, body: &Value) -> Reply {
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("idempotency-key", key), ("traceparent", traceparent)];
    call(router, Some(member), post("/bookings", &headers, body)).await
}

/// The body that books `offers` for passengers of `types`.
pub(crate) fn request(offers: &[&Offer], types: &[&str]) -> Value {
    let passengers: Vec<_> = types.iter().map(|passenger_type| passenger(passenger_type)).collect();
    json!({
        "offer_ids": offers.iter().map(|offer| offer.offer_id.as_str()).collect::<Vec<_>>(),
        "passengers": passengers,
        "contact": { "email": "kenji@example.com" },
    })
}

pub(crate) fn passenger(passenger_type: &str) -> Value {
    let (given_name, birth_date) = match passenger_type {
        "adult" => ("Kenji", "1990-04-01"),
        "child" => ("Hana", "2018-05-01"),
        _ => ("Ren", "2026-01-15"),
    };
    json!({ "given_name": given_name, "family_name": "Mori", "birth_date": birth_date, "type": passenger_type })
}
