use aws_lambda_events::event::sqs::SqsEvent;
use serde_json::json;

use super::calling::{call, failed_of};
use super::file::Delivery;
use super::{Bus, BusError, EventFunction, Redelivery};

/// How many messages go into one call.
const BATCH: u32 = 10;
const QUEUE_ARN: &str = "arn:aws:sqs:eu-west-1:000000000000:airmiles-booking-events";

/// Gives the queue's messages to the event function, batch by batch.
pub struct QueueMapping {
    bus: Bus,
    function: EventFunction,
    redelivery: Redelivery,
}

impl QueueMapping {
    /// The mapping of `bus`'s queue to `function`.
    #[must_use]
    pub fn new(bus: Bus, function: EventFunction, redelivery: Redelivery) -> Self {
        Self { bus, function, redelivery }
    }

    /// Takes what is visible, up to a batch, to the function and settles every message by its answer. Gives how
    /// many there were.
    ///
    /// # Errors
    /// When the bus's file fails. Nothing is lost: what was not settled comes again.
    pub async fn step(&self) -> Result<usize, BusError> {
        let (file, now_ms) = (&self.bus.0.file, self.bus.now_ms());
        let visibility_ms = self.redelivery.visibility_ms();
        let deliveries = file.run(move |file| file.receive(now_ms, visibility_ms, BATCH)).await?;
        if deliveries.is_empty() {
            return Ok(0);
        }
        let count = deliveries.len();
        let ids: Vec<String> = deliveries.iter().map(message_id).collect();
        let sent: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (failed, error) = match self.call(&deliveries).await {
            Ok(response) => {
                let reported = &response.batch_item_failures;
                let reported: Vec<&str> = reported.iter().map(|failure| &*failure.item_identifier).collect();
                (failed_of(&sent, &reported), "the function reported the message as failed".to_owned())
            }
            Err(error) => (sent.clone(), error),
        };
        let failed: Vec<bool> = sent.iter().map(|id| failed.contains(id)).collect();
        for (delivery, failed) in deliveries.into_iter().zip(failed) {
            self.settle(delivery, failed.then(|| error.clone())).await?;
        }
        Ok(count)
    }

    async fn call(
        &self,
        deliveries: &[Delivery],
    ) -> Result<aws_lambda_events::event::sqs::SqsBatchResponse, String> {
        let event = event_of(deliveries).map_err(|error| format!("the batch can't be written: {error}"))?;
        call(self.redelivery.call_timeout, || (self.function)(event)).await
    }

    async fn settle(&self, delivery: Delivery, error: Option<String>) -> Result<(), BusError> {
        let (file, now_ms) = (&self.bus.0.file, self.bus.now_ms());
        let Some(error) = error else {
            return file.run(move |file| file.acknowledge(&delivery, now_ms)).await;
        };
        let attempt = delivery.receive_count;
        let event_id = &delivery.event_id;
        if attempt >= self.redelivery.max_attempts {
            tracing::error!(event_id, attempt, error, "an event was given up and lies aside");
            return file.run(move |file| file.bury(&delivery, &error)).await;
        }
        let wait_ms = self.redelivery.wait_after_ms(attempt);
        tracing::warn!(event_id, attempt, wait_ms, error, "an event comes again later");
        file.run(move |file| file.defer(&delivery, now_ms.saturating_add(wait_ms), &error)).await
    }
}

fn message_id(delivery: &Delivery) -> String {
    format!("local-{}", delivery.message_id)
}

/// The batch in the shape that SQS gives a Lambda.
fn event_of(deliveries: &[Delivery]) -> serde_json::Result<SqsEvent> {
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
            "eventSourceARN": QUEUE_ARN,
            "awsRegion": "eu-west-1",
        })
    };
    serde_json::from_value(json!({ "Records": deliveries.iter().map(record).collect::<Vec<_>>() }))
}
