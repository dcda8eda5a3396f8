use api_types::{BookingPage, BookingRequest, RecordLocator, UtcInstant};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use service_kit::cursor;
use service_kit::http::{ApiError, Caller, Json, Parameters, Path};
use service_kit::station;

use super::parameters::{Idempotency, conditional};
use super::problems::{Refusal, not_found};
use crate::App;
use crate::book::{self, Order};
use crate::my_bookings;
use crate::store::ListedAt;

/// `POST /bookings`
pub(super) async fn make_booking(
    State(app): State<App>,
    caller: Caller,
    Idempotency(idempotency_key): Idempotency,
    Json(request): Json<BookingRequest>,
) -> Result<Response, Refusal> {
    let trace = station::here().map(|station| station.trace());
    let order = Order { caller: caller.member_id, idempotency_key, request, trace };
    let reply = book::book(&app, &order).await?;
    station::about(&reply.record_locator);
    // Relative to `/bookings`, as the service doesn't know under which base path it is mounted (RFC 3986, 5.2).
    let location = format!("bookings/{}", reply.record_locator);
    let headers = [(header::LOCATION, location.as_str()), (header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, headers, reply.body).into_response())
}

/// `GET /bookings/{record_locator}`
pub(super) async fn retrieve_booking(
    State(app): State<App>,
    caller: Caller,
    Path(locator): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let locator: RecordLocator = locator.parse().map_err(|_| not_found())?;
    let booking = my_bookings::retrieve(&app, &caller.member_id, &locator).await?;
    station::about(&locator);
    let etag = HeaderValue::from_str(&format!("\"{}\"", booking.version)).map_err(ApiError::internal)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok(conditional(&headers, etag, || (json, booking.document).into_response()))
}

/// Where a page of bookings begins, as cursors hold it.
#[derive(Serialize, Deserialize)]
struct PageStart {
    created_at: UtcInstant,
    record_locator: RecordLocator,
}

/// `GET /bookings`
pub(super) async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<BookingPage>, Refusal> {
    let page = parameters.page();
    parameters.finish()?;
    let after =
        page.after.map(|PageStart { created_at, record_locator }| ListedAt { created_at, record_locator });
    let (items, next) = my_bookings::list(&app, &caller.member_id, after.as_ref(), page.limit).await?;
    let next_cursor = next.map(|ListedAt { created_at, record_locator }| {
        cursor::encode(&PageStart { created_at, record_locator })
    });
    Ok(Json(BookingPage { items, next_cursor }))
}
