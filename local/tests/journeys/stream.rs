//! A table's stream on the bus: order, retries, and what a restart does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use embedded_dynamo::EmbeddedDynamo;
use local::bus::{Bus, EventState, Redelivery, StreamMapping, StreamSource, StreamStep, Wiring};
use rusqlite::Connection;
use service_kit::Clock;
use service_kit::service::{BoxError, Function};

use super::bus::{CONFIRMED, ManualClock, QUEUE, function, mapping, publish, subscription, way};

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

/// Steps until the stream is done, without the waits.
async fn drain(stream: &mut StreamMapping) {
    for _ in 0..200 {
        if stream.step().await.unwrap() == StreamStep::Idle {
            return;
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
        let bus = Bus::open(&bus_path, Clock::system(), vec![], Redelivery::default()).unwrap();
        let (function, noted) = noting(BTreeMap::new());
        let mut stream = StreamMapping::new(bus, store.clone(), source(), function);
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
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function);
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
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function);
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
    let mut stream = StreamMapping::new(bus, store.clone(), source(), function);
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
    let mut stream = StreamMapping::new(ManualClock::new().bus(), store.clone(), source, function);
    for pk in ["OUTBOX#1", "SEAT#1", "OUTBOX#2"] {
        put(&store, pk).await;
    }
    drain(&mut stream).await;
    assert_eq!(*noted.lock().unwrap(), ["OUTBOX#1", "OUTBOX#2"]);
}

/// The clock is tokio's, paused: it advances only when everything waits.
#[tokio::test(start_paused = true)]
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
        streams: vec![StreamMapping::new(bus.clone(), store.clone(), source(), publishes)],
        queues: vec![mapping(&bus, consumer)],
        ..Wiring::default()
    });
    tokio::time::sleep(Duration::from_millis(100)).await; // both wait for their next poll, a second after the last
    let written = tokio::time::Instant::now();
    put(&store, "K7QZ4M-1").await;
    bus.wake();
    delivered.notified().await;
    assert_eq!(written.elapsed(), Duration::ZERO, "it waited for a poll");
    tasks.stop().await;
    assert_eq!(way(&bus, "K7QZ4M-1").await.state, EventState::Delivered, "a step under way is finished");

    let kept = || -> i64 {
        let query =
            "SELECT count(*) FROM _stream_records WHERE new_image IS NOT NULL OR keys_json LIKE '%K7QZ4M%'";
        Connection::open(&path).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(kept(), 1);
    let (function, noted) = noting(BTreeMap::new());
    let streams = vec![StreamMapping::new(bus.clone(), store.clone(), source(), function)];
    let tasks = bus.start(Wiring { streams, ..Wiring::default() });
    tokio::time::sleep(Duration::from_millis(100)).await; // the stream is read and trimmed
    assert_eq!(kept(), 0, "the published item is still in the stream");
    tasks.stop().await;
    assert!(noted.lock().unwrap().is_empty(), "it isn't delivered again");
}
