//! Booking's paths.

use utoipa::OpenApi;

use super::MemberToken;
use crate::*;

pub(super) fn document() -> utoipa::openapi::OpenApi {
    BookingApi::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tern Booking",
        description = "Sells flights. Every refusal is a problem body with a stable `code`.",
        version = "1",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(airports, flights, fares, book, bookings, booking),
    components(schemas(IdempotencyKey)),
    modifiers(&MemberToken)
)]
struct BookingApi;

/// The airports Tern serves.
#[utoipa::path(get, path = "/airports", tag = "search", operation_id = "list_airports",
    responses((status = 200, body = Airports), (status = 304, description = "As the ETag said"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
fn airports() {}

/// Priced itineraries of one or two segments for one bound; a return trip searches twice.
#[utoipa::path(get, path = "/flights", tag = "search", operation_id = "search_flights",
    params(
        ("from" = Iata, Query, description = "An airport or a metro code"),
        ("to" = Iata, Query, description = "An airport or a metro code"),
        ("date" = LocalDate, Query, description = "The local day of departure, today to 330 days ahead"),
        ("adults" = Option<u8>, Query, description = "12 years or older; 1 if left out", minimum = 1, maximum = 9),
        ("children" = Option<u8>, Query, description = "2 to 11 years", minimum = 0, maximum = 8),
        ("infants" = Option<u8>, Query, description = "Under 2 years, each on an adult's lap", minimum = 0, maximum = 4),
        ("cabin" = Option<Cabin>, Query, description = "economy if left out"),
    ),
    responses((status = 200, body = Offers),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
fn flights() {}

/// The lowest price on each of the seven days around a date.
#[utoipa::path(get, path = "/fares", tag = "search", operation_id = "fare_strip",
    params(
        ("from" = Iata, Query, description = "An airport or a metro code"),
        ("to" = Iata, Query, description = "An airport or a metro code"),
        ("date" = LocalDate, Query, description = "The day in the middle"),
        ("cabin" = Option<Cabin>, Query, description = "economy if left out"),
    ),
    responses((status = 200, body = FareStrip),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
fn fares() {}

/// Book one way or a return trip for one to nine people, all or nothing.
///
/// The same key with the same body gives the first answer again; with another body it is refused.
#[utoipa::path(post, path = "/bookings", tag = "bookings", operation_id = "book",
    params(("Idempotency-Key" = IdempotencyKey, Header, description = "The client's own name for this attempt")),
    request_body = BookingRequest,
    responses(
        (status = 201, body = Booking, headers(("Location" = String, description = "Where the booking is found"))),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn book() {}

/// The caller's own bookings, newest first.
#[utoipa::path(get, path = "/bookings", tag = "bookings", operation_id = "list_bookings",
    params(
        ("limit" = Option<u8>, Query, description = "How many; 20 if left out", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = BookingPage),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn bookings() {}

/// One booking of the caller's.
#[utoipa::path(get, path = "/bookings/{record_locator}", tag = "bookings", operation_id = "retrieve_booking",
    params(("record_locator" = RecordLocator, Path, description = "The booking")),
    responses(
        (status = 200, body = Booking, headers(("ETag" = String, description = "The booking's version"))),
        (status = 304, description = "As If-None-Match said"),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn booking() {}
