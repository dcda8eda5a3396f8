//! What every service of Tern does the same way, so that a service's own code is only its own business.
//!
//! | to find | look in |
//! |---|---|
//! | refusals as problem bodies, extractors, the caller, request ids and log lines | [`http`] |
//! | the opaque cursors of lists | [`cursor`] |
//! | the clock that is passed down from `main` | [`Clock`] |
//! | AWS clients, slim and without `aws-config` | [`aws`] |
//! | what a Lambda's `main` calls | [`lambda`] |
//! | logs | [`telemetry`] |
//! | what the services' tests share: the embedded DynamoDB, the check against the contract | `testing` (feature `testing`) |
//!
//! It holds no business rule and knows no table.

pub mod aws;
mod clock;
pub mod cursor;
pub mod http;
pub mod lambda;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::Clock;
