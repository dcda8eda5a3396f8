//! kill -9 at random moments under load: each acknowledged booking is there, with its miles exactly once.
//!
//! A killed process loses nothing that it wrote, synced or not: `embedded-dynamo` and the bus test the sync itself.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use api_airmiles::store::Store;
use api_airmiles::{audit, local_members};
use api_booking::Random;
use embedded_dynamo::EmbeddedDynamo;
use journeys::listing::all_pages;
use local::data_folder::DataFolder;
use reqwest::StatusCode;
use serde_json::Value;

use crate::common::{Laptop, Running, Traveller};

const KILLS: usize = 20;
const WORKERS: usize = 6;
const MEMBERS: [&str; 3] = ["amelia-okafor", "noor-haddad", "rafael-ortiz"];

/// Asked for; `answer` is what came back, if anything did.
struct Order {
    member: &'static str,
    offer: Value,
    adults: u32,
    key: String,
    answer: Option<Value>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_twenty_kills() {
    let seed = std::env::var("TERN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
    });
    println!("TERN_SEED={seed}");
    let random = Random::seeded(seed);
    let laptop = Laptop::new();

    let first = laptop.start();
    let mut tokens = HashMap::new();
    for member in MEMBERS {
        tokens.insert(member, first.sign_in(member).await.token.unwrap());
    }
    first.kill_9();

    let orders = Arc::new(Mutex::new(Vec::new()));
    for round in 0..KILLS {
        if round % 4 == 3 {
            kill_while_starting(&laptop, &random);
        } else {
            let running = laptop.start();
            kill_under_load(running, &tokens, &random, round, &orders).await;
        }
    }
    let orders = Arc::into_inner(orders).unwrap().into_inner().unwrap();
    let acknowledged = orders.iter().filter(|order| order.answer.is_some()).count();
    println!("{} orders, {acknowledged} acknowledged before a kill", orders.len());
    assert!(acknowledged >= KILLS, "hardly anything was booked: this proves nothing");

    let running = laptop.start();
    let expected = settle_orders(&running, &tokens, orders).await;
    prove_over_http(&running, &tokens, &expected).await;
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
    prove_in_the_stores(&laptop.data, &expected).await;
}

/// Dies somewhere between its first instruction and its first answer.
fn kill_while_starting(laptop: &Laptop, random: &Random) {
    let mut child = laptop.command(0).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(random.below(120) as u64));
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn kill_under_load(
    running: Running,
    tokens: &HashMap<&'static str, String>,
    random: &Random,
    round: usize,
    orders: &Arc<Mutex<Vec<Order>>>,
) {
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        let member = MEMBERS[worker % MEMBERS.len()];
        let traveller = Traveller::unknown(&running.base).with_token(&tokens[member]);
        let orders = Arc::clone(orders);
        let random = Random::seeded(random.draw());
        workers.spawn(async move {
            let adults = 1 + u32::try_from(random.below(3)).unwrap();
            let to = ["NRT", "LON", "NYC"][random.below(3)];
            let days = 20 + i32::try_from(random.below(60)).unwrap();
            let Some(offers) = try_offers(&traveller, to, days, adults).await else { return };
            for number in 0.. {
                let offer = offers[random.below(offers.len())].clone();
                let key = format!("kill-{round}-{worker}-{number}");
                let answered = traveller.try_book(&offer, adults, &key).await;
                let answer = match answered {
                    Some((StatusCode::CREATED, booking)) => Some(booking),
                    Some((StatusCode::CONFLICT, _)) => continue, // sold out
                    Some((status, problem)) => panic!("{status}: {problem}"),
                    None => None,
                };
                let killed = answer.is_none();
                orders.lock().unwrap().push(Order { member, offer, adults, key, answer });
                if killed {
                    return;
                }
            }
        });
    }
    let so_far = orders.lock().unwrap().len();
    let until = Instant::now() + Duration::from_secs(60);
    while orders.lock().unwrap().len() == so_far {
        assert!(Instant::now() < until, "round {round}: no booking was answered within a minute");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(random.below(700) as u64)).await;
    running.kill_9();
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
}

/// Offers, unless it was killed meanwhile.
async fn try_offers(traveller: &Traveller, to: &str, days: i32, adults: u32) -> Option<Vec<Value>> {
    let date = crate::common::day(days);
    let path = format!(
        "/api/booking/flights?from=SFO&to={to}&date={date}&adults={adults}&children=0&infants=0&cabin=economy"
    );
    let reply = traveller.request(reqwest::Method::GET, &path).send().await.ok()?;
    let reply: Value = reply.json().await.ok()?;
    let offers = reply["offers"].as_array().unwrap_or_else(|| panic!("{reply}")).clone();
    assert!(!offers.is_empty(), "no flights to {to}");
    Some(offers)
}

