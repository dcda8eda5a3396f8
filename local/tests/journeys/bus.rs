//! The bus by itself, with functions that fail as they are told to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use embedded_dynamo::EmbeddedDynamo;
use futures::FutureExt;
use local::bus::{
    Bus, EventFunction, EventState, EventWay, Handlers, Message, OutboxFunction, QueueMapping, Redelivery,
    StreamMapping, StreamStep,
};
use service_kit::Clock;

/// A policy for tests: five attempts, milliseconds apart.
fn quick() -> Redelivery {
    Redelivery {
        first: Duration::from_millis(4),
        factor: 2,
        call_timeout: Duration::from_millis(200),
        visibility: Duration::from_millis(1200),
        ..Redelivery::default()
    }
}

fn message(id: &str) -> Message {
    Message {
        event_id: id.to_owned(),
        event_type: "booking.confirmed.v1".to_owned(),
        subject: id.split('-').next().unwrap().to_owned(),
        body: format!("{{\"id\":\"{id}\"}}"),
    }
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
fn function(
    act: impl Fn(SqsEvent) -> Result<SqsBatchResponse, String> + Send + Sync + 'static,
) -> EventFunction {
    let act = Arc::new(act);
    Arc::new(move |event| {
        let act = Arc::clone(&act);
        async move { act(event) }.boxed()
    })
}

/// Steps until nothing waits any more, or the time is up.
async fn settle(bus: &Bus, queue: &QueueMapping) {
    let until = Instant::now() + Duration::from_secs(10);
    while bus.waiting().await.unwrap() > 0 && Instant::now() < until {
        if queue.step().await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn way(bus: &Bus, id: &str) -> EventWay {
    bus.events(100).await.unwrap().into_iter().find(|way| way.id == id).unwrap()
}

#[tokio::test]
async fn a_consumer_that_recovers_gets_the_event_then() {
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&calls);
    let consumer = function(move |event| match counting.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(failing(event.records.into_iter().filter_map(|record| record.message_id))),
        1 => Err("no connection".to_owned()),
        2 => panic!("on purpose"),
        _ => Ok(SqsBatchResponse::default()),
    });
    bus.publish(message("K7QZ4M-1"), 0).await.unwrap();
    settle(&bus, &QueueMapping::new(bus.clone(), consumer, quick())).await;
    let way = way(&bus, "K7QZ4M-1").await;
    assert_eq!((way.state, way.attempts, calls.load(Ordering::SeqCst)), (EventState::Delivered, 4, 4));
    assert_eq!(way.last_error.as_deref(), Some("the function panicked"));
    assert!(way.delivered_at.is_some());
}

#[tokio::test]
async fn an_event_that_always_fails_lies_aside_and_holds_up_no_other() {
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let consumer = function(|event| {
        let bad = event.records.into_iter().filter(|record| record.body.as_ref().unwrap().contains("BAD"));
        Ok(failing(bad.filter_map(|record| record.message_id)))
    });
    for id in ["AAAAAA-1", "BADBAD-1", "CCCCCC-1"] {
        bus.publish(message(id), 0).await.unwrap();
    }
    let queue = QueueMapping::new(bus.clone(), consumer, quick());
    assert_eq!(queue.step().await.unwrap(), 3);
    assert_eq!(way(&bus, "AAAAAA-1").await.state, EventState::Delivered);
    let retrying = way(&bus, "BADBAD-1").await;
    assert_eq!((retrying.state, retrying.attempts), (EventState::Retrying, 1));
    settle(&bus, &queue).await;
    let dead = way(&bus, "BADBAD-1").await;
    assert_eq!((dead.state, dead.attempts, dead.delivered_at), (EventState::DeadLettered, 5, None));
    assert_eq!(way(&bus, "CCCCCC-1").await.attempts, 1);
    let newest_first: Vec<String> = bus.events(2).await.unwrap().into_iter().map(|way| way.subject).collect();
    assert_eq!(newest_first, ["CCCCCC", "BADBAD"]);
}

#[tokio::test]
async fn a_report_that_names_no_message_of_the_batch_fails_all_of_it() {
    for unclear in ["", "of-another-batch"] {
        let bus = Bus::in_memory(Clock::system()).unwrap();
        let consumer = function(move |_| Ok(failing([unclear.to_owned()])));
        bus.publish(message("AAAAAA-1"), 0).await.unwrap();
        bus.publish(message("BBBBBB-1"), 0).await.unwrap();
        QueueMapping::new(bus.clone(), consumer, quick()).step().await.unwrap();
        for id in ["AAAAAA-1", "BBBBBB-1"] {
            assert_eq!(way(&bus, id).await.state, EventState::Retrying);
        }
    }
}

#[tokio::test]
async fn what_was_published_twice_is_delivered_twice_and_its_way_is_one() {
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let consumer = function(move |event| {
        seen.lock().unwrap().extend(event.records.into_iter().map(|record| record.body.unwrap()));
        Ok(SqsBatchResponse::default())
    });
    for _ in 0..2 {
        bus.publish(message("K7QZ4M-1"), 0).await.unwrap();
    }
    settle(&bus, &QueueMapping::new(bus.clone(), consumer, quick())).await;
    assert_eq!(*bodies.lock().unwrap(), ["{\"id\":\"K7QZ4M-1\"}"; 2]);
    let ways = bus.events(10).await.unwrap();
    assert_eq!((ways.len(), ways[0].state, ways[0].attempts), (1, EventState::Delivered, 2));
}

#[tokio::test]
async fn what_was_being_handled_when_the_process_died_comes_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus.sqlite");
    let dying = Bus::open(&path, Clock::system()).unwrap();
    dying.publish(message("K7QZ4M-1"), 0).await.unwrap();
    let hangs: EventFunction = Arc::new(|_| std::future::pending().boxed());
    let queue = QueueMapping::new(dying.clone(), hangs, Redelivery::default());
    assert!(tokio::time::timeout(Duration::from_millis(100), queue.step()).await.is_err());
    drop((queue, dying));

    let bus = Bus::open(&path, Clock::system()).unwrap();
    let consumer = function(|_| Ok(SqsBatchResponse::default()));
    assert_eq!(QueueMapping::new(bus.clone(), consumer, quick()).step().await.unwrap(), 1);
    let way = way(&bus, "K7QZ4M-1").await;
    assert_eq!((way.state, way.attempts), (EventState::Delivered, 1), "a killed attempt is not counted");
}

