use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex,
    Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use service_descriptor::{IndexKind, KeySpec, Service, TableSpec};

use super::StoreError;

const DOING: &str = "creating the table";

/// Creates the table `name` as the descriptor of its service (the text of `service.toml`) specifies it, for laptops and
/// tests. In AWS the template does. A table that exists is kept.
///
/// # Errors
/// When the descriptor has no table, a table of that name has other keys or indexes, or a database request fails.
pub async fn create_table(client: &Client, name: &str, descriptor: &str) -> Result<(), StoreError> {
    let service =
        Service::parse(descriptor, "service.toml").map_err(|error| StoreError::failed(DOING, error))?;
    let spec = service.table.ok_or_else(|| StoreError::failed(DOING, "the descriptor has no table"))?;
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(&spec.key).map_err(invalid)?))
        .set_stream_specification(stream(&spec).map_err(invalid)?);
    for (attribute, kind) in &spec.attributes {
        let definition = AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::from(kind.as_str()));
        request = request.attribute_definitions(definition.build().map_err(invalid)?);
    }
    let projection = Projection::builder().projection_type(ProjectionType::All).build();
    for index in &spec.indexes {
        let keys = key_schema(&index.key).map_err(invalid)?;
        request = match index.kind {
            IndexKind::Global => {
                let global =
                    GlobalSecondaryIndex::builder().index_name(&index.name).set_key_schema(Some(keys));
                request
                    .global_secondary_indexes(global.projection(projection.clone()).build().map_err(invalid)?)
            }
            IndexKind::Local => {
                let local = LocalSecondaryIndex::builder().index_name(&index.name).set_key_schema(Some(keys));
                request
                    .local_secondary_indexes(local.projection(projection.clone()).build().map_err(invalid)?)
            }
        };
    }
    match request.send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => {
            check(client, name, &spec).await?;
        }
        Err(error) => return Err(StoreError::while_doing(DOING)(error)),
    }
    match &spec.ttl {
        Some(attribute) => enable_expiry(client, name, attribute).await,
        None => Ok(()),
    }
}

fn invalid(error: BuildError) -> StoreError {
    StoreError::failed(DOING, error)
}

fn key_schema(key: &KeySpec) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element =
        |name: &String, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let sort = key.sort.iter().map(|sort| element(sort, KeyType::Range));
    std::iter::once(element(&key.partition, KeyType::Hash)).chain(sort).collect()
}

fn stream(spec: &TableSpec) -> Result<Option<StreamSpecification>, BuildError> {
    let specify = |view: service_descriptor::StreamView| {
        let view = StreamViewType::from(view.as_str());
        StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()
    };
    spec.stream.map(specify).transpose()
}

/// Compares an existing table's keys and indexes with `spec`.
async fn check(client: &Client, name: &str, spec: &TableSpec) -> Result<(), StoreError> {
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(StoreError::while_doing("describing the table"))?;
    let Some(table) = described.table() else {
        return Err(StoreError::failed(DOING, format!("the table {name} has no description")));
    };
    let local = table.local_secondary_indexes().iter().map(|index| (index.index_name(), index.key_schema()));
    let global =
        table.global_secondary_indexes().iter().map(|index| (index.index_name(), index.key_schema()));
    let indexes: Vec<_> = local.chain(global).collect();
    let same_indexes = spec.indexes.len() == indexes.len()
        && spec.indexes.iter().all(|index| {
            key_schema(&index.key).is_ok_and(|keys| indexes.contains(&(Some(index.name.as_str()), &keys)))
        });
    if same_indexes && key_schema(&spec.key).is_ok_and(|keys| table.key_schema() == keys) {
        return Ok(());
    }
    Err(StoreError::failed(DOING, format!("the table {name} exists, with other keys or indexes")))
}

/// Lets items expire by `attribute`. A step of its own: a process may have been killed between the table's creation and
/// this, so it is done for an existing table too.
async fn enable_expiry(client: &Client, name: &str, attribute: &str) -> Result<(), StoreError> {
    const DOING: &str = "enabling expiry";
    let described = client.describe_time_to_live().table_name(name).send().await;
    let described = described.map_err(StoreError::while_doing(DOING))?;
    let status = described.time_to_live_description.and_then(|description| description.time_to_live_status);
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let expiry = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build();
    let request = client.update_time_to_live().table_name(name);
    let request = request.time_to_live_specification(expiry.map_err(invalid)?);
    request.send().await.map_err(StoreError::while_doing(DOING))?;
    Ok(())
}
