//! The Lambda that answers the REST API of Airmiles.

use api_airmiles::App;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    service_kit::telemetry::init("airmiles", api_airmiles::http::FUNCTION);
    let app = App::from_env()?;
    service_kit::lambda::run_http(api_airmiles::http::router(app)).await
}
