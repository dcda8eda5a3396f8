//! The least that a function of Tern's kind costs: one route that reads one item and answers a text in it.
//!
//! `cargo xtask bench` measures it beside `booking-http`: what the runtime, the router and the SDK cost on a
//! machine is theirs, the rest is ours.

use aws_sdk_dynamodb::types::AttributeValue;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use service_kit::aws::{AwsEnv, dynamodb, variable};
use service_kit::telemetry;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone)]
struct Table {
    dynamodb: aws_sdk_dynamodb::Client,
    name: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    telemetry::init("least", "least-function");
    let table = Table { dynamodb: dynamodb(&AwsEnv::from_env()?), name: variable("TABLE_NAME")? };
    let routes = axum::Router::new().route("/bookings/{record_locator}", get(read)).with_state(table);
    lambda_http::run(routes).await
}

async fn read(State(table): State<Table>, Path(locator): Path<String>) -> Result<String, StatusCode> {
    let found = table
        .dynamodb
        .get_item()
        .table_name(table.name)
        .key("pk", AttributeValue::S(format!("BOOKING#{locator}")))
        .key("sk", AttributeValue::S("BOOKING".to_owned()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    tracing::info!(target: "service_kit", status = 200, "answered");
    let document = found.item.and_then(|mut item| item.remove("booking"));
    document.and_then(|document| document.as_s().ok().cloned()).ok_or(StatusCode::NOT_FOUND)
}
