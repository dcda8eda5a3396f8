use api_types::{Booking, BookingPage, BookingRequest, IdempotencyKey, RecordLocator, UtcInstant};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use service_kit::cursor;
use service_kit::http::{ApiError, Caller, Json, Parameters, Path};
use service_kit::trace::TraceParent;
use tracing::Span;
use tracing::field::display;

use super::error::not_found;
use super::headers::{Idempotency, conditional};
use crate::App;
use crate::create_booking::{self as use_case, CreateBooking};
use crate::store::BookingPosition;

/// Book one way or a return trip for one to nine people, all or nothing.
///
/// The same key with the same body gives the first answer again; with another body it is refused.
#[utoipa::path(post, path = "/bookings", tag = "bookings",
    params(("Idempotency-Key" = inline(IdempotencyKey), Header, description = "The client's own name for this attempt")),
    request_body = BookingRequest,
    responses(
        (status = 201, body = Booking, headers(("Location" = String, description = "Where the booking is found")))),
    security(("member" = [])))]
pub(super) async fn create_booking(
    State(app): State<App>,
    caller: Caller,
    Extension(trace): Extension<TraceParent>,
    Idempotency(idempotency_key): Idempotency,
    Json(request): Json<BookingRequest>,
) -> Result<Response, ApiError> {
    let order = CreateBooking { caller: caller.member_id, idempotency_key, request, trace: Some(trace) };
    let reply = use_case::create_booking(&app, &order).await?;
    Span::current().record("record_locator", display(&reply.record_locator));
    // Relative to `/bookings`: the service doesn't know the base path that it is mounted under (RFC 3986, 5.2).
    let location = format!("bookings/{}", reply.record_locator);
    let headers = [(header::LOCATION, location.as_str()), (header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, headers, reply.body).into_response())
}

/// One booking of the caller's.
#[utoipa::path(get, path = "/bookings/{record_locator}", tag = "bookings",
    params(("record_locator" = RecordLocator, Path, description = "The booking")),
    responses(
        (status = 200, body = Booking, headers(("ETag" = String, description = "The booking's version"))),
        (status = 304, description = "As If-None-Match said")),
    security(("member" = [])))]
pub(super) async fn retrieve_booking(
    State(app): State<App>,
    caller: Caller,
    Path(locator): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let locator: RecordLocator = locator.parse().map_err(|_| not_found())?;
    let booking = app.store().retrieve_booking(&caller.member_id, &locator).await?.ok_or_else(not_found)?;
    Span::current().record("record_locator", display(&locator));
    let etag = HeaderValue::from_str(&format!("\"{}\"", booking.version)).map_err(ApiError::internal)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok(conditional(&headers, etag, || (json, booking.document).into_response()))
}

/// The position after which a page begins, as cursors hold it.
#[derive(Serialize, Deserialize)]
struct PageStart {
    created_at: UtcInstant,
    record_locator: RecordLocator,
}

/// The caller's own bookings, newest first.
#[utoipa::path(get, path = "/bookings", tag = "bookings",
    params(
        ("limit" = Option<u8>, Query, description = "How many; 20 if left out", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = BookingPage)),
    security(("member" = [])))]
pub(super) async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<BookingPage>, ApiError> {
    let page = parameters.page();
    parameters.finish()?;
    let after = page
        .after
        .map(|PageStart { created_at, record_locator }| BookingPosition { created_at, record_locator });
    let (items, next) = app.store().list_bookings(&caller.member_id, after.as_ref(), page.limit).await?;
    let next_cursor = next.map(|BookingPosition { created_at, record_locator }| {
        cursor::encode(&PageStart { created_at, record_locator })
    });
    Ok(Json(BookingPage { items, next_cursor }))
}
