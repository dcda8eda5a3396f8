//! The events that Booking publishes.

mod announcement;

pub use announcement::{EVENT_SOURCE, SALE, confirmed, place_of_sale};

/// The Lambda function that publishes them.
pub const FUNCTION: &str = service_kit::function!("outbox");
