//! Whether a service can be released into an environment without breaking its consumers.
//!
//! A service has a contract: operations, events, stack outputs. A consumer registers what it reads of others' contracts. An
//! environment's released copies hold what runs there and the contracts it was built with. One comparison serves both
//! directions: does what a provider gives still satisfy what a consumer was built with?
//!
//! | module | holds |
//! |---|---|
//! | [`places`] | a JSON Schema as a flat map of places, and which values one place allows beyond another |
//! | [`contract`] | what one service gives |
//! | [`registration`] | what one consumer reads |
//! | [`compare`] | where a contract fails a consumer |
//! | [`breach`] | such a failure as a sentence |
//! | [`tree`], [`store`] | the project's contracts and registrations, and the environments' released copies |
//! | [`gate`] | the two verbs: check and release |
//! | [`trial`] | what a program really reads, found by trying |
//!
//! Decision: docs/decisions/0076.

pub mod breach;
pub mod compare;
pub mod contract;
pub mod gate;
pub mod places;
pub mod registration;
pub mod store;
pub mod tree;
pub mod trial;
