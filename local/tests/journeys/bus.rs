//! The bus by itself, with functions that fail on demand.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_types::UtcInstant;
use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use embedded_dynamo::EmbeddedDynamo;
use local::bus::{
    Bus, EventFilter, EventState, EventWay, QueueMapping, Redelivery, StreamMapping, StreamSource,
    StreamStep, Subscription, Wiring,
};
use rusqlite::Connection;
use service_kit::Clock;
use service_kit::events::outbox::OutboxMessage;
use service_kit::service::{BoxError, Function};

const PUBLISHER: &str = "sales";
const QUEUE: &str = "ledger-sales-events";
const CONFIRMED: &str = "booking.confirmed.v1";

fn subscription(queue: &str, event_types: &[&str]) -> Subscription {
    let event_types = event_types.iter().map(|&event_type| event_type.to_owned()).collect();
    Subscription { publisher: PUBLISHER.to_owned(), event_types, queue: queue.to_owned() }
}

/// A clock that the test sets.
#[derive(Clone)]
struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_000_000)))
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Clock::from_fn(move || UtcInstant::from_epoch_ms(now.load(Ordering::SeqCst)))
    }

    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    fn bus(&self) -> Bus {
        Bus::in_memory(self.clock(), vec![subscription(QUEUE, &[CONFIRMED])]).unwrap()
    }

    fn open(&self, folder: &tempfile::TempDir) -> Bus {
        let path = folder.path().join("bus.sqlite");
        Bus::open(&path, self.clock(), vec![subscription(QUEUE, &[CONFIRMED])]).unwrap()
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

async fn publish(bus: &Bus, id: &str) {
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
fn function(act: impl Fn(SqsEvent) -> Result<SqsBatchResponse, String> + Send + Sync + 'static) -> Function {
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

fn hangs() -> Function {
    Arc::new(|_| Box::pin(std::future::pending()))
}

fn mapping(bus: &Bus, function: Function) -> QueueMapping {
    QueueMapping::new(bus.clone(), QUEUE, function, Redelivery::default())
}

async fn ways(bus: &Bus) -> Vec<EventWay> {
    bus.events(EventFilter { limit: 100, subject: None }).await.unwrap()
}

async fn way(bus: &Bus, id: &str) -> EventWay {
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
    tokio::time::sleep(hour * 13).await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::DeadLettered);
    tokio::time::sleep(hour + Duration::from_secs(10)).await;
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
    let only_a = QueueMapping::new(bus.clone(), "a", works(), Redelivery::default());
    assert_eq!(only_a.step().await.unwrap(), 1);
    assert_eq!(bus.waiting().await.unwrap(), 2);
    let of_one = bus.events(EventFilter { limit: 100, subject: Some("BBBBBB".to_owned()) }).await.unwrap();
    assert_eq!(of_one.len(), 1);
}

#[tokio::test]
async fn a_message_that_was_being_handled_at_a_kill_is_delivered_again_at_once() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let dying = time.open(&folder);
    publish(&dying, "K7QZ4M-1").await;
    let queue = mapping(&dying, hangs());
    assert!(tokio::time::timeout(Duration::from_millis(100), queue.step()).await.is_err());
    drop((queue, dying));

    let bus = time.open(&folder);
    assert_eq!(mapping(&bus, works()).step().await.unwrap(), 1);
    let way = way(&bus, "K7QZ4M-1").await;
    assert_eq!((way.state, way.attempts), (EventState::Delivered, 1), "a killed attempt is not counted");
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
async fn messages_of_an_earlier_version_are_delivered() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let connection = Connection::open(folder.path().join("bus.sqlite")).unwrap();
    connection.execute_batch(include_str!("bus-of-format-1.sql")).unwrap();
    drop(connection);
    let bus = time.open(&folder);
    assert_eq!(mapping(&bus, works()).step().await.unwrap(), 1);
    let listed: Vec<_> = ways(&bus).await.into_iter().map(|way| (way.id, way.state)).collect();
    let delivered = |id: &str| (id.to_owned(), EventState::Delivered);
    assert_eq!(listed, [delivered("BBBBBB-1"), delivered("AAAAAA-1")]);
    drop(bus);
    assert_eq!(ways(&time.open(&folder)).await.len(), 2, "it migrates once");
}

#[tokio::test]
async fn a_message_is_invisible_while_it_is_delayed_or_being_handled() {
    let (folder, time) = (tempfile::tempdir().unwrap(), ManualClock::new());
    let bus = time.open(&folder);
    bus.publish(PUBLISHER, message("K7QZ4M-1"), 500).await.unwrap();
    let (lost, works) = (mapping(&bus, hangs()), mapping(&bus, works()));
    assert_eq!(works.step().await.unwrap(), 0, "published with a delay");
    time.pass(500);
    assert!(tokio::time::timeout(Duration::from_millis(100), lost.step()).await.is_err());
    time.pass(59_999);
    assert_eq!(works.step().await.unwrap(), 0, "still being handled");
    time.pass(1);
    assert_eq!(works.step().await.unwrap(), 1);
}

/// A store with a table `records` that has a stream.
async fn streaming_store(path: Option<&std::path::Path>) -> EmbeddedDynamo {
    let store = path.map_or_else(EmbeddedDynamo::in_memory, EmbeddedDynamo::open).unwrap();
    let created = store
        .client()
        .create_table()
        .table_name("records")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap())
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("pk")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewImage)
                .build()
                .unwrap(),
        )
        .send()
        .await;
    assert!(created.is_ok() || path.is_some(), "{created:?}");
    store
}

