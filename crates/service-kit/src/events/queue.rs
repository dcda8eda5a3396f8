//! Applies the batches of an SQS queue: each message is applied or reported as failed.
//!
//! Messages with the same ordering key write to the same items, so they are applied one after the other. A failed
//! message doesn't stop those behind it: order is not needed for correctness (docs/decisions/0030). A FIFO queue would
//! stop a whole message group at a message that can't be applied. A record without a message id can't be reported, so
//! the whole batch is delivered again.

use std::collections::BTreeMap;
use std::error::Error;

use api_types::{RecordLocator, UtcInstant};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{StreamExt, stream};
use tracing::field::{Empty, debug};
use tracing::{Instrument, Span, info_span};

use super::catch_panic;
use crate::Clock;
use crate::metrics::{self, Metric, millis_since};
use crate::telemetry::in_one_line;
use crate::trace::{Origin, TraceParent};

/// How many ordering keys are worked on concurrently.
const KEYS_AT_ONCE: usize = 4;

/// Events that were applied, each counted once.
pub const APPLIED: Metric = Metric::count("Applied");

/// Deliveries of events that had been applied before. Some are normal: delivery is at least once.
pub const DUPLICATES: Metric = Metric::count("Duplicates");

/// Deliveries that failed. The queue retries them and, after the last attempt, dead-letters them.
pub const UNAPPLIED: Metric = Metric::count("Unapplied");

/// Failed deliveries whose message can't be read, so that every retry fails too.
pub const UNREADABLE: Metric = Metric::count("Unreadable");

/// Deliveries that are not the first of their message.
pub const REDELIVERED: Metric = Metric::count("Redelivered");

/// A message that could be read.
#[derive(Clone, Debug)]
pub struct Message<T> {
    /// The event's id.
    pub event_id: String,
    /// The version of what the event is about.
    pub version: u64,
    /// The booking that the event is about, for logs and traces.
    pub record_locator: Option<RecordLocator>,
    /// When the event happened.
    pub time: UtcInstant,
    /// The event's `traceparent`.
    pub trace: Option<TraceParent>,
    /// Messages with the same key are applied one after the other, in the batch's order.
    pub ordering_key: String,
    /// What `apply` needs of the event.
    pub content: T,
}

/// The result of applying a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// This delivery changed the store.
    Now,
    /// An earlier delivery, or a newer version, had been applied already.
    Before,
}

/// What a service does with the messages of its queue.
pub trait QueueConsumer: Sync {
    /// The Lambda function's name.
    const FUNCTION: &'static str;
    /// The time from an event until it is applied.
    const LAG: Metric;
    /// What is read from a message.
    type Content: Send;
    /// Why a message can't be read. Retries don't help; the dead-letter queue keeps it.
    type ReadError: Error + Send + Sync;
    /// Why a message was not applied. It is retried.
    type ApplyError: Error + Send + Sync;

    /// The time source for [`Self::LAG`].
    fn clock(&self) -> &Clock;

    /// Reads a message's body.
    ///
    /// # Errors
    /// When this version can't read it.
    fn read(body: Option<&str>) -> Result<Message<Self::Content>, Self::ReadError>;

    /// Applies a message; a repeated delivery must have no further effect.
    ///
    /// # Errors
    /// When it was not applied, or its outcome is unknown.
    fn apply(
        &self,
        message_id: &str,
        content: Self::Content,
    ) -> impl Future<Output = Result<Applied, Self::ApplyError>> + Send;

    /// Applies a batch. The response names exactly the messages that failed; all others are applied and durable.
    ///
    /// A record without a message id can't be named: then nothing is applied, and the response's one empty
    /// identifier makes the queue redeliver the whole batch.
    fn handle(&self, batch: SqsEvent) -> impl Future<Output = SqsBatchResponse> + Send {
        handle(self, batch)
    }
}

