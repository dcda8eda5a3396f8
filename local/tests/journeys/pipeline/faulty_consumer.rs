//! The function that receives the events, with a fault for each call.

use std::sync::{Arc, Mutex};

use api_airmiles::events::Consumer;
use api_airmiles::store::Store;
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use service_kit::Clock;
use service_kit::events::queue::QueueConsumer;
use service_kit::service::{BoxError, Function, function};
use tokio::sync::Notify;

/// How the event function behaves at its next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    /// Replies with an error.
    Fails,
    /// Dies before it has done anything.
    DiesBefore,
    /// Dies after all was done, before anybody heard.
    DiesAfter,
    /// Gets the batch twice, the second time in another order.
    Repeats,
}

pub(super) fn consumer(
    client: &Client,
    clock: &Clock,
    mood: &Arc<Mutex<Mood>>,
    died: &Arc<Notify>,
) -> Function {
    let consumer = Arc::new(Consumer::new(Store::new(client.clone(), "airmiles"), clock.clone()));
    let (mood, died) = (Arc::clone(mood), Arc::clone(died));
    function(move |event: SqsEvent| {
        let (consumer, mood, died) = (Arc::clone(&consumer), *mood.lock().unwrap(), Arc::clone(&died));
        async move {
            if mood == Mood::Fails {
                return Err(BoxError::from("on purpose"));
            }
            if mood == Mood::DiesBefore {
                died.notify_one();
                return std::future::pending().await;
            }
            let response = consumer.handle(event.clone()).await;
            match mood {
                Mood::DiesAfter => {
                    died.notify_one();
                    std::future::pending().await
                }
                Mood::Repeats => {
                    let mut again = event;
                    again.records.reverse();
                    Ok(consumer.handle(again).await)
                }
                Mood::Well | Mood::Fails | Mood::DiesBefore => Ok(response),
            }
        }
    })
}
