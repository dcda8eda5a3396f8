//! The templates' tables and the ones that the services make for a laptop are the same.

use aws_sdk_dynamodb::Client;
use embedded_dynamo::EmbeddedDynamo;
use serde_json::{Value, json};

use crate::template;

/// The parts of a table that a program notices, in the template's form.
async fn made(client: &Client, table: &str) -> Value {
    let described = client.describe_table().table_name(table).send().await.unwrap();
    let described = described.table().unwrap().clone();
    let keys = |keys: &[aws_sdk_dynamodb::types::KeySchemaElement]| -> Value {
        keys.iter()
            .map(|key| json!({ "AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str() }))
            .collect()
    };
    let mut attributes: Vec<_> = described
        .attribute_definitions()
        .iter()
        .map(|a| json!({ "AttributeName": a.attribute_name(), "AttributeType": a.attribute_type().as_str() }))
        .collect();
    attributes.sort_by_key(Value::to_string);
    let indexes =
        |name: Option<&str>, schema: Value, projection: Option<&aws_sdk_dynamodb::types::Projection>| {
            let projection = projection.and_then(|p| p.projection_type()).map(|p| p.as_str().to_owned());
            json!({ "IndexName": name, "KeySchema": schema, "Projection": { "ProjectionType": projection } })
        };
    let global: Vec<_> = described
        .global_secondary_indexes()
        .iter()
        .map(|index| indexes(index.index_name(), keys(index.key_schema()), index.projection()))
        .collect();
    let local: Vec<_> = described
        .local_secondary_indexes()
        .iter()
        .map(|index| indexes(index.index_name(), keys(index.key_schema()), index.projection()))
        .collect();
    let stream =
        described.stream_specification().and_then(|s| s.stream_view_type()).map(|v| v.as_str().to_owned());
    let ttl = client.describe_time_to_live().table_name(table).send().await.unwrap();
    let ttl = ttl.time_to_live_description().and_then(|ttl| ttl.attribute_name()).map(str::to_owned);
    json!({
        "KeySchema": keys(described.key_schema()), "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": global, "LocalSecondaryIndexes": local, "Stream": stream, "TimeToLive": ttl,
    })
}

fn templated(stack: &str) -> Value {
    let template = template::render(stack).unwrap();
    let table = &template["Resources"]["Table"]["Properties"];
    let list = |name: &str| table[name].as_array().cloned().unwrap_or_default();
    let mut attributes = list("AttributeDefinitions");
    attributes.sort_by_key(Value::to_string);
    json!({
        "KeySchema": table["KeySchema"], "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": list("GlobalSecondaryIndexes"), "LocalSecondaryIndexes": list("LocalSecondaryIndexes"),
        "Stream": table["StreamSpecification"]["StreamViewType"],
        "TimeToLive": table["TimeToLiveSpecification"]["AttributeName"],
    })
}

#[tokio::test]
async fn bookings_table_is_the_one_that_the_service_makes() {
    let dynamo = EmbeddedDynamo::in_memory().unwrap();
    api_booking::store::create_table(&dynamo.client(), "booking").await.unwrap();
    assert_eq!(templated("services/booking"), made(&dynamo.client(), "booking").await);
}

#[tokio::test]
async fn the_table_of_airmiles_is_the_one_that_the_service_makes() {
    let dynamo = EmbeddedDynamo::in_memory().unwrap();
    api_airmiles::store::create_table(&dynamo.client(), "airmiles").await.unwrap();
    assert_eq!(templated("services/airmiles"), made(&dynamo.client(), "airmiles").await);
}