/// What a booking must have come to.
struct Expected {
    member: &'static str,
    seats: usize,
    base_miles: i64,
}

/// Asks again for everything under its own key, as a client does that heard nothing: what was acknowledged must be
/// answered the same, and the rest is decided now.
async fn settle_orders(
    running: &Running,
    tokens: &HashMap<&'static str, String>,
    orders: Vec<Order>,
) -> BTreeMap<String, Expected> {
    let mut expected = BTreeMap::new();
    for Order { member, offer, adults, key, answer } in orders {
        let traveller = Traveller::unknown(&running.base).with_token(&tokens[member]);
        let (status, reply) = traveller.try_book(&offer, adults, &key).await.unwrap();
        match (status, answer) {
            (StatusCode::CREATED, Some(before)) => assert_eq!(reply, before, "acknowledged under {key}"),
            (StatusCode::CREATED, None) => {}
            (StatusCode::CONFLICT, None) => continue,
            (status, before) => panic!("{key} is {status} now: {reply}; before: {before:?}"),
        }
        let segments: usize = reply["bounds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|bound| bound["segments"].as_array().unwrap().len())
            .sum();
        let booking = Expected {
            member,
            seats: segments * adults as usize,
            base_miles: offer["miles"].as_i64().unwrap(),
        };
        let locator = reply["record_locator"].as_str().unwrap().to_owned();
        assert!(expected.insert(locator, booking).is_none(), "two keys, one booking");
    }
    expected
}

async fn prove_over_http(
    running: &Running,
    tokens: &HashMap<&'static str, String>,
    expected: &BTreeMap<String, Expected>,
) {
    for member in MEMBERS {
        let traveller = Traveller::unknown(&running.base).with_token(&tokens[member]);
        let mine: BTreeMap<&String, &Expected> =
            expected.iter().filter(|(_, booking)| booking.member == member).collect();
        let bookings = all_pages(&traveller, "/api/booking/bookings", 50).await;
        let mut listed: Vec<&str> =
            bookings.iter().map(|booking| booking["record_locator"].as_str().unwrap()).collect();
        listed.sort_unstable();
        assert_eq!(listed, mine.keys().copied().collect::<Vec<_>>(), "{member}'s bookings");

        let mut promised = 0;
        for (locator, booking) in &mine {
            let miles = traveller.miles_within(locator, Duration::from_secs(20)).await;
            let miles = miles.unwrap_or_else(|| panic!("{locator} has no miles"));
            let base: i64 = miles["lines"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|line| line["rule"] == "base")
                .map(|line| line["miles"].as_i64().unwrap())
                .sum();
            assert_eq!(base, booking.base_miles, "{locator}");
            promised += miles["total"].as_i64().unwrap();
        }
        let entries = all_pages(&traveller, "/api/airmiles/account/entries", 50).await;
        let mut accrued: Vec<&str> = entries
            .iter()
            .filter(|entry| entry["kind"] == "accrual")
            .map(|entry| entry["record_locator"].as_str().unwrap())
            .collect();
        accrued.sort_unstable();
        assert_eq!(accrued, listed, "each of {member}'s bookings has one entry");
        let (_, account) = traveller.get("/api/airmiles/account").await;
        assert_eq!(account["pending"], promised, "{member}");
    }
    let (_, ways) = Traveller::unknown(&running.base).get("/local/events?limit=1000").await;
    for way in ways["events"].as_array().unwrap() {
        assert_ne!(way["state"], "dead_lettered", "{way}");
    }
}

/// Behind the services' backs: the ledgers add up, and exactly the seats of the bookings are taken.
async fn prove_in_the_stores(data: &Path, expected: &BTreeMap<String, Expected>) {
    let folder = DataFolder::open(data).unwrap();
    let airmiles = EmbeddedDynamo::open(&folder.database("airmiles").unwrap()).unwrap();
    let ledger = Store::new(airmiles.client(), "airmiles");
    for member in local_members() {
        audit::prove(&ledger, &member.member_id).await.unwrap();
    }
    let booking = EmbeddedDynamo::open(&folder.database("booking").unwrap()).unwrap();
    let taken = crate::common::seats_taken(&booking).await;
    assert_eq!(taken, expected.values().map(|booking| booking.seats).sum::<usize>(), "seats taken");
}
