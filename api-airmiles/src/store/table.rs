use aws_sdk_dynamodb::Client;

use super::StoreError;

/// Creates the table that `service.toml` describes, for laptops and tests, unless it exists.
///
/// # Errors
/// When a table of that name has other keys or indexes, or a database request fails.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    service_kit::store::create_table(client, table, include_str!("../../service.toml")).await
}
