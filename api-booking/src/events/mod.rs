//! The functions besides the REST API: the outbox, whose loop is the kit's, and republishing.

mod republish;

pub use republish::{REPUBLISH, RepublishError, RepublishRequest, RepublishResponse, republish};

/// The Lambda function that publishes the outbox.
pub const FUNCTION: &str = service_kit::function!("outbox");
