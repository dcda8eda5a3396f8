//! Queues of the bus by themselves, with functions that fail on demand.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_types::UtcInstant;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use local::bus::{Bus, EventFilter, EventState, EventWay, QueueMapping, Redelivery, Subscription, Wiring};
use service_kit::Clock;
use service_kit::events::outbox::OutboxMessage;
use service_kit::service::{BoxError, Function};
use tokio::sync::Notify;

const PUBLISHER: &str = "sales";
pub(super) const QUEUE: &str = "ledger-sales-events";
pub(super) const CONFIRMED: &str = "booking.confirmed.v1";

pub(super) fn subscription(queue: &str, event_types: &[&str]) -> Subscription {
    let event_types = event_types.iter().map(|&event_type| event_type.to_owned()).collect();
    Subscription { publisher: PUBLISHER.to_owned(), event_types, queue: queue.to_owned() }
}

/// A clock that the test sets.
#[derive(Clone)]
pub(super) struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_000_000)))
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Clock::from_fn(move || UtcInstant::from_epoch_ms(now.load(Ordering::SeqCst)))
    }

    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(super) fn bus(&self) -> Bus {
        Bus::in_memory(self.clock(), vec![subscription(QUEUE, &[CONFIRMED])]).unwrap()
    }

    fn open(&self, folder: &tempfile::TempDir) -> Bus {
        let path = folder.path().join("bus.sqlite");
        let subscriptions = vec![subscription(QUEUE, &[CONFIRMED])];
        Bus::open(&path, self.clock(), subscriptions, Redelivery::default()).unwrap()
    }

    /// Steps until nothing waits.
    async fn settle(&self, bus: &Bus, queue: &QueueMapping) {
        for _ in 0..100_000 {
            if bus.waiting().await.unwrap() == 0 {
                return;
            }
            if queue.step().await.unwrap() == 0 {
                self.pass(1_000);
            }
        }
        panic!("messages still wait after 27 hours");
    }
}

fn message(id: &str) -> OutboxMessage {
    OutboxMessage {
        id: id.to_owned(),
        source: "tern.sales".to_owned(),
        event_type: CONFIRMED.to_owned(),
        subject: id.split('-').next().unwrap().to_owned(),
        body: format!("{{\"id\":\"{id}\"}}"),
    }
}

pub(super) async fn publish(bus: &Bus, id: &str) {
    bus.publish(PUBLISHER, message(id), 0).await.unwrap();
}

fn failing(ids: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for id in ids {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    response
}

/// A function that does `act` with each batch.
pub(super) fn function(
    act: impl Fn(SqsEvent) -> Result<SqsBatchResponse, String> + Send + Sync + 'static,
) -> Function {
    service_kit::service::function(move |event| {
        let reply = act(event);
        async move { reply.map_err(BoxError::from) }
    })
}

fn works() -> Function {
    function(|_| Ok(SqsBatchResponse::default()))
}

fn fails() -> Function {
    function(|_| Err("no connection".to_owned()))
}

pub(super) fn mapping(bus: &Bus, function: Function) -> QueueMapping {
    QueueMapping::new(bus.clone(), QUEUE, function)
}

/// The process ends while it handles the next messages.
async fn die_while_handling(bus: &Bus) {
    let called = Arc::new(Notify::new());
    let calls = Arc::clone(&called);
    let never_replies: Function = Arc::new(move |_| {
        calls.notify_one();
        Box::pin(std::future::pending())
    });
    tokio::select! {
        step = async { mapping(bus, never_replies).step().await } => panic!("nothing is being handled: {step:?}"),
        () = called.notified() => {}
    }
}

async fn ways(bus: &Bus) -> Vec<EventWay> {
    bus.events(EventFilter { limit: 100, subject: None }).await.unwrap()
}

pub(super) async fn way(bus: &Bus, id: &str) -> EventWay {
    ways(bus).await.into_iter().find(|way| way.id == id).unwrap()
}

#[tokio::test]
async fn a_consumer_that_recovers_gets_the_event_then() {
    let time = ManualClock::new();
    let bus = time.bus();
    let calls = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&calls);
    let consumer = function(move |event| match counting.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(failing(event.records.into_iter().filter_map(|record| record.message_id))),
        1 => Err("no connection".to_owned()),
        2 => panic!("on purpose"),
        _ => Ok(SqsBatchResponse::default()),
    });
    publish(&bus, "K7QZ4M-1").await;
    time.settle(&bus, &mapping(&bus, consumer)).await;
    let way = way(&bus, "K7QZ4M-1").await;
    assert_eq!((way.state, way.attempts, calls.load(Ordering::SeqCst)), (EventState::Delivered, 4, 4));
    assert_eq!(way.last_error.as_deref(), Some("the function panicked"));
    assert!(way.delivered_at.is_some());
}

