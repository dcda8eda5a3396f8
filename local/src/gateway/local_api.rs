//! `/config.json` and `/local/*`: what only a laptop has.

use api_types::{MemberId, ProblemCode, Tier, UtcInstant};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::header;
use serde::{Deserialize, Serialize};
use service_kit::Clock;
use service_kit::http::{ApiError, Json, Query};

use super::Issuer;
use crate::bus::{Bus, EventWay};
use crate::members;

/// How many events `GET /local/events` lists when not told, and at most.
const EVENTS_LISTED: u32 = 100;
const EVENTS_LISTED_AT_MOST: u32 = 1000;

#[derive(Clone)]
struct LocalApi {
    issuer: Issuer,
    bus: Bus,
    clock: Clock,
}

pub(super) fn routes(issuer: Issuer, bus: Bus) -> Router {
    Router::new()
        .route("/members", get(list_members))
        .route("/sign-in", post(sign_in))
        .route("/events", get(list_events))
        .with_state(LocalApi { issuer, bus, clock: Clock::system() })
}

/// Where the web app finds the services. In AWS the same document is a file beside the web app.
#[derive(Serialize)]
struct WebConfig {
    booking_api: &'static str,
    airmiles_api: &'static str,
    sign_in: SignInKind,
}

#[derive(Serialize)]
struct SignInKind {
    kind: &'static str,
}

pub(super) async fn config() -> impl IntoResponse {
    let config = WebConfig {
        booking_api: "/api/booking",
        airmiles_api: "/api/airmiles",
        sign_in: SignInKind { kind: "local" },
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(config))
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

async fn list_members() -> Json<MemberList> {
    let listed = |member: &crate::LocalMember| ListedMember {
        member_id: member.member_id.clone(),
        name: member.name,
        tier: member.tier,
    };
    Json(MemberList { members: members().iter().map(listed).collect() })
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
    let known = members().iter().any(|member| member.member_id == request.member_id);
    if !known {
        let detail = "There is no such member here. GET /local/members lists who can sign in.";
        return Err(ApiError::new(ProblemCode::NotFound, detail));
    }
    let token = api.issuer.issue(&request.member_id, api.clock.now()).map_err(ApiError::internal)?;
    Ok(Json(SignedIn { access_token: token.token, expires_at: token.expires_at }))
}

#[derive(Deserialize)]
struct EventQuery {
    limit: Option<u32>,
}

#[derive(Serialize)]
struct EventList {
    events: Vec<EventWay>,
}

/// The way of the latest events, newest first.
async fn list_events(
    State(api): State<LocalApi>,
    Query(query): Query<EventQuery>,
) -> Result<Json<EventList>, ApiError> {
    let limit = query.limit.unwrap_or(EVENTS_LISTED).min(EVENTS_LISTED_AT_MOST);
    let events = api.bus.events(limit).await.map_err(ApiError::internal)?;
    Ok(Json(EventList { events }))
}
