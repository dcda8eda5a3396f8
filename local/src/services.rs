//! Puts both services together on the laptop's stores, and their event functions onto the bus.

use std::sync::Arc;

use api_airmiles::enrolment::{EnrolError, Enrolment, enrol};
use api_airmiles::events::Consumer;
use api_booking::Random;
use embedded_dynamo::EmbeddedDynamo;
use futures::FutureExt;
use service_kit::Clock;
use service_kit::events::outbox::{Outbox, OutboxMessage, PublishError, Publisher};
use service_kit::events::queue::QueueConsumer;
use service_kit::telemetry::in_one_line;

use crate::bus::{Bus, Handlers, Message, Redelivery};
use crate::data_folder::Keys;
use crate::gateway::Services;
use crate::members;

const BOOKING_TABLE: &str = "booking";
const AIRMILES_TABLE: &str = "airmiles";

/// What is committed longer than this and still unpublished was left behind by the stream.
const LEFT_BEHIND_SECS: i64 = 5;

/// Both services, ready.
pub(crate) struct Opened {
    /// What answers requests.
    pub(crate) routers: Services,
    /// What carries events.
    pub(crate) handlers: Handlers,
}

/// Why the services can't start on their stores.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    #[error("Booking's table can't be opened: {0}.")]
    BookingTable(String),
    #[error("Airmiles' table can't be opened: {0}.")]
    AirmilesTable(String),
    #[error("Booking can't start: {0}.")]
    Booking(String),
    #[error("The local members can't be enrolled: {0}.")]
    Members(#[from] EnrolError),
}

/// Opens tables (made if missing), apps and functions, and enrols the local members.
pub(crate) async fn open(
    booking: &EmbeddedDynamo,
    airmiles: &EmbeddedDynamo,
    keys: &Keys,
    bus: &Bus,
    clock: Clock,
) -> Result<Opened, ServicesError> {
    let (booking_client, airmiles_client) = (booking.client(), airmiles.client());
    api_booking::store::create_table(&booking_client, BOOKING_TABLE)
        .await
        .map_err(|error| ServicesError::BookingTable(in_one_line(&error)))?;
    api_airmiles::store::create_table(&airmiles_client, AIRMILES_TABLE)
        .await
        .map_err(|error| ServicesError::AirmilesTable(in_one_line(&error)))?;

    let booking_app = api_booking::App::new(api_booking::AppParts {
        dynamodb: booking_client.clone(),
        table: BOOKING_TABLE.to_owned(),
        signing_keys: vec![keys.offers],
        clock: clock.clone(),
        random: Random::system().map_err(|error| ServicesError::Booking(error.to_string()))?,
    })
    .map_err(|error| ServicesError::Booking(error.to_string()))?;
    let airmiles_app = api_airmiles::App::new(api_airmiles::AppParts {
        dynamodb: airmiles_client,
        table: AIRMILES_TABLE.to_owned(),
        clock: clock.clone(),
    });
    enrol_members(&airmiles_app).await?;

    let topic = Topic(bus.clone());
    let function = api_booking::events::FUNCTION;
    let outbox = Arc::new(Outbox::new(function, topic, booking_client, BOOKING_TABLE, clock.clone()));
    let consumer = Arc::new(Consumer::new(airmiles_app.store().clone(), clock.clone()));
    let sweeping = Arc::clone(&outbox);
    let handlers = Handlers {
        booking: booking.clone(),
        booking_table: BOOKING_TABLE.to_owned(),
        airmiles: airmiles.clone(),
        outbox: Arc::new(move |event| {
            let outbox = Arc::clone(&outbox);
            async move { Ok(outbox.handle(event).await) }.boxed()
        }),
        sweep: Arc::new(move || {
            let (outbox, before) = (Arc::clone(&sweeping), clock.now().plus_secs(-LEFT_BEHIND_SECS));
            async move {
                let swept = outbox.sweep(before).await.map_err(|error| in_one_line(&error))?;
                if swept.failed == 0 {
                    Ok(swept.published)
                } else {
                    Err(format!("{} events could not be published", swept.failed))
                }
            }
            .boxed()
        }),
        consumer: Arc::new(move |event| {
            let consumer = Arc::clone(&consumer);
            async move { Ok(consumer.handle(event).await) }.boxed()
        }),
        redelivery: Redelivery::default(),
    };
    let routers = Services {
        booking: api_booking::http::router(booking_app),
        airmiles: api_airmiles::http::router(airmiles_app),
    };
    Ok(Opened { routers, handlers })
}

/// Gives each local member what they bring along, once per data folder.
async fn enrol_members(airmiles: &api_airmiles::App) -> Result<(), EnrolError> {
    for member in members() {
        let enrolment = Enrolment {
            member_id: member.member_id.clone(),
            tier: member.tier,
            opening_balance: member.opening_balance,
            status_miles: member.status_miles,
            at: airmiles.clock().now(),
        };
        enrol(airmiles.store(), enrolment).await?;
    }
    Ok(())
}

/// The bus as Booking's topic.
struct Topic(Bus);

impl Publisher for Topic {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        let OutboxMessage { id, event_type, source: _, subject, body } = message;
        let message = Message { event_id: id.clone(), event_type, subject, body };
        self.0.publish(message, 0).await.map_err(|error| PublishError { id, cause: Box::new(error) })
    }
}
