//! Airmiles reads of Booking's events exactly what it registered.

use contract_gate::trial;
use service_kit::telemetry::in_one_line;

use super::message;

#[test]
fn the_registration_names_exactly_what_is_read_of_an_event() {
    trial::reads_registered_events("airmiles", "booking", |body| {
        message::read(Some(body)).map(drop).map_err(|refused| in_one_line(&refused))
    });
}
