use aws_sdk_dynamodb::Client;
use service_kit::Clock;
use service_kit::aws::{self, AwsEnv, MissingVariable};

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

    /// Airmiles as a Lambda's environment describes it: `TABLE_NAME` and AWS's own variables.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        let dynamodb = aws::dynamodb(&AwsEnv::from_env()?);
        Ok(Self::new(AppParts { dynamodb, table: aws::variable("TABLE_NAME")?, clock: Clock::system() }))
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
