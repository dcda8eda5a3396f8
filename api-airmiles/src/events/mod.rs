//! Consumes booking events from the queue.

mod booking_event;
mod message;
#[cfg(test)]
mod registered;

use service_kit::Clock;
use service_kit::events::queue::{Applied, Message, QueueConsumer};
use service_kit::metrics::Metric;

pub use message::Unreadable;

use crate::App;
use crate::apply_booking::{ApplyError, apply_booking};
use crate::domain::BookingFact;
use crate::metrics::MILES_LAG;
use crate::store::Store;

/// Applies booking events to the ledger.
#[derive(Clone, Debug)]
pub struct Consumer {
    store: Store,
    clock: Clock,
}

impl Consumer {
    /// A consumer that writes to `store` at the time of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

impl From<App> for Consumer {
    fn from(app: App) -> Self {
        Self::new(app.store().clone(), app.clock().clone())
    }
}

impl QueueConsumer for Consumer {
    const FUNCTION: &'static str = service_kit::function!("events");
    const LAG: Metric = MILES_LAG;
    type Content = BookingFact;
    type ReadError = Unreadable;
    type ApplyError = ApplyError;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn read(body: Option<&str>) -> Result<Message<BookingFact>, Unreadable> {
        message::read(body)
    }

    async fn apply(&self, message_id: &str, fact: BookingFact) -> Result<Applied, ApplyError> {
        apply_booking(&self.store, &fact, message_id, self.clock.now()).await
    }
}
