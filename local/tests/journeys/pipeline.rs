//! The whole pipeline (booking, outbox, topic, queue, dead letters, ledger) under a scheduler that draws everything from a
//! seed: the next step, which messages are lost, repeated, delayed or reordered, and which part dies when.
//!
//! Each run takes fresh seeds and prints them; `TERN_SEED=<seed>` replays one schedule.

mod faulty_consumer;
mod faulty_store;
mod faulty_topic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use api_airmiles::audit;
use api_airmiles::store::Store;
use api_booking::Random;
use api_types::{MemberId, Miles, UtcInstant};
use axum::body::Body;
use axum::{Router, body::to_bytes};
use embedded_dynamo::EmbeddedDynamo;
use http::{Request, StatusCode};
use local::bus::{EventFilter, EventState, QueueMapping, StreamMapping, StreamStep};
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::events::outbox::Outbox;
use service_kit::http::Caller;
use tokio::sync::Notify;
use tower::ServiceExt;

use faulty_consumer::{Mood, consumer};
use faulty_store::FaultyStore;
use faulty_topic::{DicedTopic, QUEUE, open_bus, stream};

const BOOKINGS: usize = 10;
const STEPS: usize = 160;
/// Sent along, as one made up on the way would be another each time.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const MEMBERS: [&str; 2] = ["amelia-okafor", "noor-haddad"];

#[tokio::test]
async fn each_booking_earns_once_despite_losses_repetitions_delays_kills_and_dead_letters() {
    let replayed = std::env::var("TERN_SEED").ok().map(|seed| seed.parse().expect("TERN_SEED is a number"));
    let fresh = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 / 1000;
    let seeds: Vec<u64> = replayed.map_or_else(|| (fresh..fresh + 6).collect(), |seed| vec![seed]);
    let mut dead_letters = 0;
    for &seed in &seeds {
        println!("TERN_SEED={seed}");
        let pipeline = run(seed).await;
        pipeline.prove().await;
        dead_letters += pipeline.redriven;
    }
    assert!(dead_letters > 0 || seeds.len() == 1, "no message became a dead letter under {seeds:?}");
}

#[tokio::test]
async fn a_seed_gives_the_same_schedule_again() {
    let (first, second) = (run(77).await, run(77).await);
    assert!(first.trace.len() > STEPS);
    assert_eq!(first.trace, second.trace);
}

/// One schedule: faults for a while, then time enough for everything to arrive.
async fn run(seed: u64) -> Pipeline {
    let mut pipeline = Pipeline::new(seed).await;
    for _ in 0..STEPS {
        pipeline.step().await;
    }
    pipeline.calm_down().await;
    pipeline
}

struct Pipeline {
    random: Random,
    now_ms: Arc<Mutex<i64>>,
    clock: Clock,
    _folder: tempfile::TempDir,
    bus_path: PathBuf,
    booking: EmbeddedDynamo,
    airmiles: EmbeddedDynamo,
    router: Router,
    booking_faults: FaultyStore,
    airmiles_faults: FaultyStore,
    topic: DicedTopic,
    outbox: Arc<Outbox<DicedTopic>>,
    stream: StreamMapping,
    queue: QueueMapping,
    mood: Arc<Mutex<Mood>>,
    died: Arc<Notify>,
    made: BTreeMap<String, (MemberId, Miles, usize)>,
    redriven: u64,
    trace: Vec<String>,
}

