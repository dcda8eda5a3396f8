//! What the services' stores share: a DynamoDB table, its errors, items and transactions.
//!
//! Keys, attribute names and the shapes of items are each service's own.

mod create;
mod error;
mod table;
mod transaction;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

pub use create::create_table;
pub use error::{StoreError, is_busy_code};
pub use table::Table;
pub use transaction::{Cancellation, cancellation_reasons, condition_failed};

/// An item, or a key, as the SDK takes and returns it.
pub type Item = HashMap<String, AttributeValue>;

/// The partition key of every table.
pub const PK: &str = "pk";

/// The sort key of every table.
pub const SK: &str = "sk";

/// A string attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The key of an item.
pub fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

/// The string attribute `name` of `item`, if it has one.
#[must_use]
pub fn string<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}
