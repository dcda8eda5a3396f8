use service_kit::service::{BoxError, Environment, Parts, Service, function};

use crate::{App, AppParts, Random, events, http, store};

/// Booking for the laptop.
pub const SERVICE: Service =
    Service { descriptor: include_str!("../service.toml"), open: |environment| Box::pin(open(environment)) };

async fn open(environment: Environment) -> Result<Parts, BoxError> {
    let outbox = environment.outbox(events::FUNCTION);
    let Environment { dynamodb, table, clock, secret, .. } = environment;
    store::create_table(&dynamodb, &table).await?;
    let (booking_store, time) = (store::Store::new(dynamodb.clone(), table.clone()), clock.clone());
    let republish = function(move |request| {
        let (store, clock) = (booking_store.clone(), time.clone());
        async move { events::republish(&store, &clock, request).await }
    });
    let signing_keys = vec![secret("OFFER_SIGNING_KEYS")];
    let app = App::new(AppParts { dynamodb, table, signing_keys, clock, random: Random::system()? })?;
    let functions = [("outbox", outbox), ("republish", republish)].into();
    Ok(Parts { router: http::router(app), functions, ..Parts::default() })
}
