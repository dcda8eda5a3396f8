//! The JSON Schema of the events about bookings.

use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::{BookingState, EventEnvelope};

/// Gathers the schemas; it has no paths.
#[derive(OpenApi)]
#[openapi(components(schemas(EventEnvelope<BookingState>)))]
struct Events;

/// JSON Schema 2020-12 of [`crate::BookingEvent`], with every type it refers to under `$defs`.
pub(super) fn schema() -> Value {
    let document = serde_json::to_value(Events::openapi()).expect("a document is plain JSON");
    let mut definitions = document["components"]["schemas"].clone();
    point_to_definitions(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tern:schema:booking-event:1",
        "title": "An event about a booking",
        "description": "Its `type` says what happened; `data` is the booking's full resulting state.",
        "$ref": "#/$defs/EventEnvelope_BookingState",
        "$defs": definitions,
    })
}

/// OpenAPI keeps its schemas under `components`, JSON Schema under `$defs`.
fn point_to_definitions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(target) if name == "$ref" => {
                        *target = target.replace("#/components/schemas/", "#/$defs/");
                    }
                    other => point_to_definitions(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_to_definitions),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
