use std::time::Duration;

use embedded_dynamo::EmbeddedDynamo;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{
    Bus, EventFunction, OutboxFunction, QueueMapping, Redelivery, StreamMapping, StreamStep, SweepFunction,
};

/// How long stream and queue rest when nobody wakes them.
const POLL: Duration = Duration::from_secs(1);
/// How often what was never acknowledged is looked for.
const SWEEP: Duration = Duration::from_secs(5);
/// How long to wait after the bus's own file or the stream failed.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// Expired items go after every so many sweeps: once an hour, first an hour after the start.
const SWEEPS_PER_EXPIRY: u32 = 720;

/// The functions that the bus calls, and the stores it looks after.
pub struct Handlers {
    /// Booking's store, whose stream is read.
    pub booking: EmbeddedDynamo,
    /// The table in it.
    pub booking_table: String,
    /// Airmiles' store.
    pub airmiles: EmbeddedDynamo,
    /// Publishes what the stream announces.
    pub outbox: OutboxFunction,
    /// Publishes what was never acknowledged.
    pub sweep: SweepFunction,
    /// Takes in what the queue brings.
    pub consumer: EventFunction,
    /// When what failed comes again.
    pub redelivery: Redelivery,
}

/// The running bus.
pub struct BusTasks {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Bus {
    /// Starts carrying events.
    #[must_use]
    pub fn start(&self, handlers: Handlers) -> BusTasks {
        let Handlers { booking, booking_table, airmiles, outbox, sweep, consumer, redelivery } = handlers;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let stream =
            StreamMapping::new(self.clone(), booking.clone(), booking_table, outbox, redelivery.clone());
        let queue = QueueMapping::new(self.clone(), consumer, redelivery);
        tasks.spawn(run_stream(self.clone(), stream, stopped.clone()));
        tasks.spawn(run_queue(self.clone(), queue, stopped.clone()));
        tasks.spawn(run_sweeper(sweep, [booking, airmiles], stopped));
        BusTasks { stop, tasks }
    }
}

impl BusTasks {
    /// Stops after the steps that are under way.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::warn!(%error, "a task of the bus broke off");
            }
        }
    }
}

async fn run_stream(bus: Bus, mut stream: StreamMapping, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let (rest, wakes) = match stream.step().await {
            Ok(StreamStep::Advanced) => continue,
            Ok(StreamStep::Idle) => (POLL, true),
            // Another booking is no reason to try the failed one earlier.
            Ok(StreamStep::Retry(wait_ms)) => {
                (Duration::from_millis(u64::try_from(wait_ms).unwrap_or_default()), false)
            }
            Err(error) => {
                tracing::error!(%error, "the stream stands still for a moment");
                (AFTER_ERROR, false)
            }
        };
        tokio::select! {
            _ = stopped.changed() => {}
            () = bus.0.stream.notified(), if wakes => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

async fn run_queue(bus: Bus, queue: QueueMapping, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let (rest, wakes) = match queue.step().await {
            Ok(0) => (bus.until_next_visible().await, true),
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(%error, "the queue stands still for a moment");
                (AFTER_ERROR, false)
            }
        };
        tokio::select! {
            _ = stopped.changed() => {}
            () = bus.0.queue.notified(), if wakes => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

impl Bus {
    /// How long the queue may rest: until a deferred message comes again, and never longer than [`POLL`].
    async fn until_next_visible(&self) -> Duration {
        let next = self.0.file.run(|file| file.next_visible_ms()).await;
        match next {
            Ok(Some(at_ms)) => {
                let wait_ms = at_ms.saturating_sub(self.now_ms()).max(1);
                Duration::from_millis(u64::try_from(wait_ms).unwrap_or(1)).min(POLL)
            }
            Ok(None) | Err(_) => POLL,
        }
    }
}

async fn run_sweeper(sweep: SweepFunction, stores: [EmbeddedDynamo; 2], mut stopped: watch::Receiver<bool>) {
    let mut sweeps = 0_u32;
    while !*stopped.borrow() {
        match sweep().await {
            Ok(0) => sweeps += 1,
            Ok(published) => {
                sweeps += 1;
                tracing::warn!(published, "events were published that the stream had left behind");
            }
            Err(error) => tracing::warn!(error, "the sweeper will try again"),
        }
        // Only after a sweep went well: an outbox item must not expire before it was published, however long the
        // laptop was off.
        if sweeps >= SWEEPS_PER_EXPIRY {
            sweeps = 0;
            expire(&stores).await;
        }
        tokio::select! {
            _ = stopped.changed() => {}
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

/// Removes what is past its time to live, as DynamoDB does by itself.
async fn expire(stores: &[EmbeddedDynamo; 2]) {
    for store in stores {
        match store.delete_expired_items().await {
            Ok(deleted) => tracing::debug!(deleted, "expired items were deleted"),
            Err(error) => tracing::warn!(%error, "expired items can't be deleted"),
        }
    }
}
