//! The file of the bus. Only this module knows its tables' columns.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use api_types::UtcInstant;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use service_kit::events::outbox::OutboxMessage;

use super::event_way::request_id_of;
use super::{BusError, EventState, EventWay, Redelivery};

/// Marks a SQLite file as ours: `Tern` in ASCII.
pub const APPLICATION_ID: i32 = 0x5465_726e;

/// So many rows of delivered events are kept for `GET /local/events`.
const WAYS_KEPT: i64 = 10_000;

/// Raised when a file of an earlier version can no longer be read; SQLite's `user_version`.
const SCHEMA_VERSION: i32 = 1;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS checkpoint (
        stream TEXT PRIMARY KEY,
        sequence_number TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS message (
        message_id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        event_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt TEXT,
        dead INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, dead, visible_at);
    CREATE TABLE IF NOT EXISTS event_way (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        queue TEXT NOT NULL,
        event_type TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        published_at INTEGER NOT NULL,
        delivered_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT,
        request_id TEXT,
        UNIQUE (event_id, queue)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS event_way_by_subject ON event_way (subject);
";

/// Messages of the last run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// All of them.
    pub(super) waiting: u64,
    /// Those that were being handled when it ended.
    pub(super) interrupted: usize,
    /// Those that were dead letters.
    pub(super) dead_letters: u64,
}

/// Which events [`Bus::events`](super::Bus::events) gives.
#[derive(Clone, Debug)]
pub struct EventFilter {
    /// At most this many.
    pub limit: u32,
    /// Only those about this record locator.
    pub subject: Option<String>,
}

/// A message that a consumer received, until it is acknowledged, deferred or dead-lettered with its receipt.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) message_id: i64,
    pub(super) receipt: String,
    pub(super) queue: String,
    pub(super) event_id: String,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) sent_at_ms: i64,
    /// How often it was received, this time included.
    pub(super) receive_count: u32,
}

/// The file, shared by the tasks of the bus; one operation at a time.
#[derive(Clone)]
pub(super) struct BusFile(Arc<Mutex<Operations>>);

/// What can be done with the file. Each is one transaction, and on the disk when it returns.
pub(super) struct Operations(Connection);

impl BusFile {
    pub(super) fn open(path: &Path, now_ms: i64, redelivery: &Redelivery) -> Result<(Self, Left), BusError> {
        let file = Self::prepare(Connection::open(path)?)?;
        let left = {
            let mut operations = file.0.lock().unwrap_or_else(PoisonError::into_inner);
            // In this order: a message that ends the process stays a dead letter for the first hour.
            let dead_letters = operations.redrive(now_ms)?;
            let interrupted = operations.fail_interrupted(now_ms, redelivery)?;
            Left { waiting: operations.waiting()?, interrupted, dead_letters }
        };
        Ok((file, left))
    }

    pub(super) fn in_memory() -> Result<Self, BusError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Self, BusError> {
        let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if tables > 0 && version != SCHEMA_VERSION {
            return Err(BusError::OtherVersion);
        }
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: the outbox item is deleted once its message is here, so the message must not be lost to a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection
            .execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))?;
        Ok(Self(Arc::new(Mutex::new(Operations(connection)))))
    }

    /// Runs an operation where blocking is allowed: a commit waits for the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Operations) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, BusError> {
        let file = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            operation(&mut file.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Ok(done.await.map_err(|_| BusError::Interrupted)??)
    }
}