#[tokio::test]
async fn what_lay_aside_is_tried_again_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus.sqlite");
    let bus = Bus::open(&path, Clock::system()).unwrap();
    bus.publish(message("K7QZ4M-1"), 0).await.unwrap();
    let fails = function(|_| Err("no connection".to_owned()));
    settle(&bus, &QueueMapping::new(bus.clone(), fails, quick())).await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::DeadLettered);
    drop(bus);

    let bus = Bus::open(&path, Clock::system()).unwrap();
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Retrying);
    let works = function(|_| Ok(SqsBatchResponse::default()));
    assert_eq!(QueueMapping::new(bus.clone(), works, quick()).step().await.unwrap(), 1);
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered);
}

#[tokio::test]
async fn a_message_out_of_sight_is_given_to_nobody_until_its_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(Mutex::new(1_000_000_i64));
    let shown = Arc::clone(&now);
    let clock = Clock::from_fn(move || api_types::UtcInstant::from_epoch_ms(*shown.lock().unwrap()));
    let bus = Bus::open(&folder.path().join("bus.sqlite"), clock).unwrap();
    bus.publish(message("K7QZ4M-1"), 500).await.unwrap();
    let hangs: EventFunction = Arc::new(|_| std::future::pending().boxed());
    let lost = QueueMapping::new(bus.clone(), hangs, Redelivery::default());
    let works = QueueMapping::new(bus.clone(), function(|_| Ok(SqsBatchResponse::default())), quick());
    assert_eq!(works.step().await.unwrap(), 0, "published with a delay");
    *now.lock().unwrap() += 500;
    assert!(tokio::time::timeout(Duration::from_millis(100), lost.step()).await.is_err());
    *now.lock().unwrap() += 59_999;
    assert_eq!(works.step().await.unwrap(), 0, "still with the one that hangs");
    *now.lock().unwrap() += 1;
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

