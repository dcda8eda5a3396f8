//! Lambda: Booking's REST API behind API Gateway.

use api_booking::domain::signing::signing_keys;
use api_booking::{App, AppParts, Random, http};
use service_kit::aws::{AwsEnv, dynamodb, variable};
use service_kit::{Clock, lambda, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    telemetry::init("booking", api_booking::http::FUNCTION);
    let app = App::new(AppParts {
        dynamodb: dynamodb(&AwsEnv::from_env()?),
        table: variable("TABLE_NAME")?,
        signing_keys: signing_keys(&variable("OFFER_SIGNING_KEYS")?)?,
        clock: Clock::system(),
        random: Random::system()?,
    })?;
    lambda::run_http(http::router(app)).await
}
