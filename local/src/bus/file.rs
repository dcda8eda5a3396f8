//! The file behind topic, queue and checkpoint. It alone knows the tables' columns.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use api_types::UtcInstant;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::event_way::request_id_of;
use super::{BusError, EventState, EventWay};

/// Marks a SQLite file as ours: `Tern` in ASCII.
pub const APPLICATION_ID: i32 = 0x5465_726e;

/// So many delivered events keep their way for `GET /local/events`; older ones are forgotten.
const WAYS_KEPT: i64 = 10_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS checkpoint (
        stream TEXT PRIMARY KEY,
        sequence_number TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS message (
        message_id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        body TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt TEXT,
        dead INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS message_by_visibility ON message (dead, visible_at);
    CREATE TABLE IF NOT EXISTS event_way (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        event_type TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        published_at INTEGER NOT NULL,
        delivered_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT,
        request_id TEXT
    ) STRICT;
";

/// A file from before requests were named has no place for their names.
const HAS_REQUEST_ID: &str = "SELECT count(*) FROM pragma_table_info('event_way') WHERE name = 'request_id'";

/// An event on its way into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The event's id.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// What it is about.
    pub subject: String,
    /// The event, as JSON.
    pub body: String,
}

/// A message given to the consumer, until it is acknowledged, deferred or buried with its receipt.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) message_id: i64,
    pub(super) receipt: String,
    pub(super) event_id: String,
    pub(super) body: String,
    pub(super) sent_at_ms: i64,
    /// How often it has been given out, this time included.
    pub(super) receive_count: u32,
}

/// The file, shared by the tasks of the bus; one operation at a time.
#[derive(Clone)]
pub(super) struct BusFile(Arc<Mutex<Operations>>);

/// What can be done with the file. Each is one transaction, and on the disk when it returns.
pub(super) struct Operations(Connection);

impl BusFile {
    pub(super) fn open(path: &Path) -> Result<Self, BusError> {
        Self::prepare(Connection::open(path)?)
    }

    pub(super) fn in_memory() -> Result<Self, BusError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Self, BusError> {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: the outbox item is deleted once its message is here, so the message must not be lost to a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        if connection.query_row(HAS_REQUEST_ID, [], |row| row.get::<_, i64>(0))? == 0 {
            connection.execute_batch("ALTER TABLE event_way ADD COLUMN request_id TEXT")?;
        }
        let mut operations = Operations(connection);
        operations.deliver_interrupted_again()?;
        operations.redrive_dead_letters()?;
        Ok(Self(Arc::new(Mutex::new(operations))))
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
        Ok(done.await.map_err(|_| BusError::BrokenOff)??)
    }
}

