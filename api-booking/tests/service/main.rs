//! Booking as a whole: its router on the embedded store, its outbox on the table's stream, its functions under a stub of
//! Lambda.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod contract;
mod create_booking;
mod harness;
mod in_flight;
mod lambda;
mod list_airports;
mod list_bookings;
mod lost_replies;
mod outbox;
mod races;
mod refusals;
mod republish;
mod search_fares;
mod search_flights;
mod telemetry;
mod transaction_outcomes;
