use api_booking::http::document;
use api_types::{BookingState, EventEnvelope};
use service_kit::testing::contract::{event_schema, is_committed, openapi, routes_what_is_documented};
use utoipa::OpenApi;

use crate::harness::Shop;

#[derive(OpenApi)]
#[openapi(components(schemas(EventEnvelope<BookingState>)))]
struct Events;

#[test]
fn the_committed_contracts_are_up_to_date() {
    is_committed("booking.openapi.json", &openapi(&document()));
    let events = event_schema(
        &Events::openapi(),
        "EventEnvelope_BookingState",
        "booking-event",
        "An event about a booking",
        "Its `type` says what happened; `data` is the booking's full resulting state.",
    );
    is_committed("booking-event.schema.json", &events);
}

#[tokio::test]
async fn booking_routes_what_its_contract_says() {
    routes_what_is_documented(Shop::open().await.router.clone(), &document()).await;
}
