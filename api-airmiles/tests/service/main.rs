//! Airmiles as a whole, on the embedded DynamoDB.

mod batches;
mod bins;
mod common;
mod deliveries;
mod http;
