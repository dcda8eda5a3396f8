//! Airmiles as a whole, on the embedded DynamoDB.

mod batches;
mod bins;
mod broken_designs;
mod common;
mod deliveries;
mod http;
mod ledger_model;
mod programme_rules;
mod protocol_model;
