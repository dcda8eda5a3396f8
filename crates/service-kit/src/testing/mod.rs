//! The services' test harness.

mod callsites;
pub mod contract;
mod heard;
mod http;
mod lambda;

pub use callsites::enable_callsites;
pub use heard::{Heard, ProcessLines, XRayDaemon, assert_embedded_metrics, assert_like_the_examples};
pub use http::{Reply, call, get, post};
pub use lambda::{LambdaProcess, gateway_request, queue_batch};
