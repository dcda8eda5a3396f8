//! Airmiles as a whole, on the embedded DynamoDB.

mod common;
mod http;
