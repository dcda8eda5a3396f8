//! Whether a service can be released into an environment without breaking those who read it.
//!
//! A service **gives** a contract: operations, events, stack outputs. A consumer **registers** what it reads of
//! others' contracts. An environment's **released copies** say what runs there and what it was built with. One
//! question is asked in both directions: does what a provider gives still satisfy what a consumer was built with?
//!
//! | module | what it knows |
//! |---|---|
//! | [`schema`], [`path`] | what a body may hold, and places in it |
//! | [`contract`] | what one service gives |
//! | [`registration`] | what one consumer reads |
//! | [`narrowing`] | whether every value of one schema is a value of another |
//! | [`compare`], [`request`], [`reply`] | where a contract fails a reader |
//! | [`breach`] | such a failure in words |
//! | [`tree`], [`store`] | the project's contracts and registrations, and the environments' released copies |
//! | [`gate`] | the two verbs: check and release |
//! | [`trial`] | what a program really reads, found by trying |
//!
//! Decision: docs/decisions/0076.

pub mod breach;
pub mod compare;
pub mod contract;
pub mod gate;
pub mod narrowing;
pub mod path;
pub mod registration;
mod reply;
mod request;
pub mod schema;
pub mod store;
pub mod tree;
pub mod trial;
