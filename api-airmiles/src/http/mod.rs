//! The REST API: parse, call, map.

mod account;
mod airmiles;
mod entries;
mod error;
mod estimate;

use axum::Router;

use crate::App;

/// All routes of Airmiles.
pub fn router(app: App) -> Router {
    service_kit::http::with_middleware(service_kit::function!("http"), routes().with_state(app))
}

service_kit::routes! {
    App, "Tern Airmiles", "Keeps the miles that flights earn.";
    airmiles::retrieve_miles,
    account::retrieve_account,
    entries::list_entries,
    estimate::estimate_miles,
}