impl Operations {
    /// What a process held when it died is visible again. It is not counted as an attempt: that the process was
    /// killed says nothing about the message.
    fn deliver_interrupted_again(&mut self) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE event_way SET attempts = max(attempts - 1, 0) WHERE delivered_at IS NULL
             AND event_id IN (SELECT event_id FROM message WHERE receipt IS NOT NULL AND dead = 0)",
            [],
        )?;
        transaction.execute(
            "UPDATE message SET visible_at = sent_at, receive_count = max(receive_count - 1, 0), receipt = NULL
             WHERE receipt IS NOT NULL AND dead = 0",
            [],
        )?;
        transaction.commit()
    }

    /// What lay aside is tried again from the beginning: whoever starts us anew may have mended the cause. In AWS
    /// this is the dead-letter queue's redrive.
    fn redrive_dead_letters(&mut self) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE event_way SET state = ?1 WHERE delivered_at IS NULL
             AND event_id IN (SELECT event_id FROM message WHERE dead = 1)",
            [EventState::Retrying.as_str()],
        )?;
        transaction.execute(
            "UPDATE message SET dead = 0, visible_at = sent_at, receive_count = 0 WHERE dead = 1",
            [],
        )?;
        transaction.commit()
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

    pub(super) fn publish(&mut self, message: &Message, now_ms: i64, delay_ms: i64) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "INSERT INTO message (event_id, body, sent_at, visible_at) VALUES (?1, ?2, ?3, ?4)",
            params![message.event_id, message.body, now_ms, now_ms.saturating_add(delay_ms)],
        )?;
        // A repeat goes into the queue again, for nobody knows what became of the first; its way began with the first.
        transaction.execute(
            "INSERT INTO event_way (event_id, event_type, subject, state, published_at, request_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (event_id) DO NOTHING",
            params![
                message.event_id,
                message.event_type,
                message.subject,
                EventState::Published.as_str(),
                now_ms,
                request_id_of(&message.body)
            ],
        )?;
        transaction.commit()
    }

    /// Up to `at_most` messages that are visible, oldest first; invisible to others for `visibility_ms`.
    pub(super) fn receive(
        &mut self,
        now_ms: i64,
        visibility_ms: i64,
        at_most: u32,
    ) -> rusqlite::Result<Vec<Delivery>> {
        let transaction = self.0.transaction()?;
        let deliveries = visible(&transaction, now_ms, at_most)?;
        for delivery in &deliveries {
            transaction.execute(
                "UPDATE message SET receive_count = ?2, receipt = ?3, visible_at = ?4 WHERE message_id = ?1",
                params![
                    delivery.message_id,
                    delivery.receive_count,
                    delivery.receipt,
                    now_ms.saturating_add(visibility_ms)
                ],
            )?;
            transaction.execute(
                "UPDATE event_way SET attempts = attempts + 1 WHERE event_id = ?1",
                [&delivery.event_id],
            )?;
        }
        if !deliveries.is_empty() {
            transaction.commit()?;
        }
        Ok(deliveries)
    }

    /// The consumer has it: it goes. A receipt that is no longer the last one is ignored.
    pub(super) fn acknowledge(&mut self, delivery: &Delivery, now_ms: i64) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        let gone = transaction.execute(
            "DELETE FROM message WHERE message_id = ?1 AND receipt = ?2",
            params![delivery.message_id, delivery.receipt],
        )?;
        if gone > 0 {
            transaction.execute(
                "UPDATE event_way SET state = ?2, delivered_at = coalesce(delivered_at, ?3) WHERE event_id = ?1",
                params![delivery.event_id, EventState::Delivered.as_str(), now_ms],
            )?;
            transaction.execute(
                "DELETE FROM event_way WHERE state = ?1
                 AND position <= (SELECT max(position) FROM event_way) - ?2",
                params![EventState::Delivered.as_str(), WAYS_KEPT],
            )?;
        }
        transaction.commit()
    }

    /// The consumer failed: it comes again at `visible_at_ms`.
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

    /// The consumer failed too often: it lies aside until somebody looks.
    pub(super) fn bury(&mut self, delivery: &Delivery, error: &str) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute(
            "UPDATE message SET dead = 1, receipt = NULL WHERE message_id = ?1 AND receipt = ?2",
            params![delivery.message_id, delivery.receipt],
        )?;
        note_failure(&transaction, delivery, EventState::DeadLettered, error)?;
        transaction.commit()
    }

    /// When the next message becomes visible, in epoch milliseconds.
    pub(super) fn next_visible_ms(&mut self) -> rusqlite::Result<Option<i64>> {
        self.0.query_row("SELECT min(visible_at) FROM message WHERE dead = 0", [], |row| row.get(0))
    }

    pub(super) fn waiting(&mut self) -> rusqlite::Result<u64> {
        self.0.query_row("SELECT count(*) FROM message WHERE dead = 0", [], |row| row.get(0))
    }

    pub(super) fn events(&mut self, limit: u32) -> rusqlite::Result<Vec<EventWay>> {
        let mut statement = self.0.prepare_cached(
            "SELECT event_id, event_type, subject, state, published_at, delivered_at, attempts, last_error, request_id
             FROM event_way ORDER BY position DESC LIMIT ?1",
        )?;
        let ways = statement.query_map([limit], |row| {
            let state: String = row.get(3)?;
            Ok(EventWay {
                id: row.get(0)?,
                event_type: row.get(1)?,
                subject: row.get(2)?,
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

fn visible(transaction: &Transaction, now_ms: i64, at_most: u32) -> rusqlite::Result<Vec<Delivery>> {
    let mut statement = transaction.prepare_cached(
        "SELECT message_id, event_id, body, sent_at, receive_count + 1 FROM message
         WHERE dead = 0 AND visible_at <= ?1 ORDER BY visible_at, message_id LIMIT ?2",
    )?;
    let deliveries = statement.query_map(params![now_ms, at_most], |row| {
        let (message_id, receive_count): (i64, u32) = (row.get(0)?, row.get(4)?);
        Ok(Delivery {
            message_id,
            receipt: format!("{message_id}-{receive_count}"),
            event_id: row.get(1)?,
            body: row.get(2)?,
            sent_at_ms: row.get(3)?,
            receive_count,
        })
    })?;
    deliveries.collect()
}

/// An event that was delivered once stays delivered, whatever becomes of a repeat.
fn note_failure(
    transaction: &Transaction,
    delivery: &Delivery,
    state: EventState,
    error: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE event_way SET last_error = ?3, state = CASE WHEN delivered_at IS NULL THEN ?2 ELSE state END
         WHERE event_id = ?1",
        params![delivery.event_id, state.as_str(), error],
    )?;
    Ok(())
}
