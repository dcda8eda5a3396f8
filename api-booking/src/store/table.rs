use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    TimeToLiveStatus,
};

use super::{
    StoreError,
    keys::{BY_MEMBER, EXPIRES_AT, MADE_AT, MEMBER, PK, SK},
};

/// Creates Booking's table for a laptop or a test, unless it is there already. In AWS the template does.
///
/// # Errors
/// When the store refuses, or can't be reached.
pub async fn create_table(dynamodb: &Client, table: &str) -> Result<(), StoreError> {
    const DOING: &str = "creating the table";
    let invalid = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Failed {
        doing: DOING,
        cause: Box::new(error),
    };
    let by_member = GlobalSecondaryIndex::builder()
        .index_name(BY_MEMBER)
        .key_schema(key(MEMBER, KeyType::Hash).map_err(invalid)?)
        .key_schema(key(MADE_AT, KeyType::Range).map_err(invalid)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(invalid)?;
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewImage)
        .build()
        .map_err(invalid)?;
    let mut create = dynamodb
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(PK, KeyType::Hash).map_err(invalid)?)
        .key_schema(key(SK, KeyType::Range).map_err(invalid)?)
        .global_secondary_indexes(by_member)
        .stream_specification(stream);
    for name in [PK, SK, MEMBER, MADE_AT] {
        create = create.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .map_err(invalid)?,
        );
    }
    match create.send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => {}
        Err(error) => return Err(StoreError::while_doing(DOING)(error)),
    }
    // A step of its own, so a process may have been killed before it: the table is there, replies stay for ever.
    if expires(dynamodb, table).await? {
        return Ok(());
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(EXPIRES_AT)
        .enabled(true)
        .build()
        .map_err(invalid)?;
    dynamodb
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(expiry)
        .send()
        .await
        .map_err(StoreError::while_doing("letting replies expire"))?;
    Ok(())
}

/// Whether DynamoDB removes expired items of `table`.
async fn expires(dynamodb: &Client, table: &str) -> Result<bool, StoreError> {
    let described = dynamodb
        .describe_time_to_live()
        .table_name(table)
        .send()
        .await
        .map_err(StoreError::while_doing("asking whether replies expire"))?;
    let status = described.time_to_live_description.and_then(|description| description.time_to_live_status);
    Ok(matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)))
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, aws_sdk_dynamodb::error::BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}

#[cfg(test)]
mod tests {
    use embedded_dynamo::EmbeddedDynamo;

    use super::*;

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
        assert!(!expires(&client, "booking").await.unwrap());

        create_table(&client, "booking").await.unwrap();
        assert!(expires(&client, "booking").await.unwrap());
        create_table(&client, "booking").await.unwrap();
    }
}
