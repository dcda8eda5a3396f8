//! What the services' tests share.

mod contract;
mod heard;

pub use contract::routes_what_is_documented;
pub use heard::{Heard, ProcessLines, XRayDaemon, assert_embedded_metrics, assert_like_the_examples};
