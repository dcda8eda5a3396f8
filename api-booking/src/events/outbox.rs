use std::error::Error;
use std::panic::AssertUnwindSafe;

use api_types::{BookingEvent, UtcInstant};
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::Client;
use futures::FutureExt;
use service_kit::metrics::millis_since;
use service_kit::station::{self, CLOSED, Station};
use service_kit::trace::TraceParent;
use service_kit::{Clock, Outcome};
use tracing::field::display;

use super::{FUNCTION, OutboxMessage, PublishError, Publisher};
use crate::metrics::{OUTBOX_LAG, PUBLISHED, SWEPT, UNPUBLISHED};
use crate::store::{OUTBOX_SHARDS, Store, StoreError, Unpublished, UnpublishedError};

/// Publishes what bookings left in the outbox, and takes it out once it is published.
///
/// An event is published at least once: a crash between publishing and acknowledging publishes it again, with the
/// same id.
#[derive(Clone, Debug)]
pub struct Outbox<P> {
    publisher: P,
    store: Store,
    clock: Clock,
}

/// What brought an event here to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FoundBy {
    Stream,
    Sweep,
}

/// How a sweep of the outbox went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events that waited and are published now.
    pub published: usize,
    /// Events that wait on, as publishing them failed.
    pub failed: usize,
}

/// Why a record of the stream was not dealt with.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error(transparent)]
    NoEvent(#[from] UnpublishedError),
    #[error("the event in the outbox can't be read")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("publishing panicked")]
    Panic,
}

impl<P: Publisher> Outbox<P> {
    /// The outbox in `table`, published by `publisher`.
    #[must_use]
    pub fn new(publisher: P, dynamodb: Client, table: impl Into<String>, clock: Clock) -> Self {
        Self { publisher, store: Store::new(dynamodb, table), clock }
    }

    pub(super) fn now(&self) -> UtcInstant {
        self.clock.now()
    }

    /// Publishes the new outbox items among the records of the table's stream, in their order.
    ///
    /// Stops at the first that fails and names it, so that the stream delivers it and all after it again. A record
    /// that will never succeed is named as well: the event source's retry limit takes it to the failure
    /// destination, and its item stays in the outbox.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        for record in event.records {
            if self.handle_record(&record).await.is_ok() {
                continue;
            }
            let mut failure = DynamoDbBatchItemFailure::default();
            // Without a number the whole batch is delivered again, which is safe.
            failure.item_identifier = Some(record.change.sequence_number.unwrap_or_default());
            response.batch_item_failures.push(failure);
            break;
        }
        response
    }

    /// Publishes what was committed before `before` and never acknowledged: what the stream lost or gave up on.
    ///
    /// # Errors
    /// When the outbox can't be read. Events that can't be published are counted, not an error: the others are
    /// not held up by them.
    pub async fn sweep(&self, before: UtcInstant) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for shard in 0..OUTBOX_SHARDS {
            let mut after = None;
            loop {
                let (waiting, next) = self.store.unpublished(shard, before, after).await?;
                for item in waiting {
                    match self.publish(item, FoundBy::Sweep).await {
                        Ok(()) => swept.published += 1,
                        Err(Left) => swept.failed += 1,
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

    async fn handle_record(&self, record: &EventRecord) -> Result<(), Left> {
        // What is removed or changed announces nothing: a removal is our own acknowledgement.
        if record.event_name != "INSERT" {
            return Ok(());
        }
        match Unpublished::of_stream(&record.change.new_image).transpose() {
            Some(item) => self.publish(item, FoundBy::Stream).await,
            None => Ok(()),
        }
    }

    /// Publishes what an outbox item holds, at a station of its own on the booking's trace.
    async fn publish(
        &self,
        item: Result<Unpublished, UnpublishedError>,
        found_by: FoundBy,
    ) -> Result<(), Left> {
        let read = item.map_err(RecordError::from).and_then(|unpublished| {
            let event: BookingEvent = serde_json::from_str(&unpublished.event)?;
            Ok((unpublished, event))
        });
        let (unpublished, event) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "an event stays in the outbox");
                return Err(Left);
            }
        };
        let sale = event.traceparent.as_deref().and_then(TraceParent::parse);
        let way = sale.map(|sale| (sale.published(&event.id), sale.station_id()));
        let station = Station::of_event(FUNCTION, way);
        station
            .work(async {
                station::about(&event.data.record_locator);
                let outcome = caught(self.announce(&unpublished, &event)).await;
                self.close(&station, &event, found_by, outcome)
            })
            .await
    }

    async fn announce(&self, unpublished: &Unpublished, event: &BookingEvent) -> Result<(), RecordError> {
        self.publisher
            .publish(OutboxMessage {
                id: event.id.clone(),
                event_type: event.event_type.to_string(),
                source: event.source.clone(),
                subject: event.subject.clone(),
                body: unpublished.event.clone(),
            })
            .await?;
        station::measure(OUTBOX_LAG, millis_since(event.time, self.clock.now()));
        if let Err(error) = self.store.acknowledge(unpublished).await {
            // It is published: holding up the stream for the acknowledgement would help nobody. The sweeper
            // publishes it once more, and consumers know it by its id.
            tracing::warn!(error = &error as &dyn Error, "an event was published, not acknowledged");
        }
        Ok(())
    }

    fn close(
        &self,
        station: &Station,
        event: &BookingEvent,
        found_by: FoundBy,
        outcome: Result<(), RecordError>,
    ) -> Result<(), Left> {
        let (event_id, swept) = (event.id.as_str(), found_by == FoundBy::Sweep);
        match outcome {
            Ok(()) => {
                station::count(PUBLISHED);
                if swept {
                    station::count(SWEPT);
                }
                let noted = station.take_noted();
                let noted = noted.as_ref().map(display);
                tracing::info!(target: CLOSED, event_id, swept, noted, "published");
                station.close(&Outcome::Done);
                Ok(())
            }
            Err(error) => {
                station::count(UNPUBLISHED);
                let (noted, error) = (station.take_noted(), &error as &dyn Error);
                let noted = noted.as_ref().map(display);
                tracing::error!(target: CLOSED, event_id, swept, error, noted, "an event stays in the outbox");
                station.close(&Outcome::Failed);
                Err(Left)
            }
        }
    }
}

/// The event stays in the outbox, and the log says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left;

/// Runs `work`; a panic in it is an error of this record and not the end of its batch.
async fn caught(work: impl Future<Output = Result<(), RecordError>>) -> Result<(), RecordError> {
    // Boxed: the SDK's futures within futures are deeper than the compiler follows.
    AssertUnwindSafe(Box::pin(work)).catch_unwind().await.unwrap_or(Err(RecordError::Panic))
}
