//! Booking as a whole: its router on the embedded store, its outbox on the table's real stream, its functions
//! under a stub of Lambda.

mod airports;
mod booking;
mod fares;
mod flights;
mod functions;
mod lists;
mod lost_replies;
mod outbox;
mod races;
mod refusals;
mod shop;
