use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// What a router says to a path or method it doesn't have.
const UNROUTED: [&str; 2] = ["not_found", "method_not_allowed"];

/// Holds `router` against its OpenAPI `document`: every path and method in it is routed, and no other method of
/// these paths. What is marked as needing a member answers 401 to a stranger, and nothing else does.
///
/// # Panics
/// When they differ: it is an assertion.
pub async fn routes_what_is_documented(router: Router, document: &str) {
    let document: Value = serde_json::from_str(document).expect("a contract is JSON");
    let paths = document["paths"].as_object().expect("a contract has paths");
    assert!(!paths.is_empty());
    for (path, operations) in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let operation = operations.get(method.as_str().to_ascii_lowercase());
            let code = refusal_of(&router, &method, &path.replace("{record_locator}", "K7QZ4M")).await;
            match operation {
                None => assert_eq!(code.as_deref(), Some("method_not_allowed"), "{method} {path}"),
                Some(operation) => {
                    let routed = code.as_deref().is_none_or(|code| !UNROUTED.contains(&code));
                    assert!(routed, "{method} {path} is documented, and answered with {code:?}");
                    let for_members = operation.get("security").is_some();
                    let refused = code.as_deref() == Some("unauthenticated");
                    assert_eq!(refused, for_members, "{method} {path} without a caller: {code:?}");
                }
            }
        }
    }
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
