use std::error::Error;
use std::future::Future;

use aws_sdk_sns::types::MessageAttributeValue;

/// An event on its way to the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// The event's id: the same whenever the event is published again.
    pub id: String,
    /// What happened, such as `booking.confirmed.v1`.
    pub event_type: String,
    /// The service that publishes it, such as `tern.booking`.
    pub source: String,
    /// What it is about, such as a record locator.
    pub subject: String,
    /// The envelope in JSON, to the byte as it was committed.
    pub body: String,
}

/// An event was not published, or the outcome is unknown. It stays in the outbox.
#[derive(Debug, thiserror::Error)]
#[error("publishing the event {id}")]
pub struct PublishError {
    /// The event's id.
    pub id: String,
    /// The cause.
    #[source]
    pub cause: Box<dyn Error + Send + Sync>,
}

/// Publishes events to other services.
pub trait Publisher: Send + Sync {
    /// Publishes `message`; once this returns without an error, it will be delivered.
    ///
    /// # Errors
    /// When it was not accepted, or the outcome is unknown. Publishing the same again is safe.
    fn publish(&self, message: OutboxMessage) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Publishes to an SNS topic.
#[derive(Clone, Debug)]
pub struct SnsPublisher {
    sns: aws_sdk_sns::Client,
    topic_arn: String,
}

impl SnsPublisher {
    /// A publisher to the topic `topic_arn`.
    #[must_use]
    pub fn new(sns: aws_sdk_sns::Client, topic_arn: impl Into<String>) -> Self {
        Self { sns, topic_arn: topic_arn.into() }
    }
}

impl Publisher for SnsPublisher {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        let OutboxMessage { id, event_type, source, subject: _, body } = message;
        let failed = |cause: Box<dyn Error + Send + Sync>| PublishError { id: id.clone(), cause };
        let mut publish = self.sns.publish().topic_arn(&self.topic_arn).message(body);
        // Subscriptions may filter by these; everything else is in the body.
        for (name, value) in [("type", event_type), ("source", source)] {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            publish = publish.message_attributes(name, value.map_err(|error| failed(error.into()))?);
        }
        publish.send().await.map_err(|error| failed(error.into()))?;
        Ok(())
    }
}
