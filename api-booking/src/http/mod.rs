//! The wire: each handler parses, calls its use case and maps the answer.

mod airports;
mod bookings;
mod parameters;
mod problems;
mod searches;

use axum::Router;
use axum::routing::get;

use crate::App;

/// The function that answers them.
pub const FUNCTION: &str = "booking-http";

/// Booking's routes, without the base path under which a gateway mounts them.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route("/airports", get(airports::list_airports))
        .route("/flights", get(searches::search_flights))
        .route("/fares", get(searches::show_fares))
        .route("/bookings", get(bookings::list_bookings).post(bookings::make_booking))
        .route("/bookings/{record_locator}", get(bookings::retrieve_booking))
        .with_state(app);
    service_kit::http::finish(FUNCTION, routes)
}
