//! The services' test harness.

pub mod contract;
mod heard;
mod http;
mod lambda;

pub use heard::{Heard, ProcessLines, XRayDaemon, assert_embedded_metrics, assert_like_the_examples};
pub use http::{Reply, call, get, post};
pub use lambda::{LambdaProcess, gateway_request, queue_batch};
