use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{Put, Update};

use super::{Item, StoreError};
use crate::aws::{self, AwsEnv, MissingVariable};

/// A service's table and the client that reaches it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    /// The client, for operations that have no method here.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

impl Table {
    /// The table called `name`.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The table that a function's environment names: `TABLE_NAME`, and AWS' own variables.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        Ok(Self::new(aws::dynamodb(&AwsEnv::from_env()?), aws::variable("TABLE_NAME")?))
    }

    /// The item under `key`, as of every write acknowledged by now.
    ///
    /// # Errors
    /// When the database request fails.
    pub async fn get(&self, doing: &'static str, key: Item) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(true);
        let reply = request.send().await.map_err(StoreError::while_doing(doing))?;
        Ok(reply.item)
    }

    /// A query that sees every write acknowledged by now. One of a global index must turn that off.
    #[must_use]
    pub fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(&self.name).consistent_read(true)
    }

    /// A transaction's action that writes `item`.
    #[must_use]
    pub fn put(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }

    /// A transaction's action that changes the item under `key`.
    #[must_use]
    pub fn update(&self, key: Item) -> UpdateBuilder {
        Update::builder().table_name(&self.name).set_key(Some(key))
    }
}
