//! The schemas in the committed contracts are those of the types. Each service's own test compares the routes.

use std::path::Path;

use api_types::{
    Account, Airports, Booking, BookingMiles, BookingPage, BookingRequest, BookingState, Estimate,
    EventEnvelope, FareStrip, LedgerPage, Offers, Problem,
};
use serde_json::Value;
use utoipa::OpenApi;

/// What is sent, with all that it holds. A service may send more; its own test compares that.
#[derive(OpenApi)]
#[openapi(components(schemas(
    Account, Airports, Booking, BookingMiles, BookingPage, BookingRequest, Estimate, EventEnvelope<BookingState>,
    FareStrip, LedgerPage, Offers, Problem,
)))]
struct Wire;

/// Without what differs on purpose: where references point, and examples in Rust.
fn plain(value: &Value) -> Value {
    let field = |(name, value): (&String, &Value)| {
        let value = match value.as_str() {
            Some(text) if name == "description" => text.split("\n\n```").next().into(),
            Some(text) if name == "$ref" => text.rsplit('/').next().into(),
            _ => plain(value),
        };
        (name.clone(), value)
    };
    match value {
        Value::Object(fields) => fields.iter().map(field).collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_schemas_in_the_committed_contracts_are_up_to_date() {
    let types = serde_json::to_value(Wire::openapi()).unwrap();
    let types = types["components"]["schemas"].as_object().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        if !(file.ends_with(".openapi.json") || file.ends_with(".schema.json")) {
            continue;
        }
        let contract: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let schemas = contract.pointer("/components/schemas").or(contract.get("$defs")).unwrap();
        for (name, committed) in schemas.as_object().unwrap() {
            let Some(now) = types.get(name) else { continue };
            assert!(
                plain(committed) == plain(now),
                "api-types/contracts/{file} is stale: {name} has changed: run `cargo xtask contract generate`"
            );
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} schemas only");
}
