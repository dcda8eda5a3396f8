use serde_json::{Value, json};
use service_kit::service::Function;

use super::calling::{call, failed_of, reported};
use super::file::Delivery;
use super::{Bus, BusError};

/// Messages in one invocation.
const BATCH: u32 = 10;

/// Gives a queue's messages to a function, batch by batch.
pub struct QueueMapping {
    bus: Bus,
    queue: String,
    function: Function,
}

impl QueueMapping {
    /// The mapping of `queue` to `function`.
    #[must_use]
    pub fn new(bus: Bus, queue: impl Into<String>, function: Function) -> Self {
        Self { bus, queue: queue.into(), function }
    }

    #[must_use]
    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// Gives the visible messages, up to a batch, to the function and settles each by its reply. Gives how many there
    /// were.
    ///
    /// # Errors
    /// When the bus's file fails. Nothing is lost: a message that was not settled is delivered again.
    pub async fn step(&self) -> Result<usize, BusError> {
        let (file, now_ms) = (&self.bus.0.file, self.bus.now_ms());
        let (queue, visibility_ms) = (self.queue.clone(), self.bus.0.redelivery.visibility_ms());
        let deliveries = file.run(move |file| file.receive(&queue, now_ms, visibility_ms, BATCH)).await?;
        if deliveries.is_empty() {
            return Ok(0);
        }
        let ids: Vec<String> = deliveries.iter().map(message_id).collect();
        let sent: Vec<&str> = ids.iter().map(String::as_str).collect();
        let payload = self.payload(&deliveries);
        let (failed, error) = match call(&self.function, self.bus.0.redelivery.call_timeout, payload).await {
            Ok(reply) => {
                let failed = failed_of(&sent, &reported(&reply));
                (
                    failed.into_iter().map(str::to_owned).collect(),
                    "the function reported the message as failed".to_owned(),
                )
            }
            Err(error) => (ids.clone(), error),
        };
        let count = deliveries.len();
        for (delivery, id) in deliveries.into_iter().zip(&ids) {
            self.settle(delivery, failed.contains(id).then(|| error.clone())).await?;
        }
        Ok(count)
    }

    async fn settle(&self, delivery: Delivery, error: Option<String>) -> Result<(), BusError> {
        let (file, now_ms) = (&self.bus.0.file, self.bus.now_ms());
        let Some(error) = error else {
            return file.run(move |file| file.acknowledge(&delivery, now_ms)).await;
        };
        let attempt = delivery.receive_count;
        let (event_id, record_locator) = (&delivery.event_id, &delivery.subject);
        if now_ms.saturating_sub(delivery.sent_at_ms) >= self.bus.0.redelivery.give_up_after_ms() {
            tracing::error!(event_id, record_locator, attempt, error, "an event is a dead letter");
            return file.run(move |file| file.dead_letter(&delivery, &error)).await;
        }
        let wait_ms = self.bus.0.redelivery.wait_after_ms(attempt);
        tracing::warn!(
            event_id,
            record_locator,
            attempt,
            wait_ms,
            error,
            "an event is delivered again later"
        );
        file.run(move |file| file.defer(&delivery, now_ms.saturating_add(wait_ms), &error)).await
    }

    /// The batch as SQS gives it to a Lambda.
    fn payload(&self, deliveries: &[Delivery]) -> Value {
        let record = |delivery: &Delivery| {
            json!({
                "messageId": message_id(delivery),
                "receiptHandle": delivery.receipt,
                "body": delivery.body,
                "attributes": {
                    "ApproximateReceiveCount": delivery.receive_count.to_string(),
                    "SentTimestamp": delivery.sent_at_ms.to_string(),
                    "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
                    "ApproximateFirstReceiveTimestamp": delivery.sent_at_ms.to_string(),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:eu-west-1:000000000000:{}", self.queue),
                "awsRegion": "eu-west-1",
            })
        };
        json!({ "Records": deliveries.iter().map(record).collect::<Vec<_>>() })
    }
}

fn message_id(delivery: &Delivery) -> String {
    format!("local-{}", delivery.message_id)
}
