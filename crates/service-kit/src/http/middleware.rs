use std::any::Any;

use api_types::{Problem, ProblemCode};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use super::{ApiError, Caller};
use crate::metrics::{self, REFUSALS};
use crate::trace::{Origin, OriginKind};

/// The largest request body that is read: a booking for nine people has under 4 KB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The routes of the Lambda function `function` with the middleware of every service: problem bodies for unknown paths
/// and methods, the body limit, a span and its closing line for each request, and a 500 for a panic.
///
/// Handlers find the request's [`TraceParent`](crate::trace::TraceParent) among its extensions.
pub fn with_middleware(function: &'static str, routes: Router) -> Router {
    routes
        .fallback(async || ApiError::new(ProblemCode::NotFound, "Check the address."))
        .method_not_allowed_fallback(async || {
            ApiError::new(ProblemCode::MethodNotAllowed, "The Allow header names the methods that are.")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(move |request, next| observe(function, request, next)))
}

/// Answers a request in a span of its own.
async fn observe(function: &'static str, mut request: Request, next: Next) -> Response {
    let origin = Origin::of_headers(request.headers());
    let trace = origin.caller.new_span();
    let extensions = request.extensions();
    let span = info_span!(
        "request",
        function,
        traceparent = %trace,
        parent_id = origin.parent().map(display),
        xray_subsegment = origin.kind == OriginKind::XRay,
        invocation_id = extensions.get::<lambda_http::Context>().map(|call| call.request_id.as_str()),
        method = request.method().as_str(),
        // The route, not the path: lines of one route are counted together.
        route = extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str),
        signed_in = extensions.get::<Caller>().is_some(),
        record_locator = Empty,
        status = Empty,
        code = Empty,
        outcome = Empty,
    );
    request.extensions_mut().insert(trace);

    let mut response = next.run(request).instrument(span.clone()).await;

    let request_id = trace.request_id().to_string();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        span.record("code", problem.code.as_str());
        let problem = Problem { request_id: Some(request_id.clone()), ..problem };
        *response.body_mut() = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    span.record("status", response.status().as_u16());
    if response.status().is_client_error() {
        span.in_scope(|| metrics::count(REFUSALS));
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    span.record("outcome", "answered");
    response
}

fn answer_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message.unwrap_or("unknown"), "a handler panicked");
    ApiError::new(ProblemCode::Internal, "It has been noted. Trying again is safe.").into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::{get, post};
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::http::Json;

    async fn call(request: http::Request<Body>) -> (StatusCode, serde_json::Value) {
        let routes = Router::new()
            .route("/echo", post(async |Json(value): Json<serde_json::Value>| Json(value)))
            .route("/mine", get(async |caller: Caller| caller.member_id.to_string()))
            .route("/panics", get(async || -> &'static str { panic!("on purpose") }));
        let response = with_middleware("kit-http", routes).oneshot(request).await.unwrap();
        assert!(response.headers().contains_key("x-request-id"));
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(serde_json::Value::Null))
    }

    fn request(method: &str, path: &str, body: impl Into<Body>) -> http::Request<Body> {
        let request = http::Request::builder().method(method).uri(path);
        request.header("content-type", "application/json").body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn every_refusal_is_a_problem() {
        for (method, path, body, status, code) in [
            ("GET", "/nowhere", String::new(), 404, "not_found"),
            ("DELETE", "/echo", String::new(), 405, "method_not_allowed"),
            ("GET", "/mine", String::new(), 401, "unauthenticated"),
            ("GET", "/panics", String::new(), 500, "internal"),
            ("POST", "/echo", "not json".to_owned(), 400, "invalid_body"),
            ("POST", "/echo", format!("\"{}\"", "x".repeat(MAX_BODY_BYTES)), 413, "body_too_large"),
        ] {
            let (answered, problem) = call(request(method, path, body)).await;
            assert_eq!(
                (answered.as_u16(), problem["code"].as_str()),
                (status, Some(code)),
                "{method} {path}"
            );
            assert!(problem["request_id"].is_string(), "{problem}");
        }
        let (status, problem) = call(http::Request::post("/echo").body(Body::from("a=b")).unwrap()).await;
        assert_eq!((status.as_u16(), &problem["code"]), (415, &"unsupported_media_type".into()));
    }
}
