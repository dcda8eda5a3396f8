//! The Lambda that applies the bookings' events from the queue of Airmiles.

use api_airmiles::App;
use api_airmiles::events::{Consumer, FUNCTION};
use aws_lambda_events::event::sqs::SqsEvent;
use service_kit::{lambda, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    telemetry::init("airmiles", FUNCTION);
    let app = App::from_env()?;
    let consumer = &Consumer::new(app.store().clone(), app.clock().clone());
    let handle = async |batch: SqsEvent| Ok(consumer.handle(batch).await);
    lambda::run_events(FUNCTION, handle).await
}
