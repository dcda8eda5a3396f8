//! The table itself, for where no template makes it: laptops and tests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType,
};

use service_kit::store::{PK, SK};

use super::StoreError;
use super::keys::{BY_SEQ, ENTRY_SEQ};

/// Why there is no table to use.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A table of that name is there, but not one that Airmiles made.
    #[error("the table {0} is not an Airmiles table: its index {BY_SEQ} is missing")]
    Foreign(String),
    /// It could not be made or looked at.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes `table`, unless it is there.
///
/// # Errors
/// When a table of that name is of another make, or the store can't be reached.
pub async fn create_table(client: &Client, table: &str) -> Result<(), TableError> {
    let made = create(client, table).await;
    match made {
        Ok(()) => Ok(()),
        Err(SdkError::ServiceError(refused)) if refused.err().is_resource_in_use_exception() => {
            check(client, table).await
        }
        Err(error) => Err(StoreError::while_doing("creating the table")(error).into()),
    }
}

async fn create(client: &Client, table: &str) -> Result<(), SdkError<CreateTableError>> {
    let mut request = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in
        [(PK, ScalarAttributeType::S), (SK, ScalarAttributeType::S), (ENTRY_SEQ, ScalarAttributeType::N)]
    {
        request = request.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(kind)
                .build()
                .expect("an attribute definition has a name and a type"),
        );
    }
    let by_seq = LocalSecondaryIndex::builder()
        .index_name(BY_SEQ)
        .key_schema(key(PK, KeyType::Hash))
        .key_schema(key(ENTRY_SEQ, KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .expect("an index has a name and keys");
    request
        .key_schema(key(PK, KeyType::Hash))
        .key_schema(key(SK, KeyType::Range))
        .local_secondary_indexes(by_seq)
        .send()
        .await
        .map(|_| ())
}

async fn check(client: &Client, table: &str) -> Result<(), TableError> {
    let described = client
        .describe_table()
        .table_name(table)
        .send()
        .await
        .map_err(StoreError::while_doing("describing the table"))?;
    let ours = described.table().is_some_and(|table| {
        table.local_secondary_indexes().iter().any(|index| index.index_name() == Some(BY_SEQ))
    });
    if ours { Ok(()) } else { Err(TableError::Foreign(table.to_owned())) }
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .expect("a key has a name and a type")
}