/// A readable message and its place in the batch.
struct Delivery<T> {
    position: usize,
    receipt: Receipt,
    message: Message<T>,
}

struct Receipt {
    message_id: String,
    /// How often the message was delivered, this time included.
    receive_count: u32,
}

async fn handle<C: QueueConsumer + ?Sized>(consumer: &C, batch: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    if batch.records.iter().any(|record| record.message_id.as_deref().unwrap_or_default().is_empty()) {
        tracing::error!("a record has no message id: the whole batch fails");
        response.add_failure("");
        return response;
    }
    let mut failed: Vec<(usize, String)> = Vec::new();
    let mut by_key: BTreeMap<String, Vec<Delivery<C::Content>>> = BTreeMap::new();
    for (position, mut record) in batch.records.into_iter().enumerate() {
        let body = record.body.take();
        let receipt = Receipt::of(record);
        let cause = match catch_panic(async { C::read(body.as_deref()) }).await {
            Some(Ok(message)) => {
                let key = message.ordering_key.clone();
                by_key.entry(key).or_default().push(Delivery { position, receipt, message });
                continue;
            }
            Some(Err(error)) => in_one_line(&error),
            None => "reading it panicked".to_owned(),
        };
        receipt.span::<C, C::Content>(None).in_scope(|| {
            metrics::count(UNREADABLE);
            fail("a message can't be read", &cause);
        });
        failed.push((position, receipt.message_id));
    }
    let not_applied = stream::iter(by_key.into_values())
        .map(|deliveries| apply_in_order(consumer, deliveries))
        .buffer_unordered(KEYS_AT_ONCE)
        .concat()
        .await;
    failed.extend(not_applied);
    failed.sort_unstable();
    response.set_failures(failed.into_iter().map(|(_, message_id)| message_id));
    response
}

impl Receipt {
    fn of(record: SqsMessage) -> Self {
        let count = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Self { message_id: record.message_id.unwrap_or_default(), receive_count: count.unwrap_or(1) }
    }

    /// The span of this delivery; its parent is the publishing of the event.
    fn span<C: QueueConsumer + ?Sized, T>(&self, message: Option<&Message<T>>) -> Span {
        let published = message.and_then(|message| Some(message.trace?.published(&message.event_id)));
        let trace = published.map_or_else(|| Origin::nobody().caller, |published| published.new_span());
        let span = info_span!(
            "apply",
            function = C::FUNCTION,
            traceparent = %trace,
            parent_id = published.map(|published| display(published.span_id())),
            message_id = self.message_id,
            receive_count = self.receive_count,
            event_id = message.map(|message| message.event_id.as_str()),
            version = message.map(|message| message.version),
            record_locator = message.and_then(|message| Some(message.record_locator.as_ref()?.as_str())),
            applied = Empty,
            cause = Empty,
            outcome = Empty,
            otel.status_code = Empty,
        );
        if self.receive_count > 1 {
            span.in_scope(|| metrics::count(REDELIVERED));
        }
        span
    }
}

/// Returns the positions and ids of the messages that failed. A failure doesn't stop the messages after it: each
/// event holds the whole state, so a newer one is right without the older.
async fn apply_in_order<C: QueueConsumer + ?Sized>(
    consumer: &C,
    deliveries: Vec<Delivery<C::Content>>,
) -> Vec<(usize, String)> {
    let mut failed = Vec::new();
    for Delivery { position, receipt, message } in deliveries {
        let span = receipt.span::<C, _>(Some(&message));
        if !apply(consumer, &receipt.message_id, message).instrument(span).await {
            failed.push((position, receipt.message_id));
        }
    }
    failed
}

