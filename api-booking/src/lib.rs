//! Booking: sells flights.
//!
//! | to find | look in |
//! |---|---|
//! | the routes and how refusals are told | [`http`] |
//! | one file per use case | [`airports`], [`search`], [`fare_strip`], [`book`], [`my_bookings`] |
//! | rules without a clock, a store or chance: timetable, fares, offers, trips | [`domain`] |
//! | the table: keys, items, the one transaction | [`store`] |
//! | from the outbox to the topic | [`events`] |
//! | what is counted and measured | [`metrics`] |
//! | what it all stands on | [`App`] |
//!
//! `http` and `events` call the use cases; those call `domain` and `store`; neither of the two knows the other.

pub mod airports;
mod app;
mod availability;
pub mod book;
pub mod domain;
pub mod events;
pub mod fare_strip;
pub mod http;
pub mod metrics;
pub mod my_bookings;
mod random;
pub mod search;
pub mod store;

pub use app::{App, AppParts};
pub use random::{NoRandomness, Random};
