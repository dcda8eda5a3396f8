//! Topics, queues, table streams and schedules: what carries events between services and invokes their functions.
//!
//! ```text
//! store ──stream──> StreamMapping ──batch──> function ──publish──> topic ──subscriptions──> queues
//!                        │ checkpoint                                                         │
//!                        └────────────────────────── bus.sqlite ──────────────────────────────┤
//!                                                                                             v
//! store <──one transaction── function <──batch── QueueMapping <───────────────────────────────┘
//! ```
//!
//! Delivery is at least once. A kill at any point repeats a step and never omits one: a checkpoint moves after its batch was
//! handled, a message is deleted after it was acknowledged, both durably. A message that fails is retried with growing
//! waits for [`Redelivery::give_up_after`]; then it is a dead letter, which each redrive tries once more. A message that was
//! being handled when the process ended has failed too: it may be what ended it.

mod calling;
mod event_way;
mod file;
mod queue;
mod redelivery;
mod run;
mod stream;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use service_kit::Clock;
use service_kit::events::outbox::OutboxMessage;
use tokio::sync::Notify;

use file::BusFile;

pub(crate) use calling::call;
pub use event_way::{EventState, EventWay};
pub use file::{APPLICATION_ID, EventFilter};
pub use queue::QueueMapping;
pub use redelivery::Redelivery;
pub use run::{BusTasks, Schedule, Wiring};
pub use stream::{StreamMapping, StreamSource, StreamStep};

/// The topics' subscriptions, the queues behind them and the streams' checkpoints.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    file: BusFile,
    clock: Clock,
    subscriptions: Vec<Subscription>,
    redelivery: Redelivery,
    /// A stream may have new records.
    stream: Notify,
    /// A queue may have new messages.
    queue: Notify,
}

/// A queue that receives events of one publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The service whose topic it is.
    pub publisher: String,
    /// The event types that pass.
    pub event_types: BTreeSet<String>,
    pub queue: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("the file of the bus failed: {0}")]
    File(#[from] rusqlite::Error),
    /// Another version of Tern made the file. Deleting it loses the events that were not delivered, which are published
    /// again from the bookings.
    #[error(
        "another version of Tern made bus.sqlite: delete it, start again and run `cargo xtask republish --all --yes`, \
         which delivers its events again"
    )]
    OtherVersion,
    /// A step panicked, or the runtime is stopping.
    #[error("a step of the bus was interrupted")]
    Interrupted,
    #[error("the table stream can't be read or trimmed: {0}")]
    Stream(#[from] embedded_dynamo::StoreError),
}

impl Bus {
    /// Opens the bus in the file `path`, made if missing. Dead letters are redriven, and messages that were being handled when
    /// the last process ended have failed; a log line has the counts.
    ///
    /// # Errors
    /// When the file can't be opened or written, or another version of Tern made it. Then it is as it was.
    pub fn open(
        path: &Path,
        clock: Clock,
        subscriptions: Vec<Subscription>,
        redelivery: Redelivery,
    ) -> Result<Self, BusError> {
        let (file, left) = BusFile::open(path, clock.now().epoch_ms(), &redelivery)?;
        if left.waiting > 0 {
            let (waiting, interrupted, dead_letters) = (left.waiting, left.interrupted, left.dead_letters);
            tracing::info!(
                waiting,
                interrupted,
                dead_letters,
                "messages of the last run are delivered again"
            );
        }
        Ok(Self::on(file, clock, subscriptions, redelivery))
    }

    /// A bus that is lost when it closes.
    pub fn in_memory(clock: Clock, subscriptions: Vec<Subscription>) -> Result<Self, BusError> {
        Ok(Self::on(BusFile::in_memory()?, clock, subscriptions, Redelivery::default()))
    }

    fn on(file: BusFile, clock: Clock, subscriptions: Vec<Subscription>, redelivery: Redelivery) -> Self {
        let [stream, queue] = [(); 2].map(|()| Notify::new());
        Self(Arc::new(Inner { file, clock, subscriptions, redelivery, stream, queue }))
    }

    /// Puts `message` of `publisher` durably into each queue that subscribes to its type, to be delivered after
    /// `delay_ms`.
    ///
    /// # Errors
    /// When the file can't be written. The message may be there or not; publishing it again is safe.
    pub async fn publish(
        &self,
        publisher: &str,
        message: OutboxMessage,
        delay_ms: i64,
    ) -> Result<(), BusError> {
        let passes = |subscription: &&Subscription| {
            subscription.publisher == publisher && subscription.event_types.contains(&message.event_type)
        };
        let queues: Vec<String> = self
            .0
            .subscriptions
            .iter()
            .filter(passes)
            .map(|subscription| subscription.queue.clone())
            .collect();
        let now_ms = self.now_ms();
        self.0.file.run(move |file| file.publish(&queues, &message, now_ms, delay_ms)).await?;
        self.0.queue.notify_waiters();
        Ok(())
    }

    /// Reads the streams now: something was just written to a table.
    pub fn wake(&self) {
        self.0.stream.notify_waiters();
    }

    /// Gives each dead letter one more attempt, now. Gives how many there were.
    pub async fn redrive(&self) -> Result<u64, BusError> {
        let now_ms = self.now_ms();
        let redriven = self.0.file.run(move |file| file.redrive(now_ms)).await?;
        self.0.queue.notify_waiters();
        Ok(redriven)
    }

    /// The latest events that pass `filter`, newest first.
    pub async fn events(&self, filter: EventFilter) -> Result<Vec<EventWay>, BusError> {
        self.0.file.run(move |file| file.events(&filter)).await
    }

    /// How many messages wait to be delivered or are being handled, without dead letters.
    pub async fn waiting(&self) -> Result<u64, BusError> {
        self.0.file.run(|file| file.waiting()).await
    }

    fn now_ms(&self) -> i64 {
        self.0.clock.now().epoch_ms()
    }
}
