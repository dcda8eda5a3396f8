//! Lambda: Booking's REST API behind API Gateway.

service_kit::lambda_main!(http: api_booking::http::router(api_booking::App::from_env()?));
