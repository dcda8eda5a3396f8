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

use api_types::UtcInstant;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use service_kit::http::{Caller, with_middleware};
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

/// Refuses all but the services that may call a private one. A request from the network is never one of theirs.
async fn admit_listed_services(
    State(callers): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<CallingService>();
    if caller.is_some_and(|CallingService(name)| callers.contains(name)) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This service is private.").into_response()
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
