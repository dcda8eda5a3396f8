//! Publishes what a service's transactions left in its outbox, from the table's stream and by a scheduled sweep.
//!
//! An event is published at least once: a crash between publishing and acknowledging publishes it again, with the
//! same id.

mod items;
mod publisher;

use std::error::Error;

use api_types::{RecordLocator, UtcInstant};
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::Client;
use serde::Deserialize;
use serde_json::Value;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

pub use items::{Items, NoEvent, Position, SHARDS, Unpublished, item};
pub use publisher::{OutboxMessage, PublishError, Publisher, SnsPublisher};

use super::catch_panic;
use crate::Clock;
use crate::metrics::{self, Metric, millis_since};
use crate::store::StoreError;
use crate::trace::{Origin, TraceParent};

/// Events that were published; each repetition counts.
pub const PUBLISHED: Metric = Metric::count("Published");

/// Published events that a sweep found, because the stream had not published them.
pub const SWEPT: Metric = Metric::count("Swept");

/// Attempts to publish that failed; the event stays in the outbox.
pub const UNPUBLISHED: Metric = Metric::count("Unpublished");

/// The time from the commit of an event until it is published.
pub const OUTBOX_LAG: Metric = Metric::millis("OutboxLag");

/// Age at which a sweep publishes an event; the stream normally takes well under a second.
///
/// Source: docs/decisions/0021, "The sweep".
const SWEPT_AFTER_SECS: i64 = 60;

/// The outbox of a service.
#[derive(Clone, Debug)]
pub struct Outbox<P> {
    function: &'static str,
    publisher: P,
    items: Items,
    clock: Clock,
}

/// The result of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events that were published.
    pub published: usize,
    /// Events that could not be published; they stay in the outbox.
    pub failed: usize,
}

/// Why an invocation of the outbox function failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The payload is neither a batch of the table's stream nor a scheduled event.
    #[error("expected records of a DynamoDB stream or a scheduled event")]
    Unknown,
    /// The batch can't be read.
    #[error("the stream's batch can't be read")]
    Batch(#[from] serde_json::Error),
    /// The outbox can't be read.
    #[error(transparent)]
    Outbox(#[from] StoreError),
    /// Some events could not be published; the next sweep retries them.
    #[error("{failed} events stay in the outbox, {published} were published")]
    Left {
        /// Events that could not be published.
        failed: usize,
        /// Events that were published.
        published: usize,
    },
}

/// Why an event was not published.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error(transparent)]
    NoEvent(#[from] NoEvent),
    #[error("the event in the outbox can't be read")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("publishing panicked")]
    Panic,
}

/// The part of an event's envelope that publishing needs.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    source: String,
    subject: String,
    time: UtcInstant,
    traceparent: Option<String>,
}

impl<P: Publisher> Outbox<P> {
    /// The outbox in `table`, which the Lambda function `function` publishes with `publisher`.
    #[must_use]
    pub fn new(
        function: &'static str,
        publisher: P,
        dynamodb: Client,
        table: impl Into<String>,
        clock: Clock,
    ) -> Self {
        Self { function, publisher, items: Items::new(dynamodb, table), clock }
    }

    /// Handles an invocation: publishes a batch of the table's stream, or sweeps on schedule.
    ///
    /// # Errors
    /// See [`InvocationError`]; Lambda counts it and retries.
    pub async fn invoke(&self, payload: Value) -> Result<Value, InvocationError> {
        if payload.get("Records").is_some() {
            let event: Event = serde_json::from_value(payload)?;
            return Ok(serde_json::to_value(self.handle(event).await)?);
        }
        if payload.get("detail-type").and_then(Value::as_str) != Some("Scheduled Event") {
            return Err(InvocationError::Unknown);
        }
        let Swept { published, failed } = self.sweep(self.clock.now().plus_secs(-SWEPT_AFTER_SECS)).await?;
        if failed > 0 {
            return Err(InvocationError::Left { failed, published });
        }
        Ok(serde_json::json!({ "published": published }))
    }