#[tokio::test]
async fn an_event_that_always_fails_becomes_a_dead_letter_and_holds_up_no_other() {
    let time = ManualClock::new();
    let bus = time.bus();
    let consumer = function(|event| {
        let bad = event.records.into_iter().filter(|record| record.body.as_ref().unwrap().contains("BAD"));
        Ok(failing(bad.filter_map(|record| record.message_id)))
    });
    for id in ["AAAAAA-1", "BADBAD-1", "CCCCCC-1"] {
        publish(&bus, id).await;
    }
    let queue = mapping(&bus, consumer);
    assert_eq!(queue.step().await.unwrap(), 3);
    assert_eq!(way(&bus, "AAAAAA-1").await.state, EventState::Delivered);
    let retrying = way(&bus, "BADBAD-1").await;
    assert_eq!((retrying.state, retrying.attempts), (EventState::Retrying, 1));
    let published_ms = time.0.load(Ordering::SeqCst);
    time.settle(&bus, &queue).await;
    let hours = (time.0.load(Ordering::SeqCst) - published_ms) / 3_600_000;
    assert_eq!(hours, 12, "hours until a dead letter");
    let dead = way(&bus, "BADBAD-1").await;
    assert_eq!((dead.state, dead.delivered_at), (EventState::DeadLettered, None));
    assert!((360..900).contains(&dead.attempts), "{} attempts", dead.attempts);
    assert_eq!(way(&bus, "CCCCCC-1").await.attempts, 1);
    let newest_first: Vec<String> = ways(&bus).await.into_iter().map(|way| way.subject).collect();
    assert_eq!(newest_first, ["CCCCCC", "BADBAD", "AAAAAA"]);
}

#[tokio::test]
async fn a_redrive_gives_a_dead_letter_one_more_attempt() {
    let time = ManualClock::new();
    let bus = time.bus();
    publish(&bus, "K7QZ4M-1").await;
    time.settle(&bus, &mapping(&bus, fails())).await;
    let dead = way(&bus, "K7QZ4M-1").await;
    assert_eq!(dead.state, EventState::DeadLettered);

    assert_eq!(bus.redrive().await.unwrap(), 1);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Retrying);
    assert_eq!(mapping(&bus, fails()).step().await.unwrap(), 1);
    let again = way(&bus, "K7QZ4M-1").await;
    assert_eq!((again.state, again.attempts), (EventState::DeadLettered, dead.attempts + 1));

    assert_eq!(bus.redrive().await.unwrap(), 1);
    assert_eq!(mapping(&bus, works()).step().await.unwrap(), 1);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered);
    assert_eq!(bus.redrive().await.unwrap(), 0);
}

/// A running bus with one event whose consumer works from `recovers` on; the clock is tokio's, paused.
async fn outage(recovers: Duration) -> (Bus, local::bus::BusTasks, Arc<AtomicBool>) {
    let start = tokio::time::Instant::now();
    let clock = Clock::from_fn(move || {
        UtcInstant::from_epoch_ms(1_000_000 + i64::try_from(start.elapsed().as_millis()).unwrap())
    });
    let bus = Bus::in_memory(clock, vec![subscription(QUEUE, &[CONFIRMED])]).unwrap();
    let delivered = Arc::new(AtomicBool::new(false));
    let deliver = Arc::clone(&delivered);
    let consumer = function(move |_| {
        if start.elapsed() < recovers {
            return Err("the database is locked".to_owned());
        }
        deliver.store(true, Ordering::SeqCst);
        Ok(SqsBatchResponse::default())
    });
    let queues = vec![mapping(&bus, consumer)];
    let tasks = bus.start(Wiring { queues, ..Wiring::default() });
    publish(&bus, "K7QZ4M-1").await;
    (bus, tasks, delivered)
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_loses_nothing_and_needs_no_restart() {
    let (bus, tasks, delivered) = outage(Duration::from_secs(600)).await;
    tokio::time::sleep(Duration::from_secs(599)).await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Retrying);
    assert!(way(&bus, "K7QZ4M-1").await.attempts > 5);
    tokio::time::sleep(Duration::from_secs(125)).await; // no wait is longer than two minutes
    assert!(delivered.load(Ordering::SeqCst));
    tasks.stop().await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered);
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_redriven_each_hour() {
    let hour = Duration::from_secs(3600);
    let (bus, tasks, delivered) = outage(hour * 13 + hour / 2).await;
    tokio::time::sleep(hour * 12 + hour / 2).await; // between two redrives
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::DeadLettered);
    tokio::time::sleep(hour * 3 / 2 + Duration::from_secs(10)).await;
    assert!(delivered.load(Ordering::SeqCst));
    tasks.stop().await;
}

#[tokio::test]
async fn a_report_that_names_no_message_of_the_batch_fails_all_of_it() {
    for unclear in ["", "of-another-batch"] {
        let bus = ManualClock::new().bus();
        let consumer = function(move |_| Ok(failing([unclear.to_owned()])));
        publish(&bus, "AAAAAA-1").await;
        publish(&bus, "BBBBBB-1").await;
        mapping(&bus, consumer).step().await.unwrap();
        for id in ["AAAAAA-1", "BBBBBB-1"] {
            assert_eq!(way(&bus, id).await.state, EventState::Retrying);
        }
    }
}

