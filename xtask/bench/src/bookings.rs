//! Bookings per second as a share of the store's bare transactions per second.
//!
//! Both kinds of round run on one store in a file, which waits for the disk at every commit, alternating, so that a
//! slow disk affects both. The bare transaction puts the same four items as a booking of one seat
//! (the stored reply, the booking, the seat, the event), under other keys and without conditions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use api_booking::{App, AppParts, Random};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use axum::Router;
use axum::body::Body;
use embedded_dynamo::EmbeddedDynamo;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use journeys::traveller::{booking_request, day};
use serde_json::Value;
use service_kit::http::Caller;
use tower::ServiceExt;

use crate::figure::{self, Limit};
use crate::search::CITY_PAIRS;
use crate::tern::nonstop;

const TABLE: &str = "booking";

/// Concurrent clients.
const CLIENTS: usize = 8;

const ROUNDS: usize = 4;

const ROUND: Duration = Duration::from_secs(3);

/// Measures both rates.
pub(crate) async fn measure() -> Result<()> {
    println!("booking against a bare four-item transaction, {CLIENTS} at a time on one store in a file");
    let folder = tempfile::tempdir()?;
    let store = EmbeddedDynamo::open(&folder.path().join("booking.db"))?;
    let client = store.client();
    api_booking::store::create_table(&client, TABLE).await?;
    let app = App::new(AppParts {
        dynamodb: client.clone(),
        table: TABLE.to_owned(),
        signing_keys: vec![[7; 32]],
        clock: service_kit::Clock::system(),
        random: Random::system()?,
    })?;
    let booking = Arc::new(Bookings::new(api_booking::http::router(app)).await?);
    booking.book_next().await?;
    let bare = Arc::new(BareTransactions::like_a_booking(client).await?);

    let (mut booked, mut written) = (0, 0);
    for _ in 0..ROUNDS {
        let bare = Arc::clone(&bare);
        written += round(move || {
            let bare = Arc::clone(&bare);
            async move { bare.write_next().await }
        })
        .await?;
        let booking = Arc::clone(&booking);
        booked += round(move || {
            let booking = Arc::clone(&booking);
            async move { booking.book_next().await }
        })
        .await?;
    }
    let a_second = |count: usize| count as f64 / (ROUND.as_secs_f64() * ROUNDS as f64);
    let share = 100.0 * booked as f64 / written as f64;
    figure::print("bookings, share of the bare transactions' rate", share, "%", Limit::AtLeast(60.0));
    figure::note(&format!(
        "{:.0} bookings a second, {:.0} bare transactions a second, {ROUNDS} rounds each by turns",
        a_second(booked),
        a_second(written)
    ));
    store.close().await;
    Ok(())
}

/// The number of calls of `act` in one round by all clients together.
async fn round<F, Fut>(act: F) -> Result<usize>
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let ends = Instant::now() + ROUND;
    let clients = (0..CLIENTS).map(|_| {
        let act = act.clone();
        tokio::spawn(async move {
            let mut done = 0;
            while Instant::now() < ends {
                act().await?;
                done += 1;
            }
            anyhow::Ok(done)
        })
    });
    let mut done = 0;
    for client in futures::future::join_all(clients).await {
        done += client??;
    }
    Ok(done)
}

/// Offers for all rounds, and a client to book them.
struct Bookings {
    router: Router,
    offers: Vec<Value>,
    next: AtomicUsize,
    caller: Caller,
}

impl Bookings {
    async fn new(router: Router) -> Result<Self> {
        let caller = Caller { member_id: "noor-haddad".parse()? };
        let mut offers = Vec::new();
        for date in (30..110).map(day) {
            for (from, to) in CITY_PAIRS {
                let path = format!("/flights?from={from}&to={to}&date={date}&adults=1&cabin=economy");
                let (status, found) = ask(&router, Request::get(path).body(Body::empty())?).await?;
                ensure!(status == StatusCode::OK, "a search returned {status}: {found}");
                // One of an itinerary's three fares: they share its seats.
                offers.extend(nonstop(&found["offers"]).step_by(3).cloned());
            }
        }
        ensure!(!offers.is_empty(), "no flight has a seat");
        Ok(Self { router, offers, next: AtomicUsize::new(0), caller })
    }

    async fn book_next(&self) -> Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let offer = &self.offers[number % self.offers.len()];
        let request = Request::post("/bookings")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", format!("bench-booking-{number}-0123456789abcdef"))
            .extension(self.caller.clone())
            .body(Body::from(booking_request(offer, 1).to_string()))?;
        let (status, reply) = ask(&self.router, request).await?;
        if status != StatusCode::CREATED {
            bail!("booking {number} returned {status}: {reply}");
        }
        Ok(())
    }
}

async fn ask(router: &Router, request: Request<Body>) -> Result<(StatusCode, Value)> {
    let reply = router.clone().oneshot(request).await?;
    let status = reply.status();
    let body = reply.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&body)?))
}

/// The items of one booking, put repeatedly under other keys.
struct BareTransactions {
    client: Client,
    items: Vec<HashMap<String, AttributeValue>>,
    next: AtomicUsize,
}

impl BareTransactions {
    /// The items of the first booking: the table's only ones then.
    async fn like_a_booking(client: Client) -> Result<Self> {
        let items = client.scan().table_name(TABLE).send().await?.items.unwrap_or_default();
        ensure!(items.len() == 4, "a booking of one seat wrote {} items, not four", items.len());
        Ok(Self { client, items, next: AtomicUsize::new(0) })
    }

    async fn write_next(&self) -> Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut puts = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let mut item = item.clone();
            let key = item.get("pk").and_then(|pk| pk.as_s().ok()).context("every item has a key")?;
            let key = AttributeValue::S(format!("{key}~{number}"));
            item.insert("pk".to_owned(), key);
            let put = Put::builder().table_name(TABLE).set_item(Some(item)).build()?;
            puts.push(TransactWriteItem::builder().put(put).build());
        }
        self.client.transact_write_items().set_transact_items(Some(puts)).send().await?;
        Ok(())
    }
}
