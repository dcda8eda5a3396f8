//! A topic that loses, repeats and delays messages, and the bus around it.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_booking::Random;
use embedded_dynamo::EmbeddedDynamo;
use local::bus::{Bus, Redelivery, StreamMapping, StreamSource, Subscription};
use service_kit::Clock;
use service_kit::events::outbox::{Outbox, OutboxMessage, PublishError, Publisher};
use service_kit::service::function;

const PUBLISHER: &str = "booking";
pub(super) const QUEUE: &str = "airmiles-booking-events";

/// A topic that loses, repeats and delays by dice.
#[derive(Clone)]
pub(super) struct DicedTopic {
    pub(super) bus: Arc<Mutex<Bus>>,
    pub(super) random: Random,
    pub(super) faulty: Arc<Mutex<bool>>,
}

impl Publisher for DicedTopic {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        let bus = self.bus.lock().unwrap().clone();
        let lost = |id: &str| PublishError { id: id.to_owned(), cause: "on purpose".into() };
        let id = message.id.clone();
        let fate = if *self.faulty.lock().unwrap() { self.random.below(6) } else { 5 };
        let delay_ms = if fate == 5 { 0 } else { self.random.below(90_000) as i64 };
        match fate {
            0 => return Err(lost(&id)), // never arrived
            1 => {
                bus.publish(PUBLISHER, message, delay_ms).await.unwrap();
                return Err(lost(&id)); // arrived, but the reply was lost
            }
            2 => bus.publish(PUBLISHER, message.clone(), 0).await.unwrap(), // arrives twice
            _ => {}
        }
        bus.publish(PUBLISHER, message, delay_ms).await.unwrap();
        Ok(())
    }
}

/// The bus in the file `path`. Messages are given up soon, so that some become dead letters.
pub(super) fn open_bus(path: &Path, clock: &Clock, random: &Random) -> Bus {
    let jitter = Random::seeded(random.draw());
    let redelivery = Redelivery {
        give_up_after: Duration::from_secs(20),
        jitter: Arc::new(move || jitter.below(1000) as f64 / 1000.0),
        ..Redelivery::default()
    };
    let to_airmiles = Subscription {
        publisher: PUBLISHER.to_owned(),
        event_types: ["booking.confirmed.v1".to_owned()].into(),
        queue: QUEUE.to_owned(),
    };
    Bus::open(path, clock.clone(), vec![to_airmiles], redelivery).unwrap()
}

/// The outbox reading the stream of `booking`, from its checkpoint.
pub(super) fn stream(bus: &Bus, booking: &EmbeddedDynamo, outbox: &Arc<Outbox<DicedTopic>>) -> StreamMapping {
    let source = StreamSource {
        checkpoint: "booking".to_owned(),
        table: "booking".to_owned(),
        partition: "pk".to_owned(),
        prefix: "OUTBOX#".to_owned(),
    };
    let outbox = Arc::clone(outbox);
    let publish = function(move |payload| {
        let outbox = Arc::clone(&outbox);
        async move { outbox.invoke(payload).await }
    });
    StreamMapping::new(bus.clone(), booking.clone(), source, publish)
}
