//! Airmiles' paths.

use utoipa::OpenApi;

use super::MemberToken;
use crate::*;

pub(super) fn document() -> utoipa::openapi::OpenApi {
    AirmilesApi::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tern Airmiles",
        description = "Keeps the miles that flights earn. Every refusal is a problem body with a stable `code`.",
        version = "1",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(booking_miles, account, entries, estimate),
    modifiers(&MemberToken)
)]
struct AirmilesApi;

/// The miles of one booking, and how they were worked out.
#[utoipa::path(get, path = "/airmiles/{record_locator}", tag = "miles", operation_id = "booking_miles",
    params(("record_locator" = RecordLocator, Path, description = "The booking")),
    responses((status = 200, body = BookingMiles),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn booking_miles() {}

/// The caller's balance, pending miles and tier.
#[utoipa::path(get, path = "/account", tag = "account", operation_id = "account",
    responses((status = 200, body = Account),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn account() {}

/// The caller's ledger, newest first, with running balances.
#[utoipa::path(get, path = "/account/entries", tag = "account", operation_id = "list_entries",
    params(
        ("limit" = Option<u8>, Query, description = "How many; 20 if left out", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = LedgerPage),
        (status = "default", body = Problem, content_type = "application/problem+json")),
    security(("member" = [])))]
fn entries() {}

/// What one adult's seat on a flight would earn, by the rules that bookings are credited by.
#[utoipa::path(get, path = "/estimate", tag = "miles", operation_id = "estimate",
    params(
        ("from" = Iata, Query, description = "An airport"),
        ("to" = Iata, Query, description = "An airport"),
        ("cabin" = Cabin, Query, description = "The cabin"),
        ("fare_class" = FareClass, Query, description = "A class of that cabin"),
        ("tier" = Option<Tier>, Query, description = "coast if left out"),
    ),
    responses((status = 200, body = Estimate),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
fn estimate() {}
