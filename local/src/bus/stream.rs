use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use embedded_dynamo::EmbeddedDynamo;

use super::calling::{call, failed_of};
use super::{Bus, BusError, OutboxFunction, Redelivery};

/// How many records are read at once.
const READ: usize = 500;
/// How many of them go into one call, as long as none fails.
const BATCH: usize = 100;

/// Gives the records of a table's stream to the outbox function, in order, and remembers how far it came.
///
/// It filters as the mapping in AWS does, for INSERT: what changes or goes announces nothing.
pub struct StreamMapping {
    bus: Bus,
    store: EmbeddedDynamo,
    table: String,
    function: OutboxFunction,
    redelivery: Redelivery,
    /// How far the stream was read: `None` before the checkpoint was looked up.
    position: Option<Position>,
    /// How often the first record of the rest has failed.
    failures: u32,
    /// Halved when a whole batch fails, so that one bad record is soon alone.
    batch: usize,
}

/// Up to which record the stream is done; `None`: from its beginning.
type Position = Option<String>;

/// What a step did.
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
    /// The mapping of `table`'s stream in `store` to `function`.
    #[must_use]
    pub fn new(
        bus: Bus,
        store: EmbeddedDynamo,
        table: impl Into<String>,
        function: OutboxFunction,
        redelivery: Redelivery,
    ) -> Self {
        let table = table.into();
        Self { bus, store, table, function, redelivery, position: None, failures: 0, batch: BATCH }
    }

    /// Takes the next batch to the function and moves on by its answer.
    ///
    /// # Errors
    /// When stream or checkpoint can't be read or written. Nothing is lost: the next step reads the same again.
    pub async fn step(&mut self) -> Result<StreamStep, BusError> {
        let position = match &self.position {
            Some(position) => position.clone(),
            None => {
                let table = self.table.clone();
                self.bus.0.file.run(move |file| file.checkpoint(&table)).await?
            }
        };
        let records = self.read(position.clone()).await?;
        let Some(last_read) = records.last().map(sequence_number) else {
            self.position = Some(position);
            return Ok(StreamStep::Idle);
        };
        let mut announced: Vec<EventRecord> =
            records.into_iter().filter(|record| record.event_name == "INSERT").collect();
        if announced.is_empty() {
            // Not worth a write to the disk: reading it again after a kill costs nothing either.
            self.position = Some(Some(last_read));
            return Ok(StreamStep::Advanced);
        }
        // Up to here all is done when the batch is: past the last record read, unless the batch leaves some out.
        let whole = announced.len() <= self.batch;
        announced.truncate(self.batch);
        let numbers: Vec<String> = announced.iter().map(sequence_number).collect();
        let end = match numbers.last() {
            Some(number) if !whole => number.clone(),
            _ => last_read,
        };
        let mut event = StreamEvent::default();
        event.records = announced;
        match self.call(event, &numbers).await {
            Ok(None) => {
                (self.failures, self.batch) = (0, BATCH);
                self.move_to(end).await?;
                Ok(StreamStep::Advanced)
            }
            Ok(Some(first_failed)) => self.retry_from(position, &numbers, first_failed, true).await,
            Err(error) => {
                tracing::warn!(error, records = numbers.len(), "the outbox function failed");
                self.batch = (numbers.len() / 2).max(1);
                let alone = numbers.len() == 1;
                self.retry_from(position, &numbers, 0, alone).await
            }
        }
    }

    /// The index of the first record that failed; `None` when none did.
    async fn call(&self, event: StreamEvent, numbers: &[String]) -> Result<Option<usize>, String> {
        let response = call(self.redelivery.call_timeout, || (self.function)(event)).await?;
        let sent: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let reported = &response.batch_item_failures;
        let reported: Vec<&str> =
            reported.iter().map(|failure| failure.item_identifier.as_deref().unwrap_or_default()).collect();
        let failed = failed_of(&sent, &reported);
        Ok(failed.first().and_then(|number| sent.iter().position(|sent| sent == number)))
    }

    /// What lies before the first failure is done; the failed one is tried again, and after too many attempts left
    /// to the sweeper, so that it does not hold up the bookings behind it. `known`: it is sure which one failed.
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
        if known && self.failures >= self.redelivery.max_attempts {
            let sequence_number = &numbers[first_failed];
            tracing::error!(sequence_number, "an outbox record was given up; the sweeper publishes it");
            self.failures = 0;
            self.move_to(sequence_number.clone()).await?;
            return Ok(StreamStep::Advanced);
        }
        Ok(StreamStep::Retry(self.redelivery.wait_after_ms(self.failures)))
    }

    async fn move_to(&mut self, sequence_number: String) -> Result<(), BusError> {
        let (table, number) = (self.table.clone(), sequence_number.clone());
        self.bus.0.file.run(move |file| file.set_checkpoint(&table, &number)).await?;
        self.position = Some(Some(sequence_number));
        Ok(())
    }

    async fn read(&self, position: Position) -> Result<Vec<EventRecord>, BusError> {
        Ok(self.store.stream_records(&self.table, position, READ).await?)
    }
}

fn sequence_number(record: &EventRecord) -> String {
    record.change.sequence_number.clone().unwrap_or_default()
}
