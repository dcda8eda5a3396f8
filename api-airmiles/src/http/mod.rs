//! The REST API: parse, call, map.

mod account;
mod airmiles;
mod entries;
mod error;
mod estimate;

use axum::Router;
use axum::routing::get;

use crate::App;

/// The function that answers them.
pub const FUNCTION: &str = "airmiles-http";

/// All routes of Airmiles.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route("/airmiles/{record_locator}", get(airmiles::retrieve_booking_miles))
        .route("/account", get(account::retrieve_account))
        .route("/account/entries", get(entries::list_entries))
        .route("/estimate", get(estimate::estimate_miles))
        .with_state(app);
    service_kit::http::finish(FUNCTION, routes)
}
