use api_types::UtcInstant;
use serde::{Deserialize, Serialize};
use service_kit::trace::TraceParent;

/// The state of an event in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Not delivered yet, or being handled for the first time.
    Published,
    /// The consumer has acknowledged it.
    Delivered,
    /// The consumer failed; it will be tried again.
    Retrying,
    /// The consumer failed for too long; each redrive tries it once more.
    DeadLettered,
}

/// An event in one queue, without the event's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventWay {
    pub id: String,
    /// What happened: `booking.confirmed.v1`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What it is about: the record locator.
    pub subject: String,
    /// The queue that it went to.
    pub queue: String,
    /// The id of the request that caused it, as in the caller's `x-request-id`, in log lines and in the trace.
    pub request_id: Option<String>,
    pub state: EventState,
    pub published_at: UtcInstant,
    /// When the consumer first acknowledged it.
    pub delivered_at: Option<UtcInstant>,
    pub attempts: u32,
    /// Why the latest failed attempt failed.
    pub last_error: Option<String>,
}

/// The id of the request that caused the event in `body`, if that can be read.
pub(super) fn request_id_of(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Caused {
        traceparent: String,
    }

    let caused: Caused = serde_json::from_str(body).ok()?;
    Some(TraceParent::parse(&caused.traceparent)?.request_id().to_string())
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
