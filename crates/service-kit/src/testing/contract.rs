//! A service's contracts: compared with its router and its types, and written when [`UPDATE`] is set.

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use utoipa::openapi::OpenApi;

/// The variable with which `cargo xtask contract generate` makes [`is_committed`] write instead of compare.
pub const UPDATE: &str = "UPDATE_CONTRACTS";

const REFERENCE: &str = "#/components/schemas/";

/// The codes with which a router refuses a path or method that it doesn't have.
const UNROUTED: [&str; 2] = ["not_found", "method_not_allowed"];

/// The OpenAPI document as JSON.
#[must_use]
pub fn openapi(document: &OpenApi) -> Value {
    let mut document = serde_json::to_value(document).expect("a document is plain JSON");
    change_texts(&mut document, &|name, text| {
        if name == "description"
            && let Some(example) = text.find("\n\n```")
        {
            text.truncate(example); // an example in Rust
        }
    });
    document
}

/// JSON Schema 2020-12 of an event: `envelope` among the `components`, with every type it refers to under `$defs`. `name` is
/// that of the contract, for instance `booking-event`.
#[must_use]
pub fn event_schema(
    components: &OpenApi,
    envelope: &str,
    name: &str,
    title: &str,
    description: &str,
) -> Value {
    let document = openapi(components);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:tern:schema:{name}:1"),
        "title": title,
        "description": description,
        "$ref": format!("{REFERENCE}{envelope}"),
        "$defs": document["components"]["schemas"],
    });
    change_texts(&mut schema, &|name, text| {
        if name == "$ref" {
            *text = text.replace(REFERENCE, "#/$defs/");
        }
    });
    schema
}

