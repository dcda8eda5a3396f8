//! From the outbox to the topic: events that were committed are published, at least once.

mod announcement;
mod invocation;
mod outbox;
mod publisher;

pub use announcement::{EVENT_SOURCE, confirmed};
pub use invocation::InvocationError;
pub use outbox::{Outbox, Swept};
pub use publisher::{OutboxMessage, PublishError, Publisher, SnsPublisher};
