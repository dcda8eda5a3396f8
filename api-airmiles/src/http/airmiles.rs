use api_types::{BookingMiles, RecordLocator};
use axum::extract::State;
use service_kit::http::{ApiError, Caller, Json, Path};
use tracing::Span;
use tracing::field::display;

use super::error::MilesNotFound;
use crate::App;
use crate::domain::Projection;

/// The miles of one booking, and how they were worked out.
#[utoipa::path(get, path = "/airmiles/{record_locator}", tag = "miles",
    params(("record_locator" = RecordLocator, Path, description = "The booking")),
    responses((status = 200, body = BookingMiles)),
    security(("member" = [])))]
pub(super) async fn retrieve_miles(
    State(app): State<App>,
    caller: Caller,
    Path(record_locator): Path<RecordLocator>,
) -> Result<Json<BookingMiles>, ApiError> {
    Span::current().record("record_locator", display(&record_locator));
    let known = app.store().projection(&caller.member_id, &record_locator).await?;
    let known = known.ok_or(MilesNotFound(record_locator))?;
    Ok(Json(booking_miles(known)))
}

fn booking_miles(known: Projection) -> BookingMiles {
    BookingMiles {
        record_locator: known.record_locator,
        booking_version: known.applied_version,
        status: known.status,
        total: known.awarded, // zero once they are taken back
        tier: known.tier,
        rules_version: known.rules_version,
        lines: known.lines,
    }
}
