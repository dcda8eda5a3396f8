//! Event functions: what publishes a service's events, and what applies those of others.

pub mod outbox;
pub mod queue;

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

/// Runs `work`; `None` when it panicked. One bad record then fails by itself and not with its batch.
async fn catch_panic<W: Future>(work: W) -> Option<W::Output> {
    // Boxed: the SDK's nested futures are deeper than the compiler follows.
    AssertUnwindSafe(Box::pin(work)).catch_unwind().await.ok()
}
