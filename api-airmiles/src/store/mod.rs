//! The table: one partition per member with their account, bookings and ledger, and one item per booking.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `MEMBER#<member>` | `ACCOUNT` | tier, balance, pending and status miles, the number of the newest entry |
//! | `MEMBER#<member>` | `BOOKING#<locator>` | a booking's projection: version applied, miles awarded, lines |
//! | `MEMBER#<member>` | `ENTRY#<locator>#<version>`, `ENTRY#opening` | a ledger entry, never changed |
//! | `BOOKING#<locator>` | `OWNER` | the member to whom the booking belongs, never changed |
//!
//! The local index `by_seq` holds the entries in the order they were made. Attribute names stand in this folder
//! and nowhere else.

mod commit;
mod items;
mod keys;
mod read;
mod table;

pub use commit::Committed;
pub use read::EntryPage;
pub use service_kit::store::StoreError;
pub use table::create_table;

use aws_sdk_dynamodb::Client;
use service_kit::store::Table;

/// The members' accounts and ledgers in DynamoDB.
#[derive(Clone, Debug)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The store in the table called `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Table::new(client, table).into()
    }
}

impl From<Table> for Store {
    fn from(table: Table) -> Self {
        Self { table }
    }
}
