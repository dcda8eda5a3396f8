//! The Lambda that answers the REST API of Airmiles.

use api_airmiles::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    service_kit::telemetry::init();
    let app = App::from_env()?;
    service_kit::lambda::run_http(api_airmiles::http::router(app)).await
}
