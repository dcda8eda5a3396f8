use aws_sdk_dynamodb::Client;

use super::StoreError;

/// Creates the table that `service.toml` describes, for laptops and tests, unless it exists.
///
/// # Errors
/// When a table of that name has other keys or indexes, or a database request fails.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    service_kit::store::create_table(client, table, include_str!("../../service.toml")).await
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
    use embedded_dynamo::EmbeddedDynamo;

    use super::*;
    use crate::store::keys::EXPIRES_AT;

    async fn expires(client: &Client) -> bool {
        let described = client.describe_time_to_live().table_name("booking").send().await.unwrap();
        let status = described.time_to_live_description.and_then(|ttl| ttl.time_to_live_status);
        status == Some(TimeToLiveStatus::Enabled)
    }

    #[tokio::test]
    async fn a_table_left_without_expiry_gets_it_on_the_next_start() {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        let client = dynamo.client();
        create_table(&client, "booking").await.unwrap();
        let off =
            TimeToLiveSpecification::builder().attribute_name(EXPIRES_AT).enabled(false).build().unwrap();
        client
            .update_time_to_live()
            .table_name("booking")
            .time_to_live_specification(off)
            .send()
            .await
            .unwrap();
        assert!(!expires(&client).await);

        create_table(&client, "booking").await.unwrap();
        assert!(expires(&client).await);
        create_table(&client, "booking").await.unwrap();
    }
}