#[tokio::test]
async fn an_event_published_twice_is_delivered_twice_and_listed_once() {
    let time = ManualClock::new();
    let bus = time.bus();
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let consumer = function(move |event| {
        seen.lock().unwrap().extend(event.records.into_iter().map(|record| record.body.unwrap()));
        Ok(SqsBatchResponse::default())
    });
    for _ in 0..2 {
        publish(&bus, "K7QZ4M-1").await;
    }
    time.settle(&bus, &mapping(&bus, consumer)).await;
    assert_eq!(*bodies.lock().unwrap(), ["{\"id\":\"K7QZ4M-1\"}"; 2]);
    let ways = ways(&bus).await;
    assert_eq!((ways.len(), ways[0].state, ways[0].attempts), (1, EventState::Delivered, 2));
}

#[tokio::test]
async fn each_queue_gets_the_events_that_it_subscribes_to() {
    let all = [subscription("a", &[CONFIRMED]), subscription("b", &[CONFIRMED, "booking.cancelled.v1"])];
    let bus = Bus::in_memory(ManualClock::new().clock(), all.to_vec()).unwrap();
    publish(&bus, "AAAAAA-1").await;
    let cancelled = OutboxMessage { event_type: "booking.cancelled.v1".to_owned(), ..message("BBBBBB-2") };
    bus.publish(PUBLISHER, cancelled, 0).await.unwrap();
    bus.publish("another", message("CCCCCC-1"), 0).await.unwrap();
    let listed: Vec<(String, String)> =
        ways(&bus).await.into_iter().rev().map(|way| (way.subject, way.queue)).collect();
    let expected = [("AAAAAA", "a"), ("AAAAAA", "b"), ("BBBBBB", "b")];
    assert_eq!(listed, expected.map(|(subject, queue)| (subject.to_owned(), queue.to_owned())));
    let only_a = QueueMapping::new(bus.clone(), "a", works());
    assert_eq!(only_a.step().await.unwrap(), 1);
    assert_eq!(bus.waiting().await.unwrap(), 2);
    let of_one = bus.events(EventFilter { limit: 100, subject: Some("BBBBBB".to_owned()) }).await.unwrap();
    assert_eq!(of_one.len(), 1);
}

#[tokio::test]
async fn a_message_that_was_being_handled_at_a_kill_is_delivered_again_soon() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let dying = time.open(&folder);
    publish(&dying, "K7QZ4M-1").await;
    die_while_handling(&dying).await;
    drop(dying);
    time.pass(24 * 3_600_000); // off for a day: the message is no older for it

    let bus = time.open(&folder);
    let interrupted = way(&bus, "K7QZ4M-1").await;
    assert_eq!((interrupted.state, interrupted.attempts), (EventState::Retrying, 1));
    time.pass(500);
    assert_eq!(mapping(&bus, works()).step().await.unwrap(), 1);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered);
}

#[tokio::test]
async fn a_message_that_always_ends_the_process_becomes_a_dead_letter_and_lets_it_run() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let bus = time.open(&folder);
    publish(&bus, "BADBAD-1").await;
    drop(bus);
    let mut starts = 0;
    let bus = loop {
        starts += 1;
        let bus = time.open(&folder);
        if bus.waiting().await.unwrap() == 0 || starts > 20 {
            break bus;
        }
        time.pass(3_600_000);
        die_while_handling(&bus).await;
    };
    assert_eq!(starts, 13, "an hour between two starts, twelve hours until a dead letter");
    let dead = way(&bus, "BADBAD-1").await;
    assert_eq!((dead.state, dead.attempts), (EventState::DeadLettered, 12));
    assert_eq!(dead.last_error.as_deref(), Some("the process ended while the message was being handled"));
    assert_eq!(bus.redrive().await.unwrap(), 1, "as any dead letter");
}

#[tokio::test]
async fn a_restart_redrives_dead_letters() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let bus = time.open(&folder);
    publish(&bus, "K7QZ4M-1").await;
    time.settle(&bus, &mapping(&bus, fails())).await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::DeadLettered);
    drop(bus);

    let bus = time.open(&folder);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Retrying);
    assert_eq!(mapping(&bus, works()).step().await.unwrap(), 1);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered);
}

#[tokio::test]
async fn a_message_is_invisible_while_it_is_delayed_or_being_handled() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let bus = time.open(&folder);
    bus.publish(PUBLISHER, message("K7QZ4M-1"), 500).await.unwrap();
    let works = mapping(&bus, works());
    assert_eq!(works.step().await.unwrap(), 0, "published with a delay");
    time.pass(500);
    die_while_handling(&bus).await;
    time.pass(59_999);
    assert_eq!(works.step().await.unwrap(), 0, "still being handled");
    time.pass(1);
    assert_eq!(works.step().await.unwrap(), 1);
}
