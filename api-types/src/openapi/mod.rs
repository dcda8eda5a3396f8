//! The contracts in `contracts/`, generated from the types: what the wire says is what the code reads.
//!
//! The paths stand here, beside the types, and not on the services' handlers: the document belongs to both
//! sides of the wire. Each service has a test that it routes what its document says, and nothing else.
//!
//! `cargo xtask contract generate` writes the files; a test fails while they are stale.

#[expect(dead_code, reason = "the functions are there for their paths, nobody calls them")]
mod airmiles;
#[expect(dead_code, reason = "the functions are there for their paths, nobody calls them")]
mod booking;
mod events;
mod text;

use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// Every contract as its file name within `contracts/` and its text.
#[must_use]
pub fn contracts() -> Vec<(&'static str, String)> {
    vec![
        ("booking.openapi.json", pretty(&booking::document())),
        ("airmiles.openapi.json", pretty(&airmiles::document())),
        ("booking-event.schema.json", pretty(&events::schema())),
    ]
}

fn pretty(document: &impl serde::Serialize) -> String {
    let mut document = serde_json::to_value(document).expect("a document is plain JSON");
    leave_out_rust(&mut document);
    let mut text = serde_json::to_string_pretty(&document).expect("a document is plain JSON");
    text.push('\n');
    text
}

/// Descriptions come from docstrings; their examples in Rust are for readers of Rust.
fn leave_out_rust(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "description" => {
                        if let Some(example) = text.find("\n\n```") {
                            text.truncate(example);
                        }
                    }
                    other => leave_out_rust(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_rust),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The access token that both APIs ask for.
struct MemberToken;

impl Modify for MemberToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("member", SecurityScheme::Http(scheme));
    }
}
