//! What carries events from Booking to Airmiles: the table stream, the topic, the queue, and what calls the
//! functions with batches from them.
//!
//! ```text
//! Booking's store ──stream──> StreamMapping ──batch──> outbox handler ──publish──> Topic
//!                                  │ checkpoint                                      │
//!                                  └───────────────────── bus.sqlite ────────────────┤ queue
//!                                                                                    v
//! Airmiles' store <──one transaction── event handler <──batch── QueueMapping <───────┘
//! ```
//!
//! Everything is carried at least once. A kill at any point repeats a step and never leaves one out: a checkpoint
//! moves after its batch was handled, a message goes after it was acknowledged, both durably.

mod calling;
mod event_way;
mod file;
mod queue;
mod redelivery;
mod run;
mod stream;

use std::path::Path;
use std::sync::Arc;

use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use futures::future::BoxFuture;
use service_kit::Clock;
use tokio::sync::Notify;

use file::BusFile;

pub use event_way::{EventState, EventWay};
pub use file::{APPLICATION_ID, Message};
pub use queue::QueueMapping;
pub use redelivery::Redelivery;
pub use run::{BusTasks, Handlers};
pub use stream::{StreamMapping, StreamStep};

/// The outbox function: publishes what the records of a table stream announce.
pub type OutboxFunction =
    Arc<dyn Fn(StreamEvent) -> BoxFuture<'static, Result<DynamoDbEventResponse, String>> + Send + Sync>;

/// The event function: takes in a batch of a queue.
pub type EventFunction =
    Arc<dyn Fn(SqsEvent) -> BoxFuture<'static, Result<SqsBatchResponse, String>> + Send + Sync>;

/// Publishes what was committed and never acknowledged; gives how many.
pub type SweepFunction = Arc<dyn Fn() -> BoxFuture<'static, Result<usize, String>> + Send + Sync>;

/// The topic and the queue behind it, with the checkpoint of the stream: all that is on its way.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    file: BusFile,
    clock: Clock,
    /// Something may be in the stream.
    stream: Notify,
    /// Something may be in the queue.
    queue: Notify,
}

/// Something went wrong with the bus's own file.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// SQLite said so.
    #[error("the file of events on their way failed: {0}")]
    File(#[from] rusqlite::Error),
    /// A step broke off.
    #[error("a step of the bus broke off")]
    BrokenOff,
    /// The stream can't be read.
    #[error("the table stream can't be read: {0}")]
    Stream(#[from] embedded_dynamo::StoreError),
}

impl Bus {
    /// Opens the bus in the file `path`, made if missing. What was being handled when the last process died is
    /// delivered again at once, and what was given up is tried once more.
    ///
    /// # Errors
    /// When the file can't be opened or written.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, BusError> {
        Ok(Self::on(BusFile::open(path)?, clock))
    }

    /// A bus that is forgotten when it closes.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory(clock: Clock) -> Result<Self, BusError> {
        Ok(Self::on(BusFile::in_memory()?, clock))
    }

    fn on(file: BusFile, clock: Clock) -> Self {
        Self(Arc::new(Inner { file, clock, stream: Notify::new(), queue: Notify::new() }))
    }

    /// Puts `message` into the queue, durably, to be delivered from `delay_ms` on.
    ///
    /// # Errors
    /// When the file can't be written. The message may be there or not; publishing it again is safe.
    pub async fn publish(&self, message: Message, delay_ms: i64) -> Result<(), BusError> {
        let now_ms = self.now_ms();
        self.0.file.run(move |file| file.publish(&message, now_ms, delay_ms)).await?;
        self.0.queue.notify_one();
        Ok(())
    }

    /// Says that something was just written to the table whose stream the bus reads.
    pub fn wake(&self) {
        self.0.stream.notify_one();
    }

    /// The way of the latest `limit` events, newest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn events(&self, limit: u32) -> Result<Vec<EventWay>, BusError> {
        self.0.file.run(move |file| file.events(limit)).await
    }

    /// How many messages wait to be delivered or are being handled; dead letters don't count.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn waiting(&self) -> Result<u64, BusError> {
        self.0.file.run(|file| file.waiting()).await
    }

    fn now_ms(&self) -> i64 {
        self.0.clock.now().epoch_ms()
    }
}
