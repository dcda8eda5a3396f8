use std::path::Path;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::{GetShardIteratorRequest, decode_shard_iterator};
use dynoxide::streams;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use crate::{EmbeddedDynamo, StoreError};

/// A record of a table's stream.
#[derive(Clone, Debug)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub sequence_number: String,
    /// The record as a Lambda receives it.
    pub json: Value,
}

impl StreamRecord {
    fn new(record: &Record) -> serde_json::Result<Self> {
        let sequence_number = record.dynamodb.sequence_number.clone();
        Ok(Self { sequence_number, json: serde_json::to_value(record)? })
    }

    /// Whether it records a new item; others record a change or a removal.
    #[must_use]
    pub fn is_insert(&self) -> bool {
        self.json["eventName"] == "INSERT"
    }

    /// The value of the key attribute `name`, if that is text.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&str> {
        self.json["dynamodb"]["Keys"][name]["S"].as_str()
    }
}

impl EmbeddedDynamo {
    /// Up to `limit` records of `table`'s stream after sequence number `after` (`None`: from the oldest), in order, as
    /// a Lambda gets them.
    pub async fn stream_records(
        &self,
        table: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<StreamRecord>, StoreError> {
        let table = table.to_owned();
        let records = self.run(move |database| read(database, &table, after, limit)).await??;
        Ok(records.iter().map(StreamRecord::new).collect::<Result<_, _>>()?)
    }

    /// Deletes the records of `table`'s stream up to sequence number `up_to`: they hold whole items, personal data
    /// included, and the emulator would keep them for ever. DynamoDB deletes them after 24 hours.
    ///
    /// The last record stays, without its item: the emulator numbers the next record after it. A store in memory is
    /// left as it is.
    ///
    /// # Errors
    /// When the file can't be written. Trimming again is safe.
    pub async fn trim_stream(&self, table: &str, up_to: &str) -> Result<usize, StoreError> {
        let (table, up_to) = (table.to_owned(), up_to.to_owned());
        // All turns: a second connection that writes in the middle of the emulator's transaction would break it.
        let trimmed = self.run_with(crate::PARALLEL, move |inner| {
            let Some(path) = &inner.path else { return Ok(0) };
            let iterator = iterator(&inner.database, &table, Some(up_to))?;
            let position = decode_shard_iterator(&iterator).map_or(0, |(_, _, position)| position);
            Ok::<_, StoreError>(trim(path, &table, position)?)
        });
        trimmed.await?
    }
}

fn read(
    database: &Database,
    table: &str,
    after: Option<String>,
    limit: usize,
) -> dynoxide::errors::Result<Vec<Record>> {
    let shard_iterator = iterator(database, table, after)?;
    Ok(database.get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })?.records)
}

fn iterator(database: &Database, table: &str, after: Option<String>) -> dynoxide::errors::Result<String> {
    let iterator_type = if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
    let iterator = database.get_shard_iterator(GetShardIteratorRequest {
        stream_arn: streams::stream_arn(table, "current"), // only the table's name is read from it
        shard_id: streams::shard_id(table),
        shard_iterator_type: iterator_type.to_owned(),
        sequence_number: after,
    })?;
    Ok(iterator.shard_iterator.unwrap_or_default())
}

/// `up_to` is a number as the emulator stores it, which is not the one that it gives out.
fn trim(path: &Path, table: &str, up_to: i64) -> rusqlite::Result<usize> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "secure_delete", true)?; // zeros, not free pages with names in them
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let deleted = transaction.execute(
        "DELETE FROM _stream_records
         WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2
         AND CAST(sequence_number AS INTEGER) <
             (SELECT max(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1)",
        params![table, up_to],
    )?;
    let emptied = transaction.execute(
        "UPDATE _stream_records SET keys_json = '{}', new_image = NULL, old_image = NULL
         WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2 AND keys_json <> '{}'",
        params![table, up_to],
    )?;
    transaction.commit()?;
    Ok(deleted + emptied)
}

/// Lets the emulator find a stream's last record without reading all of them, which it does at every write: without
/// this index each booking is slower than the one before (docs/decisions/0041).
pub(crate) fn create_index(path: &Path) -> rusqlite::Result<()> {
    Connection::open(path)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS tern_stream_order
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )
}
