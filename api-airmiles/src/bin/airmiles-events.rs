//! Lambda: consumes booking events from the queue of Airmiles.

service_kit::lambda_main!(queue: api_airmiles::events::Consumer::from(api_airmiles::App::from_env()?));
