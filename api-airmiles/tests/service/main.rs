//! Airmiles as a whole, on the embedded DynamoDB.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod batches;
mod bins;
mod broken_designs;
mod common;
mod contract;
mod deliveries;
mod http;
mod ledger_model;
mod operations;
mod programme_rules;
mod protocol_model;
