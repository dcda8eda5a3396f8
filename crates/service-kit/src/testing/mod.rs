//! The services' test harness.

use std::time::Duration;

mod callsites;
mod captured_logs;
pub mod contract;
mod http;
mod lambda;

pub use callsites::enable_callsites;
pub use captured_logs::{
    CapturedLogs, FakeXRayDaemon, ProcessLines, assert_embedded_metrics, assert_like_the_examples,
};
pub use http::{Reply, call, get, post};
pub use lambda::{LambdaProcess, gateway_request, queue_batch};

/// Waits for `work`, but no longer than `limit`: a test that waits has an end.
///
/// # Panics
/// With `what` should have happened, when the limit has passed.
pub async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(limit, work).await {
        Ok(value) => value,
        Err(_) => panic!("not within {limit:?}: {what}"),
    }
}