impl Operations {
    /// Messages that a process was handling when it ended have failed: each of them may be what ended it.
    fn fail_interrupted(&mut self, now_ms: i64, redelivery: &Redelivery) -> rusqlite::Result<usize> {
        const ERROR: &str = "the process ended while the message was being handled";
        let interrupted = {
            let of_all =
                format!("SELECT {DELIVERY}, visible_at FROM message WHERE receipt IS NOT NULL AND dead = 0");
            let mut statement = self.0.prepare(&of_all)?;
            let rows =
                statement.query_map([], |row| Ok((delivery(row)?, row.get::<_, i64>("visible_at")?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()?
        };
        for (delivery, visible_at_ms) in &interrupted {
            // Its age when it was received: the time for which the laptop was off doesn't count.
            let age_ms = visible_at_ms - redelivery.visibility_ms() - delivery.sent_at_ms;
            if age_ms >= redelivery.give_up_after_ms() {
                self.dead_letter(delivery, ERROR)?;
            } else {
                let wait_ms = redelivery.wait_after_ms(delivery.receive_count);
                self.defer(delivery, now_ms.saturating_add(wait_ms), ERROR)?;
            }
        }
        Ok(interrupted.len())
    }

    /// Makes dead letters visible: each gets one more attempt, since its age doesn't change.
    pub(super) fn redrive(&mut self, now_ms: i64) -> rusqlite::Result<u64> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE event_way SET state = ?1 WHERE delivered_at IS NULL
             AND (event_id, queue) IN (SELECT event_id, queue FROM message WHERE dead = 1)",
            [EventState::Retrying.as_str()],
        )?;
        let redriven =
            transaction.execute("UPDATE message SET dead = 0, visible_at = ?1 WHERE dead = 1", [now_ms])?;
        transaction.commit()?;
        Ok(redriven as u64)
    }

    pub(super) fn checkpoint(&mut self, stream: &str) -> rusqlite::Result<Option<String>> {
        self.0
            .query_row("SELECT sequence_number FROM checkpoint WHERE stream = ?1", [stream], |row| row.get(0))
            .optional()
    }

    pub(super) fn set_checkpoint(&mut self, stream: &str, sequence_number: &str) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT INTO checkpoint (stream, sequence_number) VALUES (?1, ?2)
             ON CONFLICT (stream) DO UPDATE SET sequence_number = excluded.sequence_number",
            [stream, sequence_number],
        )?;
        Ok(())
    }

    pub(super) fn publish(
        &mut self,
        queues: &[String],
        message: &OutboxMessage,
        now_ms: i64,
        delay_ms: i64,
    ) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        let OutboxMessage { id: event_id, event_type, subject, body, source: _ } = message;
        for queue in queues {
            transaction.execute(
                "INSERT INTO message (queue, event_id, subject, body, sent_at, visible_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![queue, event_id, subject, body, now_ms, now_ms.saturating_add(delay_ms)],
            )?;
            // A repetition goes into the queue again, since the first may be lost; its row began with the first.
            transaction.execute(
                "INSERT INTO event_way (event_id, queue, event_type, subject, state, published_at, request_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event_id, queue) DO NOTHING",
                params![
                    event_id,
                    queue,
                    event_type,
                    subject,
                    EventState::Published.as_str(),
                    now_ms,
                    request_id_of(body)
                ],
            )?;
        }
        transaction.commit()
    }

    /// Up to `at_most` visible messages of `queue`, oldest first; invisible to others for `visibility_ms`.
    pub(super) fn receive(
        &mut self,
        queue: &str,
        now_ms: i64,
        visibility_ms: i64,
        at_most: u32,
    ) -> rusqlite::Result<Vec<Delivery>> {
        let transaction = self.0.transaction()?;
        let mut deliveries = {
            let mut statement = transaction.prepare_cached(&format!(
                "UPDATE message SET receive_count = receive_count + 1, visible_at = ?3,
                 receipt = message_id || '-' || (receive_count + 1) WHERE message_id IN (SELECT message_id FROM message
                 WHERE queue = ?1 AND dead = 0 AND visible_at <= ?2 ORDER BY visible_at, message_id LIMIT ?4)
                 RETURNING {DELIVERY}"
            ))?;
            let invisible_until_ms = now_ms.saturating_add(visibility_ms);
            let rows = statement.query_map(params![queue, now_ms, invisible_until_ms, at_most], delivery)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()?
        };
        deliveries.sort_by_key(|delivery| delivery.message_id);
        for delivery in &deliveries {
            transaction.execute(
                "UPDATE event_way SET attempts = attempts + 1 WHERE event_id = ?1 AND queue = ?2",
                [&delivery.event_id, &delivery.queue],
            )?;
        }
        transaction.commit()?;
        Ok(deliveries)
    }

    /// Deletes an acknowledged message. A receipt that is not the latest is ignored.
    pub(super) fn acknowledge(&mut self, delivery: &Delivery, now_ms: i64) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        let gone = transaction.execute(
            "DELETE FROM message WHERE message_id = ?1 AND receipt = ?2",
            params![delivery.message_id, delivery.receipt],
        )?;
        if gone > 0 {
            transaction.execute(
                "UPDATE event_way SET state = ?3, delivered_at = coalesce(delivered_at, ?4)
                 WHERE event_id = ?1 AND queue = ?2",
                params![delivery.event_id, delivery.queue, EventState::Delivered.as_str(), now_ms],
            )?;
            transaction.execute(
                "DELETE FROM event_way WHERE state = ?1
                 AND position <= (SELECT max(position) FROM event_way) - ?2",
                params![EventState::Delivered.as_str(), WAYS_KEPT],
            )?;
        }
        transaction.commit()
    }

    /// The consumer failed: the message is visible again at `visible_at_ms`.
    pub(super) fn defer(
        &mut self,
        delivery: &Delivery,
        visible_at_ms: i64,
        error: &str,
    ) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE message SET visible_at = ?3, receipt = NULL WHERE message_id = ?1 AND receipt = ?2",
            params![delivery.message_id, delivery.receipt, visible_at_ms],
        )?;
        note_failure(&transaction, delivery, EventState::Retrying, error)?;
        transaction.commit()
    }

    /// The consumer failed for too long: the message waits for a redrive.
    pub(super) fn dead_letter(&mut self, delivery: &Delivery, error: &str) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE message SET dead = 1, receipt = NULL WHERE message_id = ?1 AND receipt = ?2",
            params![delivery.message_id, delivery.receipt],
        )?;
        note_failure(&transaction, delivery, EventState::DeadLettered, error)?;
        transaction.commit()
    }

    /// When the next message of `queue` becomes visible, in epoch milliseconds.
    pub(super) fn next_visible_ms(&mut self, queue: &str) -> rusqlite::Result<Option<i64>> {
        let query = "SELECT min(visible_at) FROM message WHERE queue = ?1 AND dead = 0";
        self.0.query_row(query, [queue], |row| row.get(0))
    }

    pub(super) fn waiting(&mut self) -> rusqlite::Result<u64> {
        self.0.query_row("SELECT count(*) FROM message WHERE dead = 0", [], |row| row.get(0))
    }

    pub(super) fn events(&mut self, filter: &EventFilter) -> rusqlite::Result<Vec<EventWay>> {
        let mut statement = self.0.prepare_cached(
            "SELECT event_id, event_type, subject, state, published_at, delivered_at, attempts, last_error, request_id,
             queue FROM event_way WHERE ?2 IS NULL OR subject = ?2 ORDER BY position DESC LIMIT ?1",
        )?;
        let ways = statement.query_map(params![filter.limit, filter.subject], |row| {
            let state: String = row.get(3)?;
            Ok(EventWay {
                id: row.get(0)?,
                event_type: row.get(1)?,
                subject: row.get(2)?,
                queue: row.get(9)?,
                state: EventState::parse(&state).ok_or(rusqlite::Error::InvalidQuery)?,
                published_at: UtcInstant::from_epoch_ms(row.get(4)?),
                delivered_at: row.get::<_, Option<i64>>(5)?.map(UtcInstant::from_epoch_ms),
                attempts: row.get(6)?,
                last_error: row.get(7)?,
                request_id: row.get(8)?,
            })
        })?;
        ways.collect()
    }
}

