//! From the outbox to the topic: events that were committed are published, at least once.

mod announcement;
mod invocation;
mod outbox;
mod publisher;

pub use announcement::{EVENT_SOURCE, SALE, confirmed, place_of_sale};
pub use invocation::InvocationError;
pub use outbox::{Outbox, Swept};
/// The function that publishes them.
pub const FUNCTION: &str = "booking-outbox";

pub use publisher::{OutboxMessage, PublishError, Publisher, SnsPublisher};