impl Pipeline {
    async fn new(seed: u64) -> Self {
        let random = Random::seeded(seed);
        let start: UtcInstant = "2026-11-20T12:00:00Z".parse().unwrap();
        let now_ms = Arc::new(Mutex::new(start.epoch_ms()));
        let shown = Arc::clone(&now_ms);
        let clock = Clock::from_fn(move || UtcInstant::from_epoch_ms(*shown.lock().unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let bus_path = folder.path().join("bus.sqlite");
        let booking = EmbeddedDynamo::in_memory().unwrap();
        let airmiles = EmbeddedDynamo::in_memory().unwrap();
        api_booking::store::create_table(&booking.client(), "booking").await.unwrap();
        api_airmiles::store::create_table(&airmiles.client(), "airmiles").await.unwrap();

        let booking_faults = FaultyStore::new(random.draw());
        let airmiles_faults = FaultyStore::new(random.draw());
        let booking_client = booking_faults.between(&booking.client());
        let app = api_booking::App::new(api_booking::AppParts {
            dynamodb: booking_client.clone(),
            table: "booking".to_owned(),
            signing_keys: vec![[3; 32]],
            clock: clock.clone(),
            random: Random::seeded(random.draw()),
        });
        let router = api_booking::http::router(app.unwrap());

        let bus = open_bus(&bus_path, &clock, &random);
        let topic = DicedTopic {
            bus: Arc::new(Mutex::new(bus.clone())),
            random: Random::seeded(random.draw()),
            faulty: Arc::new(Mutex::new(true)),
        };
        let outbox =
            Arc::new(Outbox::new("booking-outbox", topic.clone(), booking_client, "booking", clock.clone()));
        let (mood, died) = (Arc::new(Mutex::new(Mood::Well)), Arc::new(Notify::new()));
        let consumer = consumer(&airmiles_faults.between(&airmiles.client()), &clock, &mood, &died);
        let stream = stream(&bus, &booking, &outbox);
        let queue = QueueMapping::new(bus, QUEUE, consumer);
        Self {
            random,
            now_ms,
            clock,
            _folder: folder,
            bus_path,
            booking,
            airmiles,
            router,
            booking_faults,
            airmiles_faults,
            topic,
            outbox,
            stream,
            queue,
            mood,
            died,
            made: BTreeMap::new(),
            redriven: 0,
            trace: Vec::new(),
        }
    }

    async fn step(&mut self) {
        let done = match self.random.below(100) {
            0..20 if self.made.len() < BOOKINGS => self.book().await,
            0..40 => format!("stream {:?}", self.stream.step().await.unwrap()),
            40..70 => self.deliver().await,
            70..78 => self.sweep().await,
            78..93 => self.pass_time(30_000),
            93..96 => self.kill_stream(),
            96..98 => self.redrive().await,
            _ => self.restart_bus(),
        };
        self.trace.push(done);
    }

    /// Searches and books; a client that hears nothing, or of a failure, asks again under the same key.
    async fn book(&mut self) -> String {
        let number = self.made.len();
        let member: MemberId = MEMBERS[number % 2].parse().unwrap();
        let adults = 1 + self.random.below(3);
        let path = format!(
            "/flights?from=SFO&to=NRT&date=2026-12-{:02}&adults={adults}&children=0&infants=0&cabin=economy",
            1 + self.random.below(3)
        );
        let mut asked = 0;
        let offer = loop {
            asked += 1;
            let (status, reply) = self.call(Request::get(&path).body(Body::empty()).unwrap()).await;
            if status == StatusCode::OK {
                let offers = reply["offers"].as_array().unwrap();
                break offers[self.random.below(offers.len())].clone();
            }
        };
        let passenger = json!({ "given_name": "Ana", "family_name": "Silva", "birth_date": "1990-01-01", "type": "adult" });
        let body = json!({
            "offer_ids": [offer["offer_id"]],
            "passengers": vec![passenger; adults],
            "contact": { "email": "ana@example.com" },
        });
        loop {
            asked += 1;
            let request = Request::post("/bookings")
                .header("content-type", "application/json")
                .header("idempotency-key", format!("pipeline-{number}"))
                .header("traceparent", TRACE)
                .extension(Caller { member_id: member.clone() })
                .body(Body::from(body.to_string()))
                .unwrap();
            let (status, reply) = self.call(request).await;
            if status == StatusCode::CREATED {
                let locator = reply["record_locator"].as_str().unwrap().to_owned();
                let segments = reply["bounds"][0]["segments"].as_array().unwrap().len();
                let miles = Miles(offer["miles"].as_i64().unwrap());
                let before = self.made.insert(locator.clone(), (member, miles, segments * adults));
                assert!(before.is_none(), "two keys, one booking");
                return format!("booked {locator} after {asked} requests");
            }
            assert!(status.is_server_error(), "{status}: {reply}");
        }
    }

    async fn call(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// A batch to the event function, in whatever mood it is.
    async fn deliver(&mut self) -> String {
        let mood = [Mood::Well, Mood::Well, Mood::Fails, Mood::DiesBefore, Mood::DiesAfter, Mood::Repeats]
            [self.random.below(6)];
        *self.mood.lock().unwrap() = mood;
        tokio::select! {
            delivered = self.queue.step() => format!("delivered {} {mood:?}", delivered.unwrap()),
            () = self.died.notified() => format!("died {mood:?}"),
        }
    }

    async fn sweep(&mut self) -> String {
        let swept = self.outbox.sweep(self.clock.now().plus_secs(-5)).await;
        format!("swept {:?}", swept.ok())
    }

    fn pass_time(&mut self, at_most_ms: usize) -> String {
        let passed = self.random.below(at_most_ms) as i64;
        *self.now_ms.lock().unwrap() += passed;
        format!("{passed} ms passed")
    }

    async fn redrive(&mut self) -> String {
        let bus = self.topic.bus.lock().unwrap().clone();
        let redriven = bus.redrive().await.unwrap();
        self.redriven += redriven;
        format!("redrove {redriven}")
    }

    /// The reader of the stream dies and begins again at its checkpoint.
    fn kill_stream(&mut self) -> String {
        let bus = self.topic.bus.lock().unwrap().clone();
        self.stream = stream(&bus, &self.booking, &self.outbox);
        "the stream's reader was killed".to_owned()
    }

    /// The bus's process dies; another opens the same file.
    fn restart_bus(&mut self) -> String {
        let bus = open_bus(&self.bus_path, &self.clock, &self.random);
        *self.topic.bus.lock().unwrap() = bus.clone();
        let client = self.airmiles_faults.between(&self.airmiles.client());
        let consumer = consumer(&client, &self.clock, &self.mood, &self.died);
        self.queue = QueueMapping::new(bus, QUEUE, consumer);
        self.kill_stream();
        "the bus was killed".to_owned()
    }

    /// No more faults, and time enough.
    async fn calm_down(&mut self) {
        self.booking_faults.set(false);
        self.airmiles_faults.set(false);
        *self.topic.faulty.lock().unwrap() = false;
        *self.mood.lock().unwrap() = Mood::Well;
        for _ in 0..100 {
            *self.now_ms.lock().unwrap() += 121_000; // longer than any wait
            let redriven = self.redrive().await;
            while self.stream.step().await.unwrap() != StreamStep::Idle {}
            let swept = self.outbox.sweep(self.clock.now()).await.unwrap();
            let delivered = self.queue.step().await.unwrap();
            self.trace.push(format!("at rest: {redriven}, {swept:?}, {delivered}"));
            let bus = self.topic.bus.lock().unwrap().clone();
            if swept.published == 0 && delivered == 0 && bus.waiting().await.unwrap() == 0 {
                return;
            }
        }
        panic!("it never comes to rest: {:?}", self.trace);
    }

    async fn prove(&self) {
        assert!(self.made.len() > BOOKINGS / 2, "too few bookings to prove anything");
        assert!(self.booking_faults.count() > 0 && self.airmiles_faults.count() > 0, "no fault, no proof");
        let ledger = Store::new(self.airmiles.client(), "airmiles");
        let mut entries = BTreeMap::new();
        for member in MEMBERS {
            let proof = audit::prove(&ledger, &member.parse().unwrap()).await.unwrap();
            assert_eq!(proof.account.balance, Miles(0), "pending miles are no part of the balance");
            for projection in &proof.projections {
                let awarded = (member.parse::<MemberId>().unwrap(), projection.awarded);
                assert!(entries.insert(projection.record_locator.to_string(), awarded).is_none());
            }
            assert_eq!(proof.entries.len(), proof.projections.len(), "one entry a booking");
        }
        let expected: BTreeMap<String, (MemberId, Miles)> = self
            .made
            .iter()
            .map(|(locator, (member, miles, _))| (locator.clone(), (member.clone(), *miles)))
            .collect();
        assert_eq!(entries, expected, "{:#?}", self.trace);
        let seats: usize = self.made.values().map(|(_, _, seats)| seats).sum();
        assert_eq!(crate::common::seats_taken(&self.booking).await, seats);
        let bus = self.topic.bus.lock().unwrap().clone();
        let ways = bus.events(EventFilter { limit: 1000, subject: None }).await.unwrap();
        assert_eq!(ways.len(), self.made.len(), "nothing is published that was not committed");
        assert!(ways.iter().all(|way| way.state == EventState::Delivered));
    }
}
