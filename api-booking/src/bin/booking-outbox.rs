//! Lambda: publishes Booking's events, from the table's stream and, swept on schedule, from the outbox.

use api_booking::events::{Outbox, SnsPublisher};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use service_kit::aws::{AwsEnv, dynamodb, sns, variable};
use service_kit::{Clock, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = AwsEnv::from_env()?;
    let publisher = SnsPublisher::new(sns(&aws), variable("TOPIC_ARN")?);
    let outbox = &Outbox::new(publisher, dynamodb(&aws), variable("TABLE_NAME")?);
    let clock = &Clock::system();
    let invoke =
        async |event: LambdaEvent<Value>| outbox.invoke(event.payload, clock).await.map_err(Error::from);
    run(service_fn(invoke)).await
}
