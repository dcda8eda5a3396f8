//! What every service of Tern does the same way, so that a service's own code is only its own business.
//!
//! | to find | look in |
//! |---|---|
//! | refusals as problem bodies, extractors, the caller, request ids and log lines | [`http`] |
//! | query parameters, pages of a list and their cursors | [`http::Parameters`], [`cursor`] |
//! | JSON whose structs are objects | [`json`] |
//! | a DynamoDB table, its errors and transactions | [`store`] |
//! | the clock that is passed down from `main` | [`Clock`] |
//! | AWS clients, slim and without `aws-config` | [`aws`] |
//! | the queue consumer and the outbox publisher | [`events`] |
//! | the `main` of a Lambda function | [`lambda_main`], [`lambda`] |
//! | a service as one value, for the laptop | [`service`] |
//! | spans, log lines, X-Ray segments | [`telemetry`] |
//! | trace and span ids | [`trace`] |
//! | metrics | [`metrics`] |
//! | what the services' tests share: captured logs, the check against the contract | `testing` (feature `testing`) |
//!
//! It holds no business rule and no table's keys.

#![warn(missing_docs)]

pub mod aws;
mod clock;
pub mod cursor;
pub mod events;
pub mod http;
pub mod json;
pub mod lambda;
pub mod metrics;
pub mod service;
pub mod store;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trace;

pub use clock::Clock;
#[doc(hidden)]
pub use pastey::paste;
