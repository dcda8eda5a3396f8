//! Airmiles: consumes Booking's events and keeps the members' ledger of miles.
//!
//! | to find | look in |
//! |---|---|
//! | pure rules: the miles of a booking, tiers, the ledger's change by an event | [`domain`] |
//! | a booking's event, applied once | [`apply_booking`] |
//! | Booking's bookings compared with the ledger | [`compare_bookings`] |
//! | a member's first entry | [`enrolment`] |
//! | the proof that ledger and account agree | `audit` (feature `testing`) |
//! | the miles that a flight would earn | [`estimate`] |
//! | keys, items, transactions | [`store`] |
//! | the REST API | [`http`] |
//! | the queue's batches | [`events`] |
//! | metrics | [`metrics`] |
//!
//! `docs/programme-rules.md` publishes the rules; `docs/decisions/0030`, `0031` and `0033` say how an event changes the
//! ledger exactly once.

mod app;
pub mod apply_booking;
#[cfg(feature = "testing")]
pub mod audit;
pub mod compare_bookings;
pub mod domain;
pub mod enrolment;
pub mod estimate;
pub mod events;
pub mod http;
pub mod metrics;
mod service;
pub mod store;

pub use app::{App, AppParts};
pub use service::{SERVICE, local_members};
