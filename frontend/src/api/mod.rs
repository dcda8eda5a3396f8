//! Requests to the two services: one method per request, typed replies, typed failures.

mod client;
mod config;
mod failure;
mod member;
mod operations;
#[cfg(test)]
mod registered;
mod search;

pub use client::{Api, use_api};
pub use config::{Config, SignInKind};
pub use failure::ApiFailure;
pub use member::{Identities, Identity, SignInReply};
pub use search::FlightQuery;
