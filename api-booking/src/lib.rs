//! Booking: sells flights.
//!
//! | to find | look in |
//! |---|---|
//! | the routes, and how errors become refusals | [`http`] |
//! | one file per use case | [`list_airports`], [`search_flights`], [`search_fares`], [`create_booking`] |
//! | rules without a clock, a store or randomness: timetable, fares, offers, trips | [`domain`] |
//! | the table: keys, items, the one transaction | [`store`] |
//! | from the outbox to the topic | [`events`] |
//! | events published again from the bookings | [`republish`] |
//! | what is counted and measured | [`metrics`] |
//! | what it all runs on | [`App`], [`config`] |
//!
//! `http` and `events` call the use cases; those call `domain` and `store`; neither of the two calls the other. A plain read
//! goes from a handler to the store.

mod app;
mod availability;
pub mod config;
pub mod create_booking;
pub mod domain;
pub mod events;
pub mod http;
pub mod list_airports;
pub mod metrics;
mod random;
pub mod republish;
pub mod search_fares;
pub mod search_flights;
mod service;
pub mod store;

pub use app::{App, AppParts};
pub use random::{NoRandomness, Random};
pub use service::SERVICE;
