//! API Gateway and Cognito on a laptop: authenticates the caller and routes to the service.
//!
//! A missing or invalid token leaves a request without a [`Caller`]; a handler that takes the caller then refuses it
//! with 401, and public routes answer. There is no list of public paths here: it would have to be kept equal to the
//! handlers by hand. API Gateway has such a list in its template; a mistake there is harmless, as handlers refuse.

mod issuer;
mod local_api;
mod own_host;
mod ring_signatures;

use std::sync::Arc;
use std::time::Duration;

use api_types::{ProblemCode, UtcInstant};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use service_kit::http::{ApiError, Caller, with_middleware};
use service_kit::service::CallingService;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::bus::Bus;
use crate::services::{Mounted, Started};

pub use issuer::{AccessToken, Issuer};
pub use own_host::only_own_host;

/// How long an access token is good for.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(8 * 3600);

/// Bodies up to this size gain nothing from compression.
const COMPRESS_ABOVE_BYTES: u64 = 1024;

/// The services under their base paths, `/local/*` and `/config.json`.
pub(crate) fn router(services: Started, issuer: Issuer, bus: Bus) -> Router {
    let local = local_api::LocalApi::new(&services, issuer.clone(), bus.clone());
    let config = local_api::config(&services.mounted);
    let mut apis = Router::new();
    for service in services.mounted {
        apis = apis.nest(&service.base_path.clone(), routes_of(service, &bus, &issuer));
    }
    if services.peers.set(apis.clone()).is_err() {
        tracing::warn!("the services were connected twice");
    }
    let compress = SizeAbove::new(COMPRESS_ABOVE_BYTES).and(NotForContentType::GRPC);
    apis.nest("/local", with_middleware("local", local_api::routes(local)))
        .route("/config.json", get(async || config))
        .layer(CompressionLayer::new().br(true).gzip(true).compress_when(compress))
}

fn routes_of(service: Mounted, bus: &Bus, issuer: &Issuer) -> Router {
    let routes = service.router.layer(middleware::from_fn_with_state(bus.clone(), wake_after_write));
    match service.callers {
        None => routes.layer(middleware::from_fn_with_state(issuer.clone(), identify)),
        Some(callers) => {
            routes.layer(middleware::from_fn_with_state(Arc::from(callers), admit_listed_services))
        }
    }
}

/// Refuses all but the services that may call a private one, as the gateway in AWS refuses a request that isn't signed. A
/// request from the network is never one of theirs.
async fn admit_listed_services(
    State(callers): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<CallingService>();
    if caller.is_some_and(|CallingService(name)| callers.contains(name)) {
        return next.run(request).await;
    }
    ApiError::new(ProblemCode::NotFound, "There is no such path or method.").into_response()
}

/// Authenticates the caller.
async fn identify(State(issuer): State<Issuer>, mut request: Request, next: Next) -> Response {
    let token = bearer(request.headers());
    let caller = token.and_then(|token| issuer.verify(token));
    let refused = token.is_some() && caller.is_none();
    if let Some(member_id) = caller {
        request.extensions_mut().insert(Caller { member_id });
    }
    let mut response = next.run(request).await;
    if refused && response.status() == StatusCode::UNAUTHORIZED {
        // RFC 6750 tells an invalid token from a missing one.
        let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A successful write may have left an event in the outbox: wakes the bus instead of waiting for its next poll.
async fn wake_after_write(State(bus): State<Bus>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = next.run(request).await;
    if !reads && response.status().is_success() {
        bus.wake();
    }
    response
}

/// When a token made at `now` ends.
fn ends(now: UtcInstant) -> UtcInstant {
    now.plus_secs(i64::try_from(TOKEN_LIFETIME.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use service_kit::Clock;
    use service_kit::service::Peers;
    use tower::ServiceExt;

    use super::*;

    /// A private service `tests`, which `friends` may call.
    fn private_service() -> Started {
        let router = Router::new().route("/secret", get(async || "secret"));
        let callers = Some(vec!["friends".to_owned()]);
        let mounted =
            Mounted { name: "tests".to_owned(), base_path: "/api/tests".to_owned(), router, callers };
        Started { mounted: vec![mounted], ..Started::default() }
    }

    #[tokio::test]
    async fn a_private_service_answers_its_listed_callers_only() {
        let services = private_service();
        let peers = Arc::clone(&services.peers);
        let bus = Bus::in_memory(Clock::system(), vec![]).unwrap();
        let router = router(services, Issuer::new(&[7; 32]), bus);
        let request = || Request::get("/api/tests/secret").body(Body::empty()).unwrap();

        let answered = Peers::new("friends".to_owned(), Arc::clone(&peers)).call(request()).await.unwrap();
        assert_eq!(answered.status(), StatusCode::OK);
        for refused in [
            router.oneshot(request()).await.unwrap(),
            Peers::new("strangers".to_owned(), peers).call(request()).await.unwrap(),
        ] {
            assert_eq!(refused.status(), StatusCode::NOT_FOUND);
            assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
            let body = to_bytes(refused.into_body(), usize::MAX).await.unwrap();
            let problem: api_types::Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.code, ProblemCode::NotFound);
        }
    }
}
