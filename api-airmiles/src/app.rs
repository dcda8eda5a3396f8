use aws_sdk_dynamodb::Client;
use service_kit::Clock;
use service_kit::aws::MissingVariable;
use service_kit::store::Table;

use crate::store::Store;

#[derive(Clone, Debug)]
pub struct AppParts {
    pub dynamodb: Client,
    pub table: String,
    pub clock: Clock,
}

/// Airmiles, ready to answer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    clock: Clock,
}

impl App {
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self { store: Store::new(parts.dynamodb, parts.table), clock: parts.clock }
    }

    /// Airmiles with the configuration in a Lambda's environment: `TABLE_NAME` and AWS's own variables.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        Ok(Self { store: Table::from_env()?.into(), clock: Clock::system() })
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}