/// A function that notes the keys it is given, and fails those that `fails` says, so often.
fn noting(fails: BTreeMap<&'static str, u32>) -> (OutboxFunction, Arc<Mutex<Vec<String>>>) {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let (notes, fails) = (Arc::clone(&noted), Arc::new(Mutex::new(fails)));
    let function: OutboxFunction = Arc::new(move |event| {
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
            Ok(response)
        }
        .boxed()
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
        let bus = Bus::open(&bus_path, Clock::system()).unwrap();
        let (function, noted) = noting(BTreeMap::new());
        let mut stream = StreamMapping::new(bus, store.clone(), "records", function, quick());
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
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let (function, noted) = noting(BTreeMap::from([("b", 2)]));
    let mut stream = StreamMapping::new(bus, store.clone(), "records", function, quick());
    for pk in ["a", "b", "c"] {
        put(&store, pk).await;
    }
    assert!(matches!(stream.step().await.unwrap(), StreamStep::Retry(_)));
    assert_eq!(*noted.lock().unwrap(), ["a"]);
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_record_that_always_fails_is_left_to_the_sweeper() {
    let store = streaming_store(None).await;
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let (function, noted) = noting(BTreeMap::from([("b", u32::MAX)]));
    let mut stream = StreamMapping::new(bus, store.clone(), "records", function, quick());
    for pk in ["a", "b", "c", "d"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "c", "d"]);
}

#[tokio::test]
async fn a_function_that_breaks_off_at_one_record_is_given_the_others() {
    let store = streaming_store(None).await;
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let function: OutboxFunction = Arc::new(move |event| {
        let notes = Arc::clone(&notes);
        async move {
            let keys: Vec<String> = event
                .records
                .into_iter()
                .map(|record| record.change.keys.try_into_keys()["pk"].clone())
                .collect();
            assert!(!keys.contains(&"bad".to_owned()), "on purpose");
            notes.lock().unwrap().extend(keys);
            Ok(DynamoDbEventResponse::default())
        }
        .boxed()
    });
    let mut stream = StreamMapping::new(bus, store.clone(), "records", function, quick());
    for pk in ["a", "b", "bad", "c", "d", "e"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_bus_that_is_woken_carries_at_once() {
    let store = streaming_store(None).await;
    let bus = Bus::in_memory(Clock::system()).unwrap();
    let topic = bus.clone();
    let delivered = Arc::new(tokio::sync::Notify::new());
    let tell = Arc::clone(&delivered);
    let tasks = bus.start(Handlers {
        booking: store.clone(),
        booking_table: "records".to_owned(),
        airmiles: store.clone(),
        outbox: Arc::new(move |event| {
            let topic = topic.clone();
            async move {
                for record in event.records {
                    let id = record.change.keys.try_into_keys()["pk"].clone();
                    topic.publish(message(&id), 0).await.map_err(|error| error.to_string())?;
                }
                Ok(DynamoDbEventResponse::default())
            }
            .boxed()
        }),
        sweep: Arc::new(|| async { Ok(0) }.boxed()),
        consumer: function(move |_| {
            tell.notify_one();
            Ok(SqsBatchResponse::default())
        }),
        redelivery: quick(),
    });
    // Both rest by now; a poll would come a second after the last.
    tokio::time::sleep(Duration::from_millis(100)).await;
    put(&store, "K7QZ4M-1").await;
    bus.wake();
    tokio::time::timeout(Duration::from_millis(700), delivered.notified()).await.expect("sooner than a poll");
    tasks.stop().await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered, "a step under way is finished");
}
