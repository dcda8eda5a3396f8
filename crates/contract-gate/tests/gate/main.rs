//! The gate over the project's own contracts, changed in one way each: who breaks, in which words, and what breaks
//! nobody.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod common;
mod copies;
mod events;
mod order;
mod outputs;
mod places;
mod replies;
mod requests;