/// The columns of a [`Delivery`].
const DELIVERY: &str = "message_id, receipt, queue, event_id, subject, body, sent_at, receive_count";

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        message_id: row.get("message_id")?,
        receipt: row.get::<_, Option<_>>("receipt")?.unwrap_or_default(),
        queue: row.get("queue")?,
        event_id: row.get("event_id")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
        sent_at_ms: row.get("sent_at")?,
        receive_count: row.get("receive_count")?,
    })
}

/// An event that was delivered once stays delivered, also when a repetition of it fails.
fn note_failure(
    transaction: &Transaction,
    delivery: &Delivery,
    state: EventState,
    error: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE event_way SET last_error = ?4, state = CASE WHEN delivered_at IS NULL THEN ?3 ELSE state END
         WHERE event_id = ?1 AND queue = ?2",
        params![delivery.event_id, delivery.queue, state.as_str(), error],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commit_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = BusFile::open(&folder.path().join("bus.sqlite"), 0, &Redelivery::default()).unwrap();
        let operations = file.0.lock().unwrap();
        let pragma =
            |name| operations.0.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("synchronous").unwrap(), rusqlite::types::Value::Integer(2), "FULL");
        assert_eq!(pragma("journal_mode").unwrap(), rusqlite::types::Value::Text("wal".to_owned()));
    }
}