async fn put(store: &EmbeddedDynamo, pk: &str) {
    let key = AttributeValue::S(pk.to_owned());
    store.client().put_item().table_name("records").item("pk", key).send().await.unwrap();
}

/// Waits of milliseconds.
fn quick() -> Redelivery {
    Redelivery { first: Duration::from_millis(4), ..Redelivery::default() }
}

fn source() -> StreamSource {
    StreamSource {
        checkpoint: "records".to_owned(),
        table: "records".to_owned(),
        partition: "pk".to_owned(),
        prefix: String::new(),
    }
}

/// A function that records the keys of its batches, and fails each key as often as `fails` has it.
fn noting(fails: BTreeMap<&'static str, u32>) -> (Function, Arc<Mutex<Vec<String>>>) {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let (notes, fails) = (Arc::clone(&noted), Arc::new(Mutex::new(fails)));
    let function = service_kit::service::function(move |event: StreamEvent| {
        let (notes, fails) = (Arc::clone(&notes), Arc::clone(&fails));
        async move {
            let mut response = DynamoDbEventResponse::default();
            for record in event.records {
                let keys: BTreeMap<String, String> = record.change.keys.clone().try_into_keys();
                let pk = keys["pk"].clone();
                if let Some(left) = fails.lock().unwrap().get_mut(pk.as_str()).filter(|left| **left > 0) {
                    *left -= 1;
                    let mut failure = DynamoDbBatchItemFailure::default();
                    failure.item_identifier = record.change.sequence_number.clone();
                    response.batch_item_failures.push(failure);
                    break;
                }
                notes.lock().unwrap().push(pk);
            }
            Ok::<_, BoxError>(response)
        }
    });
    (function, noted)
}

/// The keys of a record as plain text.
trait TryIntoKeys {
    fn try_into_keys(self) -> BTreeMap<String, String>;
}

impl<T: serde::Serialize> TryIntoKeys for T {
    fn try_into_keys(self) -> BTreeMap<String, String> {
        let keys = serde_json::to_value(self).unwrap();
        let keys = keys.as_object().unwrap().iter();
        keys.map(|(name, value)| (name.clone(), value["S"].as_str().unwrap().to_owned())).collect()
    }
}

/// Steps until the stream is done, waiting as told.
async fn drain(stream: &mut StreamMapping) {
    for _ in 0..200 {
        match stream.step().await.unwrap() {
            StreamStep::Idle => return,
            StreamStep::Advanced => {}
            StreamStep::Retry(wait_ms) => {
                tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
            }
        }
    }
    panic!("the stream is never done");
}

