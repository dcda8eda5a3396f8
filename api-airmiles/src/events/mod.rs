//! The queue's batches: each message a booking's event, each applied or reported.

mod batch;
mod message;
#[cfg(test)]
mod registered;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use service_kit::Clock;

pub use message::Unreadable;

use crate::apply_booking::{Applied, ApplyError, apply_booking};
use crate::store::LedgerStore;

/// The function that does so.
pub const FUNCTION: &str = "airmiles-events";

/// Applies what the queue brings.
#[derive(Clone, Debug)]
pub struct Consumer {
    store: LedgerStore,
    clock: Clock,
}

impl Consumer {
    /// A consumer that writes to `store` at the time that `clock` shows.
    #[must_use]
    pub fn new(store: LedgerStore, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Applies a batch. The reply names exactly the messages that are to come again (or, after enough deliveries,
    /// to go to the dead-letter queue); all others are done and durable.
    ///
    /// A record without a message id can't be named: then nothing is applied and the reply's one empty identifier
    /// makes the queue bring the whole batch again.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let apply = |delivery: String, fact| async move { self.apply(&delivery, &fact).await };
        batch::run(event, &self.clock, apply).await
    }

    async fn apply(&self, delivery: &str, fact: &crate::domain::BookingFact) -> Result<Applied, ApplyError> {
        apply_booking(&self.store, fact, delivery, self.clock.now()).await
    }
}
