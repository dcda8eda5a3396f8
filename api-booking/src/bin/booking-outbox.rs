//! Lambda: publishes Booking's events, from the table's stream and, swept on schedule, from the outbox.

use api_booking::events::{FUNCTION, Outbox, SnsPublisher};
use serde_json::Value;
use service_kit::aws::{AwsEnv, dynamodb, sns, variable};
use service_kit::{Clock, lambda, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    telemetry::init("booking", FUNCTION);
    let aws = AwsEnv::from_env()?;
    let publisher = SnsPublisher::new(sns(&aws), variable("TOPIC_ARN")?);
    let outbox = &Outbox::new(publisher, dynamodb(&aws), variable("TABLE_NAME")?, Clock::system());
    let invoke = async |payload: Value| outbox.invoke(payload).await.map_err(Into::into);
    lambda::run_events(FUNCTION, invoke).await
}
