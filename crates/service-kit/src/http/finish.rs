use std::any::Any;

use api_types::ProblemCode;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;

use super::{ApiError, Caller};
use crate::metrics::REFUSALS;
use crate::segment::Outcome;
use crate::station::{self, CLOSED, Station};
use crate::trace::Origin;

/// The largest request body that is read: a booking for nine people has under 4 KB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The routes of the function `name` with all that every service has: problem bodies for unknown paths and methods, the
/// body limit, a trace, one log line a request, and a panic that costs one request and not the process.
pub fn finish(name: &'static str, routes: Router) -> Router {
    routes
        .fallback(async || ApiError::new(ProblemCode::NotFound, "Check the address."))
        .method_not_allowed_fallback(async || {
            ApiError::new(ProblemCode::MethodNotAllowed, "The Allow header names the methods that are.")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(move |request, next| observe(name, request, next)))
}

async fn observe(name: &'static str, request: Request, next: Next) -> Response {
    let invocation_id =
        request.extensions().get::<lambda_http::Context>().map(|call| call.request_id.clone());
    let station = Station::of_call(name, Origin::of_headers(request.headers()), invocation_id);
    station.work(answer(&station, request, next)).await
}

async fn answer(station: &Station, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The route, not the path: lines of one route are counted together.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let signed_in = request.extensions().get::<Caller>().is_some();

    let mut response = next.run(request).await;

    let status = response.status();
    let code = response.extensions().get::<ProblemCode>().map(|code| code.as_str());
    if status.is_client_error() {
        station::count(REFUSALS);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&station.trace().request_id().to_string()) {
        headers.insert("x-request-id", id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    tracing::info!(
        target: CLOSED,
        method = method.as_str(),
        route,
        signed_in,
        status = status.as_u16(),
        code,
        took_us = station.took_us(),
        noted = station.take_noted().as_ref().map(tracing::field::display),
        "answered"
    );
    station.close(&Outcome::Answered { method: method.as_str(), route: &route, status: status.as_u16() });
    response
}

fn answer_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or("a panic without words"), "a handler panicked");
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
        let response = finish("kit-http", routes).oneshot(request).await.unwrap();
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
