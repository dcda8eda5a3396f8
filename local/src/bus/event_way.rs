use api_types::UtcInstant;
use serde::Serialize;

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// In the queue, not tried yet or being handled.
    Published,
    /// The consumer has it.
    Delivered,
    /// The consumer failed; it will be tried again.
    Retrying,
    /// The consumer failed too often; it lies aside until the next start tries it again.
    DeadLettered,
}

/// The way of one event. It holds nothing of the event's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventWay {
    /// The event's id.
    pub id: String,
    /// What happened: `booking.confirmed.v1`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What it is about: the record locator.
    pub subject: String,
    /// How far it has come.
    pub state: EventState,
    /// When it first reached the topic.
    pub published_at: UtcInstant,
    /// When the consumer first had it.
    pub delivered_at: Option<UtcInstant>,
    /// How often it was given to the consumer.
    pub attempts: u32,
    /// Why the last attempt that failed did.
    pub last_error: Option<String>,
}

impl EventState {
    /// The word in the file and on the wire.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::DeadLettered => "dead_lettered",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Published, Self::Delivered, Self::Retrying, Self::DeadLettered]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}