#[tokio::test]
async fn records_come_in_order_once_and_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (store_path, bus_path) = (folder.path().join("store.sqlite"), folder.path().join("bus.sqlite"));
    let all: Vec<String> = (0..250).map(|number| format!("{number:03}")).collect();
    let mut seen = Vec::new();
    for part in all.chunks(125) {
        let store = streaming_store(Some(&store_path)).await;
        let bus = Bus::open(&bus_path, Clock::system(), vec![]).unwrap();
        let (function, noted) = noting(BTreeMap::new());
        let mut stream = StreamMapping::new(bus, store.clone(), source(), function, quick());
        for pk in part {
            put(&store, pk).await;
        }
        // Changes and removals announce nothing.
        put(&store, &part[0]).await;
        let key = AttributeValue::S(part[1].clone());
        store.client().delete_item().table_name("records").key("pk", key).send().await.unwrap();
        drain(&mut stream).await;
        seen.extend(noted.lock().unwrap().clone());
        store.close().await;
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn a_record_that_fails_comes_again_and_those_behind_it_wait() {
    let store = streaming_store(None).await;
    let bus = ManualClock::new().bus();
    let (function, noted) = noting(BTreeMap::from([("b", 2)]));
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function, quick());
    for pk in ["a", "b", "c"] {
        put(&store, pk).await;
    }
    assert!(matches!(stream.step().await.unwrap(), StreamStep::Retry(_)));
    assert_eq!(*noted.lock().unwrap(), ["a"]);
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_record_that_always_fails_is_left_to_the_sweep() {
    let store = streaming_store(None).await;
    let bus = ManualClock::new().bus();
    let (function, noted) = noting(BTreeMap::from([("b", u32::MAX)]));
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function, quick());
    for pk in ["a", "b", "c", "d"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "c", "d"]);
}

#[tokio::test]
async fn a_function_that_breaks_off_at_one_record_is_given_the_others() {
    let store = streaming_store(None).await;
    let bus = ManualClock::new().bus();
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let function = service_kit::service::function(move |event: StreamEvent| {
        let notes = Arc::clone(&notes);
        async move {
            let keys: Vec<String> = event
                .records
                .into_iter()
                .map(|record| record.change.keys.try_into_keys()["pk"].clone())
                .collect();
            assert!(!keys.contains(&"bad".to_owned()), "on purpose");
            notes.lock().unwrap().extend(keys);
            Ok::<_, BoxError>(DynamoDbEventResponse::default())
        }
    });
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function, quick());
    for pk in ["a", "b", "bad", "c", "d", "e"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn only_records_with_the_prefix_reach_the_function() {
    let store = streaming_store(None).await;
    let (function, noted) = noting(BTreeMap::new());
    let source = StreamSource { prefix: "OUTBOX#".to_owned(), ..source() };
    let mut stream = StreamMapping::new(ManualClock::new().bus(), store.clone(), source, function, quick());
    for pk in ["OUTBOX#1", "SEAT#1", "OUTBOX#2"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["OUTBOX#1", "OUTBOX#2"]);
}

#[tokio::test]
async fn a_woken_bus_delivers_at_once_and_a_restart_trims_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = streaming_store(Some(&path)).await;
    let bus = Bus::in_memory(Clock::system(), vec![subscription(QUEUE, &[CONFIRMED])]).unwrap();
    let topic = bus.clone();
    let delivered = Arc::new(tokio::sync::Notify::new());
    let tell = Arc::clone(&delivered);
    let publishes = service_kit::service::function(move |event: StreamEvent| {
        let topic = topic.clone();
        async move {
            for record in event.records {
                publish(&topic, &record.change.keys.try_into_keys()["pk"]).await;
            }
            Ok::<_, BoxError>(DynamoDbEventResponse::default())
        }
    });
    let consumer = function(move |_| {
        tell.notify_one();
        Ok(SqsBatchResponse::default())
    });
    let tasks = bus.start(Wiring {
        streams: vec![StreamMapping::new(bus.clone(), store.clone(), source(), publishes, quick())],
        queues: vec![mapping(&bus, consumer)],
        ..Wiring::default()
    });
    // Both wait by now; a poll would come a second after the last.
    tokio::time::sleep(Duration::from_millis(100)).await;
    put(&store, "K7QZ4M-1").await;
    bus.wake();
    tokio::time::timeout(Duration::from_millis(700), delivered.notified()).await.expect("sooner than a poll");
    tasks.stop().await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered, "a step under way is finished");

    let kept = || -> i64 {
        let query =
            "SELECT count(*) FROM _stream_records WHERE new_image IS NOT NULL OR keys_json LIKE '%K7QZ4M%'";
        Connection::open(&path).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(kept(), 1);
    let (function, noted) = noting(BTreeMap::new());
    let streams = vec![StreamMapping::new(bus.clone(), store.clone(), source(), function, quick())];
    let tasks = bus.start(Wiring { streams, ..Wiring::default() });
    for _ in 0..100 {
        if kept() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tasks.stop().await;
    assert_eq!(kept(), 0, "the published item is still in the stream five seconds after a start");
    assert!(noted.lock().unwrap().is_empty(), "it isn't delivered again");
}
