//! Booking's DynamoDB table. Attribute names and keys are defined here and nowhere else.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | a booking | `BOOKING#<locator>` | `BOOKING` |
//! | a seat that is taken | `FLIGHT#<number>#<date>#<cabin>` | `SEAT#<nnn>` |
//! | the answer to a caller's key: a booking's reply or a refusal | `IDEMPOTENCY#<member>#<key>` | `REPLY` |
//! | an event that is not yet published | see [`service_kit::events::outbox`] | |
//!
//! The index `by_member` lists a member's bookings by the time they were made. An attribute is what is looked up or
//! compared; the rest of a booking or an event is one JSON document, as the types of `api-types` write it: nothing here would
//! read an attribute per field, which would cost a second description of every type and a conversion per read. Fields of a
//! stored document are added and never change meaning, as in replies. The largest booking (nine people, four flights) is
//! under 10 KB; a test holds that.

mod availability;
mod bookings;
mod create_booking;
mod idempotency;
mod keys;
mod selection;
mod table;
mod transaction_outcome;

use aws_sdk_dynamodb::Client;
pub use service_kit::store::StoreError;
use service_kit::store::Table;

pub use availability::CabinOfFlight;
pub use bookings::{BookingPosition, StoredBooking};
pub use create_booking::{CreateBookingOutcome, NewBooking, SeatOfFlight};
pub use idempotency::{Answer, Fingerprint, KeyUse, RecordRefusalOutcome, Reply};
pub use selection::{Selection, SelectionPosition};
pub use table::create_table;

/// Booking's table.
#[derive(Clone, Debug)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The store in the table named `table`.
    #[must_use]
    pub fn new(dynamodb: Client, table: impl Into<String>) -> Self {
        Table::new(dynamodb, table).into()
    }
}

impl From<Table> for Store {
    fn from(table: Table) -> Self {
        Self { table }
    }
}
