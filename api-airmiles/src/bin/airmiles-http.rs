//! Lambda: the REST API of Airmiles behind API Gateway.

service_kit::lambda_main!(http: api_airmiles::http::router(api_airmiles::App::from_env()?));
