use embedded_dynamo::{EmbeddedDynamo, StreamRecord};
use serde_json::{Value, json};
use service_kit::service::Function;

use super::calling::{call, failed_of, reported};
use super::{Bus, BusError};

/// How many records are read at once.
const READ: usize = 500;
/// How many of them go into one invocation, as long as none fails.
const BATCH: usize = 100;

/// Gives the records of a table's stream to a function, in order, with a durable checkpoint.
///
/// Like the mapping in AWS it filters for new items whose partition key has a prefix.
pub struct StreamMapping {
    bus: Bus,
    store: EmbeddedDynamo,
    source: StreamSource,
    function: Function,
    /// How far the stream was read: `None` before the checkpoint was looked up.
    position: Option<Position>,
    /// How often the first record of the rest has failed.
    failures: u32,
    /// Halved when a whole batch fails, so that one bad record is soon alone.
    batch: usize,
}

/// A table's stream, and the records of it that a function gets.
#[derive(Clone, Debug)]
pub struct StreamSource {
    /// The name under which the checkpoint is kept.
    pub checkpoint: String,
    pub table: String,
    pub partition: String,
    /// The beginning of the partition key of each record that passes.
    pub prefix: String,
}

/// Up to which record the stream is done; `None`: from its beginning.
type Position = Option<String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamStep {
    /// Everything in the stream is done.
    Idle,
    /// There may be more.
    Advanced,
    /// The function failed: wait so long (in milliseconds) before the next step.
    Retry(i64),
}

impl StreamMapping {
    /// The mapping of `source` in `store` to `function`.
    #[must_use]
    pub fn new(bus: Bus, store: EmbeddedDynamo, source: StreamSource, function: Function) -> Self {
        Self { bus, store, source, function, position: None, failures: 0, batch: BATCH }
    }

    /// Gives the next batch to the function and moves on by its reply.
    ///
    /// # Errors
    /// When stream or checkpoint can't be read or written. Nothing is lost: the next step reads the same again.
    pub async fn step(&mut self) -> Result<StreamStep, BusError> {
        let position = match &self.position {
            Some(position) => position.clone(),
            None => {
                let checkpoint = self.source.checkpoint.clone();
                self.bus.0.file.run(move |file| file.checkpoint(&checkpoint)).await?
            }
        };
        let records = self.store.stream_records(&self.source.table, position.clone(), READ).await?;
        let Some(last_read) = records.last().map(|record| record.sequence_number.clone()) else {
            self.position = Some(position);
            return Ok(StreamStep::Idle);
        };
        let mut passed: Vec<StreamRecord> =
            records.into_iter().filter(|record| self.source.passes(record)).collect();
        if passed.is_empty() {
            // Not worth a write to the disk: reading it again after a kill costs nothing either.
            self.position = Some(Some(last_read));
            return Ok(StreamStep::Advanced);
        }
        // When the batch is done, so is everything up to here: past the last record read, unless the batch omits some.
        let whole = passed.len() <= self.batch;
        passed.truncate(self.batch);
        let (numbers, records): (Vec<String>, Vec<Value>) =
            passed.into_iter().map(|record| (record.sequence_number, record.json)).unzip();
        let end = match numbers.last() {
            Some(number) if !whole => number.clone(),
            _ => last_read,
        };
        match self.call(json!({ "Records": records }), &numbers).await {
            Ok(None) => {
                (self.failures, self.batch) = (0, BATCH);
                self.move_to(end).await?;
                Ok(StreamStep::Advanced)
            }
            Ok(Some(first_failed)) => self.retry_from(position, &numbers, first_failed, true).await,
            Err(error) => {
                tracing::warn!(
                    error,
                    records = numbers.len(),
                    stream = self.source.checkpoint,
                    "a stream's function failed"
                );
                self.batch = (numbers.len() / 2).max(1);
                let alone = numbers.len() == 1;
                self.retry_from(position, &numbers, 0, alone).await
            }
        }
    }

    /// Deletes the records that are done: they hold whole items and nothing reads them again.
    ///
    /// # Errors
    /// When the store can't be written. Trimming again is safe.
    pub(super) async fn trim(&self) -> Result<usize, BusError> {
        match &self.position {
            Some(Some(done)) => Ok(self.store.trim_stream(&self.source.table, done).await?),
            _ => Ok(0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.source.checkpoint
    }

    /// The index of the first record that failed; `None` when none did.
    async fn call(&self, payload: Value, numbers: &[String]) -> Result<Option<usize>, String> {
        let reply = call(&self.function, self.bus.0.redelivery.call_timeout, payload).await?;
        let sent: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let failed = failed_of(&sent, &reported(&reply));
        Ok(failed.first().and_then(|number| sent.iter().position(|sent| sent == number)))
    }

    /// Everything before the first failure is done; the failed record is tried again, and after too many attempts left
    /// to the schedule, so that it does not hold up the records behind it. `known`: the failed record is certain.
    async fn retry_from(
        &mut self,
        position: Position,
        numbers: &[String],
        first_failed: usize,
        known: bool,
    ) -> Result<StreamStep, BusError> {
        if first_failed > 0 {
            self.failures = 0;
            self.move_to(numbers[first_failed - 1].clone()).await?;
        } else {
            self.position = Some(position);
        }
        self.failures += 1;
        if known && self.failures >= self.bus.0.redelivery.stream_attempts {
            let sequence_number = &numbers[first_failed];
            let stream = &self.source.checkpoint;
            tracing::error!(
                sequence_number,
                stream,
                "a stream record is skipped; the sweep publishes its event"
            );
            self.failures = 0;
            self.move_to(sequence_number.clone()).await?;
            return Ok(StreamStep::Advanced);
        }
        Ok(StreamStep::Retry(self.bus.0.redelivery.wait_after_ms(self.failures)))
    }

    async fn move_to(&mut self, sequence_number: String) -> Result<(), BusError> {
        let (checkpoint, number) = (self.source.checkpoint.clone(), sequence_number.clone());
        self.bus.0.file.run(move |file| file.set_checkpoint(&checkpoint, &number)).await?;
        self.position = Some(Some(sequence_number));
        Ok(())
    }
}

impl StreamSource {
    fn passes(&self, record: &StreamRecord) -> bool {
        let key = || record.key(&self.partition);
        record.is_insert()
            && (self.prefix.is_empty() || key().is_some_and(|key| key.starts_with(&self.prefix)))
    }
}