fn change_texts(value: &mut Value, change: &impl Fn(&str, &mut String)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) => change(name, text),
                    other => change_texts(other, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| change_texts(item, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Asserts that `api-types/contracts/<name>` is `contract`; with [`UPDATE`] set, writes it.
///
/// # Panics
/// When the file is stale or can't be written, or a reference leads nowhere.
pub fn is_committed(name: &str, contract: &Value) {
    change_texts(&mut contract.clone(), &|key, target| {
        if key == "$ref" {
            let pointer = target.strip_prefix('#');
            assert!(pointer.and_then(|at| contract.pointer(at)).is_some(), "{name}: {target} leads nowhere");
        }
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../api-types/contracts").join(name);
    let text = format!("{contract:#}\n");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
    } else {
        compare(name, &std::fs::read_to_string(&path).unwrap_or_default(), &text);
    }
}

fn compare(name: &str, committed: &str, generated: &str) {
    assert!(
        committed == generated,
        "api-types/contracts/{name} is stale: run `cargo xtask contract generate` and commit it"
    );
}

/// Asserts that `router` has the paths and methods of its OpenAPI `document`, and no others, and that a stranger is
/// answered 401 exactly where the document asks for a member.
///
/// # Panics
/// When they differ.
pub async fn routes_what_is_documented(router: Router, document: &OpenApi) {
    let document = openapi(document);
    let operations = document["paths"].as_object().expect("a document has paths");
    let documented: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    let shown = format!("{router:?}");
    assert_eq!(paths(&shown), documented, "paths that are routed, and that are documented");
    if !documented.contains("/") {
        assert_eq!(refusal_of(&router, &Method::GET, "/").await.as_deref(), Some("not_found"), "GET /");
    }
    for (path, operations) in operations {
        let address = with_examples(path, operations, &document);
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let operation = operations.get(method.as_str().to_ascii_lowercase());
            let code = refusal_of(&router, &method, &address).await;
            match operation {
                None => assert_eq!(code.as_deref(), Some("method_not_allowed"), "{method} {path}"),
                Some(operation) => {
                    let routed = code.as_deref().is_none_or(|code| !UNROUTED.contains(&code));
                    assert!(routed, "{method} {path} is documented, and answered with {code:?}");
                    // A private route is guarded by the gateway's signature check, before the function.
                    let needed = operation["security"].as_array().into_iter().flatten();
                    let for_members = needed.into_iter().any(|scheme| scheme.get("member").is_some());
                    let refused = code.as_deref() == Some("unauthenticated");
                    assert_eq!(refused, for_members, "{method} {path} without a caller: {code:?}");
                }
            }
        }
    }
}

/// `path` with the documented example of each of its parameters: a value that can't be parsed would not be found.
fn with_examples(path: &str, operations: &Value, document: &Value) -> String {
    let operations = operations.as_object().into_iter().flat_map(|operations| operations.values());
    let parameters: Vec<&Value> =
        operations.flat_map(|operation| operation["parameters"].as_array().into_iter().flatten()).collect();
    let example = |name: &str| {
        let parameter = parameters.iter().find(|each| each["in"] == "path" && each["name"] == name)?;
        let schema = &parameter["schema"];
        let shared = schema["$ref"].as_str().and_then(|target| document.pointer(target.strip_prefix('#')?));
        parameter.get("example").or_else(|| shared.unwrap_or(schema).get("example"))?.as_str()
    };
    let parts = path.split('/').map(|part| {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { return part };
        example(name).unwrap_or_else(|| panic!("{path}: document an `example` of {name}"))
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The paths of a router, from its `Debug` text: axum lists them nowhere else. Its fallback stands there as two paths.
fn paths(shown: &str) -> BTreeSet<&str> {
    let is_fallback = |path: &str| path == "/" || path == "/{*__private__axum_fallback}";
    shown.split('"').filter(|text| text.starts_with('/') && !is_fallback(text)).collect()
}

/// The code of the problem that a stranger's bare request is answered with, if it is one.
async fn refusal_of(router: &Router, method: &Method, path: &str) -> Option<String> {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(Body::empty()).expect("a documented path is a path");
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let body = response.into_body().collect().await.expect("a body in memory can be read").to_bytes();
    let problem: Value = serde_json::from_slice(&body).ok()?;
    Some(problem.get("code")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;
    use crate::http::{ApiError, Caller, Path, with_middleware};

    mod handlers {
        use super::*;

        #[utoipa::path(get, path = "/gates", responses((status = 200, body = String)))]
        pub(super) async fn list_gates() -> String {
            "A1".to_owned()
        }

        /// Parses its parameter, so that only some paths are there.
        #[utoipa::path(get, path = "/gates/{gate}", responses((status = 200, body = String)),
            params(("gate" = String, Path, example = "7")))]
        pub(super) async fn retrieve_gate(Path(gate): Path<u8>) -> String {
            gate.to_string()
        }

        #[utoipa::path(get, path = "/piers/{pier}", responses((status = 200, body = String)),
            params(("pier" = String, Path)))]
        pub(super) async fn retrieve_pier(Path(pier): Path<u8>) -> String {
            pier.to_string()
        }

        #[utoipa::path(get, path = "/mine", responses((status = 200, body = String)))]
        pub(super) async fn retrieve_mine(caller: Caller) -> Result<String, ApiError> {
            Ok(caller.member_id.to_string())
        }
    }

    crate::routes! { (), "Gates", "Says where to board."; handlers::list_gates, handlers::retrieve_gate }

    mod piers {
        use super::*;

        crate::routes! { (), "Piers", "Says where gates are."; handlers::retrieve_pier }

        pub(super) fn router() -> Router {
            with_middleware("piers-http", routes())
        }
    }

    mod open {
        use super::*;

        crate::routes! { (), "Gates", "Says where to board."; handlers::retrieve_mine }

        pub(super) fn router() -> Router {
            with_middleware("gates-http", routes())
        }
    }

    #[tokio::test]
    async fn documented_routes_pass() {
        routes_what_is_documented(with_middleware("gates-http", routes()), &document()).await;
    }

    #[tokio::test]
    #[should_panic(expected = "/piers/{pier}: document an `example` of pier")]
    async fn a_parameter_without_an_example_is_found() {
        routes_what_is_documented(piers::router(), &piers::document()).await;
    }

    #[tokio::test]
    #[should_panic(expected = "paths that are routed, and that are documented")]
    async fn a_route_without_a_documented_path_is_found() {
        let more = routes().route("/hidden", get(async || "here"));
        routes_what_is_documented(with_middleware("gates-http", more), &document()).await;
    }

    #[tokio::test]
    #[should_panic(expected = "POST /gates")]
    async fn a_method_without_a_documented_operation_is_found() {
        let more = routes().route("/gates", axum::routing::post(async || "made"));
        routes_what_is_documented(with_middleware("gates-http", more), &document()).await;
    }

    #[tokio::test]
    #[should_panic(expected = "GET /mine without a caller")]
    async fn a_route_for_members_that_is_documented_as_open_is_found() {
        routes_what_is_documented(open::router(), &open::document()).await;
    }

    #[test]
    #[should_panic(
        expected = "api-types/contracts/gates.openapi.json is stale: run `cargo xtask contract generate`"
    )]
    fn a_committed_contract_that_differs_is_stale() {
        compare("gates.openapi.json", "{}", &openapi(&document()).to_string());
    }
}
