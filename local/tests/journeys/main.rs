//! Journeys through the whole, most of them through the real binary.
//!
//! One program, so that the whole is linked once.

#![allow(clippy::unwrap_used)] // all of this is tests; clippy.toml only knows functions marked so

mod bus;
mod common;
mod journey;
mod kill;
mod pipeline;
mod republish;
mod start_errors;
mod stream;
mod trace;
mod web_files;
