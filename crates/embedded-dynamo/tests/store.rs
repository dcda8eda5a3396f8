//! The unmodified SDK on the embedded store: refusals, faults, durability, the stream.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put, ScalarAttributeType,
    StreamSpecification, StreamViewType, TransactWriteItem,
};
use embedded_dynamo::{EmbeddedDynamo, Fault};

const TABLE: &str = "records";

async fn create_table(client: &Client) {
    let definition =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let stream = StreamSpecification::builder().stream_enabled(true);
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(definition.build().unwrap())
        .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap())
        .stream_specification(stream.stream_view_type(StreamViewType::NewAndOldImages).build().unwrap())
        .send()
        .await
        .unwrap();
}

async fn store() -> EmbeddedDynamo {
    let store = EmbeddedDynamo::in_memory().unwrap();
    create_table(&store.client()).await;
    store
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Puts `pk` on condition that it is new, in a transaction.
async fn put(store: &EmbeddedDynamo, pk: &str, name: &str) -> Result<(), String> {
    let put = Put::builder().table_name(TABLE).item("pk", text(pk)).item("name", text(name));
    let put = put.condition_expression("attribute_not_exists(pk)").build().unwrap();
    let item = TransactWriteItem::builder().put(put).build();
    let sent = store.client().transact_write_items().transact_items(item).send().await;
    sent.map(drop).map_err(|error| match error.into_service_error() {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
            cancelled,
        ) => cancelled.cancellation_reasons()[0].code().unwrap_or_default().to_owned(),
        other => format!("{other:?}"),
    })
}

async fn names(store: &EmbeddedDynamo) -> usize {
    store.client().scan().table_name(TABLE).send().await.unwrap().items().len()
}

#[tokio::test]
async fn a_failed_condition_cancels_with_its_reason() {
    let store = store().await;
    assert_eq!(put(&store, "a", "Kenji").await, Ok(()));
    assert_eq!(put(&store, "a", "Kenji").await, Err("ConditionalCheckFailed".to_owned()));
    assert_eq!(names(&store).await, 1);
}

#[tokio::test]
async fn requests_are_refused_with_the_codes_that_dynamodb_uses() {
    let client = store().await.client();
    let unknown = client.get_item().table_name("elsewhere").key("pk", text("a")).send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("ResourceNotFoundException"));
    // Refused while the request is read, and while it is carried out.
    let short_name = client.get_item().table_name("x").key("pk", text("a")).send().await.unwrap_err();
    assert_eq!(short_name.code(), Some("ValidationException"));
    assert!(!short_name.message().unwrap_or_default().contains("VALIDATION"), "{short_name:?}");
    let empty = client.put_item().table_name(TABLE).item("pk", text("")).send().await.unwrap_err();
    assert_eq!(empty.code(), Some("ValidationException"));
    let unsupported = client.describe_limits().send().await.unwrap_err();
    assert_eq!(unsupported.raw_response().unwrap().status().as_u16(), 501);
}

#[tokio::test]
async fn the_nth_transaction_meets_an_injected_fault() {
    let store = store().await;
    store.inject(Fault::TransactionConflict, 2);
    assert_eq!(put(&store, "a", "Kenji").await, Ok(()));
    assert_eq!(put(&store, "b", "Noor").await, Err("TransactionConflict".to_owned()));
    assert_eq!(names(&store).await, 1, "a conflict writes nothing");
    store.inject(Fault::LostReply, 1);
    // It commits, the SDK sends it again under the same token, and gets the reply of the first.
    assert_eq!(put(&store, "c", "Sofia").await, Ok(()));
    assert_eq!((names(&store).await, store.faults_to_come()), (2, 0));
}