/// Applies a message and records the result in the current span. Returns whether it was applied.
async fn apply<C: QueueConsumer + ?Sized>(
    consumer: &C,
    message_id: &str,
    Message { time, content, .. }: Message<C::Content>,
) -> bool {
    let applied = match catch_panic(consumer.apply(message_id, content)).await {
        Some(Ok(applied)) => applied,
        Some(Err(error)) => return fail("a message was not applied", &in_one_line(&error)),
        None => return fail("a message was not applied", "applying it panicked"),
    };
    match applied {
        Applied::Now => {
            metrics::count(APPLIED);
            metrics::measure(C::LAG, millis_since(time, consumer.clock().now()));
        }
        Applied::Before => metrics::count(DUPLICATES),
    }
    Span::current().record("applied", debug(applied)).record("outcome", "applied");
    true
}

fn fail(outcome: &str, cause: &str) -> bool {
    metrics::count(UNAPPLIED);
    Span::current().record("otel.status_code", "ERROR").record("cause", cause).record("outcome", outcome);
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Reads `<key> <version>`.
    #[derive(Default)]
    struct Recorder(Mutex<Vec<(String, u64)>>);

    #[derive(Debug, thiserror::Error)]
    #[error("on purpose")]
    struct Refused;

    impl QueueConsumer for Recorder {
        const FUNCTION: &'static str = "tests-events";
        const LAG: Metric = Metric::millis("TestLag");
        type Content = (String, u64);
        type ReadError = Refused;
        type ApplyError = Refused;

        fn clock(&self) -> &Clock {
            static CLOCK: std::sync::LazyLock<Clock> = std::sync::LazyLock::new(Clock::system);
            &CLOCK
        }

        fn read(body: Option<&str>) -> Result<Message<(String, u64)>, Refused> {
            let (key, version) = body.and_then(|body| body.split_once(' ')).ok_or(Refused)?;
            let version = version.parse().map_err(|_| Refused)?;
            assert!(version > 0, "on purpose");
            Ok(Message {
                event_id: format!("{key}-{version}"),
                version,
                record_locator: None,
                time: UtcInstant::from_epoch_ms(0),
                trace: None,
                ordering_key: key.to_owned(),
                content: (key.to_owned(), version),
            })
        }

        async fn apply(&self, message_id: &str, content: (String, u64)) -> Result<Applied, Refused> {
            self.0.lock().unwrap().push(content);
            match message_id {
                "panics" => panic!("on purpose"),
                "refused" => Err(Refused),
                _ => Ok(Applied::Now),
            }
        }
    }

    async fn handle(recorder: &Recorder, messages: &[(&str, &str)]) -> Vec<String> {
        let mut batch = SqsEvent::default();
        batch.records.extend(messages.iter().map(|(message_id, body)| {
            let mut record = SqsMessage::default();
            record.message_id = Some((*message_id).to_owned());
            record.body = Some((*body).to_owned());
            record
        }));
        let failures = recorder.handle(batch).await.batch_item_failures;
        failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    #[tokio::test]
    async fn a_failure_or_panic_fails_one_message_and_the_next_ones_are_applied() {
        let recorder = Recorder::default();
        let failed = handle(
            &recorder,
            &[
                ("m-1", "a 1"),
                ("panics", "a 2"),
                ("unreadable", "a"),
                ("panics when read", "a 0"),
                ("m-3", "b 1"),
                ("refused", "a 3"),
                ("m-5", "a 4"),
            ],
        )
        .await;
        assert_eq!(failed, ["panics", "unreadable", "panics when read", "refused"]);
        let applied = recorder.0.into_inner().unwrap();
        let of_a = applied.iter().filter(|(key, _)| key == "a").map(|(_, version)| *version);
        assert_eq!(of_a.collect::<Vec<_>>(), [1, 2, 3, 4], "one key's messages in their order");
        assert_eq!(applied.len(), 5);
    }

    #[tokio::test]
    async fn a_message_without_an_id_fails_the_batch_before_anything_is_applied() {
        let recorder = Recorder::default();
        assert_eq!(handle(&recorder, &[("m-1", "a 1"), ("", "a 2")]).await, [""]);
        assert!(recorder.0.into_inner().unwrap().is_empty());
    }
}
