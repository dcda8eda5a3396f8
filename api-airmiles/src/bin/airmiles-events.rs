//! The Lambda that applies the bookings' events from the queue of Airmiles.

use api_airmiles::{App, events::Consumer};
use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    service_kit::telemetry::init();
    let app = App::from_env()?;
    let consumer = &Consumer::new(app.store().clone(), app.clock().clone());
    let handler = async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, lambda_runtime::Error>(consumer.handle(event.payload).await)
    };
    lambda_runtime::run(service_fn(handler)).await
}
