//! The table: one partition per member, and in it their account, what is known of each booking, and the ledger.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `MEMBER#<member>` | `ACCOUNT` | tier, balance, pending and status miles, the number of the newest entry |
//! | `MEMBER#<member>` | `BOOKING#<locator>` | a booking's projection: version applied, miles awarded, lines |
//! | `MEMBER#<member>` | `ENTRY#<locator>#<version>`, `ENTRY#opening` | a ledger entry, never changed |
//!
//! The local index `by_seq` holds the entries in the order they were made. Attribute names stand in this folder
//! and nowhere else.

mod commit;
mod error;
mod items;
mod keys;
mod read;
mod table;

pub use commit::Committed;
pub use error::StoreError;
pub use read::{EntryPage, Snapshot};
pub use table::{TableError, create_table};

use aws_sdk_dynamodb::Client;

/// The members' accounts and ledgers in DynamoDB.
#[derive(Clone, Debug)]
pub struct LedgerStore {
    client: Client,
    table: String,
}

impl LedgerStore {
    /// The store in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}
