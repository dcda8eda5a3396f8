//! Journeys through the whole, most of them through the real binary.
//!
//! One program, so that the whole is linked once.

mod bus;
mod common;
mod journey;
mod start_errors;
mod web_files;
