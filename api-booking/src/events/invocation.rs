use aws_lambda_events::event::dynamodb::Event;
use serde_json::Value;

use super::{Outbox, Publisher};
use crate::store::StoreError;

/// From what age on an event counts as forgotten by the stream, which normally takes well under a second.
///
/// Source: docs/decisions/0021, "The sweep".
const FORGOTTEN_AFTER_SECS: i64 = 60;

/// Why an invocation of the outbox failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// It is neither a batch of the table's stream nor the schedule's event.
    #[error("expected records of a DynamoDB stream or a scheduled event")]
    Unknown,
    /// The batch can't be read.
    #[error("the stream's batch can't be read")]
    Batch(#[from] serde_json::Error),
    /// The outbox can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some events could not be published; the next sweep tries them again.
    #[error("{failed} events stay in the outbox, {published} were published")]
    Left {
        /// How many wait on.
        failed: usize,
        /// How many don't.
        published: usize,
    },
}

impl<P: Publisher> Outbox<P> {
    /// Does what Lambda was invoked for: publishes a batch of the table's stream, or sweeps on schedule.
    ///
    /// # Errors
    /// See [`InvocationError`]; Lambda counts it, alarms, and tries again.
    pub async fn invoke(&self, payload: Value) -> Result<Value, InvocationError> {
        if payload.get("Records").is_some() {
            let event: Event = serde_json::from_value(payload)?;
            return Ok(serde_json::to_value(self.handle(event).await)?);
        }
        if payload.get("detail-type").and_then(Value::as_str) != Some("Scheduled Event") {
            return Err(InvocationError::Unknown);
        }
        let swept = self.sweep(self.now().plus_secs(-FORGOTTEN_AFTER_SECS)).await?;
        if swept.failed > 0 {
            return Err(InvocationError::Left { failed: swept.failed, published: swept.published });
        }
        Ok(serde_json::json!({ "published": swept.published }))
    }
}
