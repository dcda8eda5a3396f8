//! The REST API: each handler parses, calls its use case or reads the store, and maps the answer.

mod airports;
mod bookings;
mod error;
mod headers;
mod searches;

use axum::Router;

use crate::App;

/// Booking's routes, without the base path under which a gateway mounts them.
pub fn router(app: App) -> Router {
    service_kit::http::with_middleware(service_kit::function!("http"), routes().with_state(app))
}

service_kit::routes! {
    App, "Tern Booking", "Sells flights.";
    airports::list_airports,
    searches::search_flights,
    searches::search_fares,
    bookings::create_booking,
    bookings::list_bookings,
    bookings::retrieve_booking,
}
