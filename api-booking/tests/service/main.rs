//! Booking as a whole: its router on the embedded store, its outbox on the table's real stream, its functions
//! under a stub of Lambda.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod airports;
mod booking;
mod cancellations;
mod contract;
mod fares;
mod flights;
mod functions;
mod lists;
mod lost_replies;
mod operations;
mod outbox;
mod races;
mod refusals;
mod shop;
