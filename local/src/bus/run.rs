use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use embedded_dynamo::EmbeddedDynamo;
use serde_json::json;
use service_kit::service::Function;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::calling::call;
use super::{Bus, QueueMapping, StreamMapping, StreamStep};

/// How long stream and queue wait when nothing wakes them.
const POLL: Duration = Duration::from_secs(1);
/// The wait after the bus's own file or a stream failed.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// How often dead letters are redriven, expired items deleted and streams trimmed.
const HOURLY: Duration = Duration::from_secs(3600);
/// Time-out of a scheduled function.
const SCHEDULED_CALL: Duration = Duration::from_secs(60);

/// What the bus runs.
#[derive(Default)]
pub struct Wiring {
    /// Each reads a table's stream; at most one a table, since it trims the stream behind it.
    pub streams: Vec<StreamMapping>,
    /// Each reads a queue.
    pub queues: Vec<QueueMapping>,
    /// Functions that run by time.
    pub schedules: Vec<Schedule>,
    /// The stores in which items expire.
    pub stores: Vec<EmbeddedDynamo>,
}

/// A function that runs by time.
pub struct Schedule {
    /// The function's name, for log lines.
    pub name: String,
    /// How often it runs, first at the start.
    pub every: Duration,
    pub function: Function,
}

/// The running bus.
pub struct BusTasks {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Bus {
    #[must_use]
    pub fn start(&self, wiring: Wiring) -> BusTasks {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for stream in wiring.streams {
            tasks.spawn(run_stream(self.clone(), stream, stopped.clone()));
        }
        for queue in wiring.queues {
            tasks.spawn(run_queue(self.clone(), queue, stopped.clone()));
        }
        let mut failing = Vec::new();
        for schedule in wiring.schedules {
            let fails = Arc::new(AtomicBool::new(false));
            failing.push(Arc::clone(&fails));
            tasks.spawn(run_schedule(schedule, fails, stopped.clone()));
        }
        tasks.spawn(run_hourly(self.clone(), wiring.stores, failing, stopped));
        BusTasks { stop, tasks }
    }

    /// How long a queue may wait: until a deferred message is visible again, and at most [`POLL`].
    async fn until_next_visible(&self, queue: &str) -> Duration {
        let queue = queue.to_owned();
        match self.0.file.run(move |file| file.next_visible_ms(&queue)).await {
            Ok(Some(at_ms)) => {
                let wait_ms = at_ms.saturating_sub(self.now_ms()).max(1);
                Duration::from_millis(u64::try_from(wait_ms).unwrap_or(1)).min(POLL)
            }
            Ok(None) | Err(_) => POLL,
        }
    }
}

impl BusTasks {
    /// Stops after the steps under way.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::warn!(%error, "a task of the bus ended with a panic");
            }
        }
    }
}

async fn run_stream(bus: Bus, mut stream: StreamMapping, mut stopped: watch::Receiver<bool>) {
    // At the first pause, as the last run may have left records, and then each hour.
    let mut next_trim = tokio::time::Instant::now();
    while !*stopped.borrow() {
        // Listens before it reads, so that no write in between is missed.
        let mut woken = std::pin::pin!(bus.0.stream.notified());
        woken.as_mut().enable();
        let (wait, idle) = match stream.step().await {
            Ok(StreamStep::Advanced) => continue,
            Ok(StreamStep::Idle) => (POLL, true),
            // Another write is no reason to try the failed record earlier.
            Ok(StreamStep::Retry(wait_ms)) => {
                (Duration::from_millis(u64::try_from(wait_ms).unwrap_or_default()), false)
            }
            Err(error) => {
                tracing::error!(%error, stream = stream.name(), "a stream can't be read for now");
                (AFTER_ERROR, false)
            }
        };
        if idle && tokio::time::Instant::now() >= next_trim {
            next_trim += HOURLY;
            if let Err(error) = stream.trim().await {
                tracing::warn!(%error, stream = stream.name(), "a stream can't be trimmed");
            }
        }
        tokio::select! {
            _ = stopped.changed() => {}
            () = woken, if idle => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn run_queue(bus: Bus, queue: QueueMapping, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let mut woken = std::pin::pin!(bus.0.queue.notified());
        woken.as_mut().enable();
        let (wait, wakes) = match queue.step().await {
            Ok(0) => (bus.until_next_visible(queue.queue()).await, true),
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(%error, queue = queue.queue(), "a queue can't be read for now");
                (AFTER_ERROR, false)
            }
        };
        tokio::select! {
            _ = stopped.changed() => {}
            () = woken, if wakes => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn run_schedule(schedule: Schedule, fails: Arc<AtomicBool>, mut stopped: watch::Receiver<bool>) {
    let Schedule { name, every, function } = schedule;
    while !*stopped.borrow() {
        let event = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} });
        let reply = call(&function, SCHEDULED_CALL, event).await;
        fails.store(reply.is_err(), Ordering::Relaxed);
        match reply {
            Ok(reply) => tracing::debug!(function = name, %reply, "a scheduled function ran"),
            Err(error) => {
                tracing::warn!(function = name, error, "a scheduled function failed; it runs again")
            }
        }
        tokio::select! {
            _ = stopped.changed() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}

/// Redrives dead letters, and deletes items past their time to live as DynamoDB does by itself. Nothing expires in the
/// first hour or while a schedule fails: an outbox item must be published first, however long the laptop was off.
async fn run_hourly(
    bus: Bus,
    stores: Vec<EmbeddedDynamo>,
    failing: Vec<Arc<AtomicBool>>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(HOURLY) => {}
        }
        match bus.redrive().await {
            Ok(0) => {}
            Ok(dead_letters) => tracing::info!(dead_letters, "dead letters are tried again"),
            Err(error) => tracing::warn!(%error, "dead letters can't be redriven"),
        }
        if failing.iter().any(|fails| fails.load(Ordering::Relaxed)) {
            continue;
        }
        for store in &stores {
            match store.delete_expired_items().await {
                Ok(deleted) => tracing::debug!(deleted, "expired items were deleted"),
                Err(error) => tracing::warn!(%error, "expired items can't be deleted"),
            }
        }
    }
}
