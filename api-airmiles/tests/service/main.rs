//! Airmiles as a whole, on the embedded DynamoDB.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod batches;
mod broken_designs;
mod comparison;
mod contract;
mod deliveries;
mod harness;
mod http;
mod lambda;
mod ledger_model;
mod operations;
mod programme_rules;
mod protocol_model;
