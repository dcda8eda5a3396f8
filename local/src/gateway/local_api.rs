//! `/config.json` and `/local/*`: what only a laptop has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api_types::{MemberId, ProblemCode, RecordLocator, Tier, UtcInstant};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::Clock;
use service_kit::http::{ApiError, Json, Path, Query};
use service_kit::service::{Function, LocalMember};

use super::Issuer;
use crate::bus::{self, Bus, EventFilter, EventWay};
use crate::services::{Mounted, Started};

/// Time-out of a function that is invoked by hand: Lambda's longest.
const INVOCATION: Duration = Duration::from_secs(900);

/// How many events `GET /local/events` lists by default, and at most.
const EVENTS_LISTED: u32 = 100;
const EVENTS_LISTED_AT_MOST: u32 = 1000;

#[derive(Clone)]
pub(super) struct LocalApi {
    issuer: Issuer,
    bus: Bus,
    clock: Clock,
    members: Arc<[LocalMember]>,
    functions: Arc<BTreeMap<String, Function>>,
}

impl LocalApi {
    pub(super) fn new(services: &Started, issuer: Issuer, bus: Bus) -> Self {
        Self {
            issuer,
            bus,
            clock: Clock::system(),
            members: services.members.clone().into(),
            functions: Arc::new(services.functions.clone()),
        }
    }
}

pub(super) fn routes(api: LocalApi) -> Router {
    Router::new()
        .route("/members", get(list_members))
        .route("/sign-in", post(sign_in))
        .route("/events", get(list_events))
        .route("/dead-letters/redrive", post(redrive_dead_letters))
        .route("/functions", get(list_functions))
        .route("/functions/{function}/invocations", post(invoke_function))
        .with_state(api)
}

/// The document from which the web app learns the addresses of the public services. In AWS it is a file beside the web
/// app.
pub(super) fn config(services: &[Mounted]) -> impl IntoResponse + Clone + use<> {
    let public = services.iter().filter(|service| service.callers.is_none());
    let mut config: BTreeMap<String, Value> = public
        .map(|service| (format!("{}_api", service.name), Value::from(service.base_path.clone())))
        .collect();
    config.insert("sign_in".to_owned(), json!({ "kind": "local" }));
    (
        [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")],
        json!(config).to_string(),
    )
}

#[derive(Serialize)]
struct MemberList {
    members: Vec<ListedMember>,
}

#[derive(Serialize)]
struct ListedMember {
    member_id: MemberId,
    name: &'static str,
    tier: Tier,
}

async fn list_members(State(api): State<LocalApi>) -> Json<MemberList> {
    let listed = |member: &LocalMember| ListedMember {
        member_id: member.member_id.clone(),
        name: member.name,
        tier: member.tier,
    };
    Json(MemberList { members: api.members.iter().map(listed).collect() })
}

#[derive(Deserialize)]
struct SignIn {
    member_id: MemberId,
}

#[derive(Serialize)]
struct SignedIn {
    access_token: String,
    expires_at: UtcInstant,
}

/// Signs in as one of the local members: there are no passwords on a laptop.
async fn sign_in(
    State(api): State<LocalApi>,
    Json(request): Json<SignIn>,
) -> Result<Json<SignedIn>, ApiError> {
    let known = api.members.iter().any(|member| member.member_id == request.member_id);
    if !known {
        let detail = "There is no such member here. GET /local/members lists who can sign in.";
        return Err(ApiError::new(ProblemCode::NotFound, detail));
    }
    let token = api.issuer.issue(&request.member_id, api.clock.now()).map_err(ApiError::internal)?;
    Ok(Json(SignedIn { access_token: token.token, expires_at: token.expires_at }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    limit: Option<u32>,
    record_locator: Option<RecordLocator>,
}

#[derive(Serialize)]
struct EventList {
    events: Vec<EventWay>,
}

/// The latest events, newest first.
async fn list_events(
    State(api): State<LocalApi>,
    Query(query): Query<EventQuery>,
) -> Result<Json<EventList>, ApiError> {
    let limit = query.limit.unwrap_or(EVENTS_LISTED).min(EVENTS_LISTED_AT_MOST);
    let subject = query.record_locator.map(|locator| locator.to_string());
    let events = api.bus.events(EventFilter { limit, subject }).await.map_err(ApiError::internal)?;
    Ok(Json(EventList { events }))
}

#[derive(Serialize)]
struct Redriven {
    redriven: u64,
}

/// Gives every dead letter one more attempt.
async fn redrive_dead_letters(State(api): State<LocalApi>) -> Result<Json<Redriven>, ApiError> {
    let redriven = api.bus.redrive().await.map_err(ApiError::internal)?;
    Ok(Json(Redriven { redriven }))
}

#[derive(Serialize)]
struct FunctionList {
    functions: Vec<String>,
}

async fn list_functions(State(api): State<LocalApi>) -> Json<FunctionList> {
    Json(FunctionList { functions: api.functions.keys().cloned().collect() })
}

/// Invokes a function with the payload in the body and gives its reply. As from Lambda, the reply of a function that
/// failed has status 200, the header `x-amz-function-error` and the error.
async fn invoke_function(
    State(api): State<LocalApi>,
    Path(function): Path<String>,
    Json(payload): Json<Value>,
) -> Result<Response, ApiError> {
    let Some(invoke) = api.functions.get(&function) else {
        let detail = "There is no such function here. GET /local/functions lists them.";
        return Err(ApiError::new(ProblemCode::NotFound, detail));
    };
    Ok(match bus::call(invoke, INVOCATION, payload).await {
        Ok(reply) => Json(reply).into_response(),
        Err(error) => {
            tracing::warn!(function, error, "an invoked function failed");
            ([("x-amz-function-error", "Unhandled")], Json(json!({ "errorMessage": error }))).into_response()
        }
    })
}
