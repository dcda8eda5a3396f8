use aws_sdk_dynamodb::Client;
use service_kit::Clock;
use service_kit::aws::{self, AwsEnv, MissingVariable};

use crate::store::LedgerStore;

/// What [`App::new`] is made of.
#[derive(Clone, Debug)]
pub struct AppParts {
    /// A client of the store.
    pub dynamodb: Client,
    /// The table of Airmiles.
    pub table: String,
    /// The time.
    pub clock: Clock,
}

/// Airmiles, ready to answer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    store: LedgerStore,
    clock: Clock,
}

impl App {
    /// Airmiles on `parts`.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self { store: LedgerStore::new(parts.dynamodb, parts.table), clock: parts.clock }
    }

    /// Airmiles as a Lambda's environment describes it: `TABLE_NAME` and AWS's own variables.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        let dynamodb = aws::dynamodb(&AwsEnv::from_env()?);
        Ok(Self::new(AppParts { dynamodb, table: aws::variable("TABLE_NAME")?, clock: Clock::system() }))
    }

    /// The members' accounts and ledgers.
    #[must_use]
    pub fn store(&self) -> &LedgerStore {
        &self.store
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}