    /// Publishes the new outbox items among the records of the table's stream, in their order.
    ///
    /// Stops at the first failure and names it, so that the stream redelivers it and everything after it. A record
    /// that will never succeed is named as well: the event source's retry limit sends it to the failure
    /// destination, and its item stays in the outbox.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        for record in event.records {
            if self.handle_record(&record).await.is_ok() {
                continue;
            }
            let mut failure = DynamoDbBatchItemFailure::default();
            // Without a number the whole batch is redelivered, which is safe.
            failure.item_identifier = Some(record.change.sequence_number.unwrap_or_default());
            response.batch_item_failures.push(failure);
            break;
        }
        response
    }

    /// Publishes what was committed before `before` and never acknowledged: events that the stream lost or gave up.
    ///
    /// # Errors
    /// When the outbox can't be read. Events that can't be published are counted, so that they don't hold up others.
    pub async fn sweep(&self, before: UtcInstant) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for shard in 0..SHARDS {
            let mut after = None;
            loop {
                let (waiting, next) = self.items.unpublished(shard, before, after).await?;
                for item in waiting {
                    match self.publish(item, true).await {
                        Ok(()) => swept.published += 1,
                        Err(NotPublished) => swept.failed += 1,
                    }
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn handle_record(&self, record: &EventRecord) -> Result<(), NotPublished> {
        // Removals and changes announce nothing: a removal is our own acknowledgement.
        if record.event_name != "INSERT" {
            return Ok(());
        }
        match Unpublished::of_stream(&record.change.new_image) {
            Some(item) => self.publish(item, false).await,
            None => Ok(()),
        }
    }

    /// Publishes the event of an outbox item, in a span on the event's own trace.
    async fn publish(&self, item: Result<Unpublished, NoEvent>, swept: bool) -> Result<(), NotPublished> {
        let read = item.map_err(RecordError::from).and_then(|unpublished| {
            let envelope: Envelope = serde_json::from_str(&unpublished.event)?;
            Ok((unpublished, envelope))
        });
        let (unpublished, envelope) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "an event stays in the outbox");
                return Err(NotPublished);
            }
        };
        let commit = envelope.traceparent.as_deref().and_then(TraceParent::parse);
        let trace = commit.map_or_else(|| Origin::nobody().caller, |commit| commit.published(&envelope.id));
        let span = info_span!(
            "publish",
            function = self.function,
            traceparent = %trace,
            parent_id = commit.map(|commit| display(commit.span_id())),
            event_id = envelope.id,
            // Of our own events only: another subject could be a person's.
            record_locator = envelope.subject.parse::<RecordLocator>().ok().map(display),
            swept,
            error = Empty,
            outcome = Empty,
            otel.status_code = Empty,
        );
        self.publish_event(&unpublished, &envelope, swept).instrument(span).await
    }

    /// Publishes an event and records the result in the current span.
    async fn publish_event(
        &self,
        unpublished: &Unpublished,
        envelope: &Envelope,
        swept: bool,
    ) -> Result<(), NotPublished> {
        let published = catch_panic(self.announce(unpublished, envelope)).await;
        let span = Span::current();
        match published.unwrap_or(Err(RecordError::Panic)) {
            Ok(()) => {
                metrics::count(PUBLISHED);
                if swept {
                    metrics::count(SWEPT);
                }
                span.record("outcome", "published");
                Ok(())
            }
            Err(error) => {
                metrics::count(UNPUBLISHED);
                span.record("error", &error as &dyn Error).record("otel.status_code", "ERROR");
                span.record("outcome", "an event stays in the outbox");
                Err(NotPublished)
            }
        }
    }

    async fn announce(&self, unpublished: &Unpublished, envelope: &Envelope) -> Result<(), RecordError> {
        self.publisher
            .publish(OutboxMessage {
                id: envelope.id.clone(),
                event_type: envelope.event_type.clone(),
                source: envelope.source.clone(),
                subject: envelope.subject.clone(),
                body: unpublished.event.clone(),
            })
            .await?;
        // An event that is republished is old; it has been in the outbox for moments only.
        let committed_at = unpublished.committed_at().unwrap_or(envelope.time);
        metrics::measure(OUTBOX_LAG, millis_since(committed_at, self.clock.now()));
        if let Err(error) = self.items.acknowledge(unpublished).await {
            // It is published, so the stream goes on. The sweep publishes it once more, and consumers recognise
            // its id.
            tracing::warn!(error = &error as &dyn Error, "an event was published, not acknowledged");
        }
        Ok(())
    }
}

/// The event stays in the outbox, and the reason is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NotPublished;