#[tokio::test]
async fn a_runtime_goes_on_while_the_store_is_locked() {
    let store = store().await;
    let (unlock, unlocked) = std::sync::mpsc::channel::<()>();
    let busy = tokio::spawn({
        let store = store.clone();
        async move { store.run(move |_| unlocked.recv()).await }
    });
    let waiting: Vec<_> = (0..600)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { put(&store, &n.to_string(), "Kenji").await })
        })
        .collect();
    // Blocking work of others still gets a thread at once.
    let other = tokio::time::timeout(Duration::from_secs(20), tokio::task::spawn_blocking(|| 7));
    assert_eq!(other.await.expect("a thread is free").unwrap(), 7);
    unlock.send(()).unwrap();
    busy.await.unwrap().unwrap().unwrap();
    for put in waiting {
        assert_eq!(put.await.unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn a_closed_store_refuses_and_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = EmbeddedDynamo::open(&path).unwrap();
    create_table(&store.client()).await;
    put(&store, "a", "Kenji").await.unwrap();
    store.close().await;
    assert!(store.run(|_| ()).await.is_err());
    assert_eq!(names(&EmbeddedDynamo::open(&path).unwrap()).await, 1);
}

/// Nothing tells a connection's `synchronous` from outside but what it does: where a disk may tear sectors (`psow=0`),
/// SQLite fills up the last sector of a commit that it is going to sync, and of no other.
#[tokio::test]
async fn every_commit_is_synced_to_the_write_ahead_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let uri = format!("file:{}?psow=0", path.display());
    let store = EmbeddedDynamo::open(Path::new(&uri)).unwrap();
    create_table(&store.client()).await;
    let log = folder.path().join("store.sqlite-wal");
    let mode: String = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    let growth = async |pk: &str| {
        let before = fs::metadata(&log).unwrap().len();
        put(&store, pk, "Kenji").await.unwrap();
        fs::metadata(&log).unwrap().len() - before
    };
    growth("0").await;
    let by_default = growth("1").await;
    store.database().disable_bulk_loading().unwrap(); // sets NORMAL: a commit is no longer synced
    growth("2").await;
    let unsynced = growth("3").await;
    assert!(by_default > unsynced, "a commit adds {by_default} bytes, {unsynced} without a sync");
}

#[tokio::test]
async fn trimmed_records_are_gone_and_later_ones_are_read_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = EmbeddedDynamo::open(&path).unwrap();
    create_table(&store.client()).await;
    let images = || -> Vec<String> {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let mut records =
            connection.prepare("SELECT keys_json || ifnull(new_image, '') FROM _stream_records").unwrap();
        records.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for pk in ["a", "b", "c"] {
        put(&store, pk, "Kenji").await.unwrap();
    }
    let records = store.stream_records(TABLE, None, 10).await.unwrap();
    store.trim_stream(TABLE, &records[1].sequence_number).await.unwrap();
    assert_eq!(images().len(), 1, "the third is not read yet");
    assert!(images()[0].contains("Kenji"), "{:?}", images());

    let done = records[2].sequence_number.clone();
    store.trim_stream(TABLE, &done).await.unwrap();
    assert_eq!(images(), ["{}"]);
    assert!(store.stream_records(TABLE, Some(done.clone()), 10).await.unwrap().is_empty());
    put(&store, "d", "Noor").await.unwrap();
    let after = store.stream_records(TABLE, Some(done), 10).await.unwrap();
    assert_eq!(after.len(), 1);
    assert!(after[0].is_insert());
    assert_eq!(after[0].key("pk"), Some("d"));
    assert_eq!(after[0].json["dynamodb"]["NewImage"]["name"]["S"], "Noor");
}

#[test]
fn the_last_stream_record_is_found_without_reading_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    for _ in 0..2 {
        EmbeddedDynamo::open(&path).unwrap(); // and again, with the index there
    }
    // What the emulator runs before it writes a record, and when the stream is read.
    for query in [
        "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = 'booking'",
        "SELECT keys_json FROM _stream_records WHERE table_name = 'booking' AND shard_id = 's'
         AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER)",
    ] {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let plan: String =
            connection.query_row(&format!("EXPLAIN QUERY PLAN {query}"), [], |row| row.get(3)).unwrap();
        assert!(plan.contains("INDEX tern_stream_order"), "{plan}");
    }
}
