//! What Booking keeps, in one DynamoDB table. Attribute names and keys stand here and nowhere else.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | a booking | `BOOKING#<locator>` | `BOOKING` |
//! | a seat that is taken | `FLIGHT#<number>#<date>#<cabin>` | `SEAT#<nnn>` |
//! | what a caller's key was answered with | `IDEMPOTENCY#<member>#<key>` | `REPLY` |
//! | an event that waits to be published | see [`service_kit::events::outbox`] | |
//!
//! The index `by_member` lists a member's bookings by the time they were made. What is looked up or compared is
//! an attribute; the rest of a booking or an event is one JSON document, as the wire's types write it.
//! Nothing here would read an attribute per field, which would cost a second description of every type and a
//! conversion per read. Fields of a stored document are added and never change meaning, as on the wire. The largest
//! booking (nine people, four flights) is under 10 KB; a test holds that.

mod availability;
mod bookings;
mod cancellation;
mod error;
mod keys;
mod sale;
mod table;

use aws_sdk_dynamodb::Client;

pub use availability::CabinOfFlight;
pub use bookings::{KeptBooking, ListedAt};
pub use error::StoreError;
pub use sale::{Fingerprint, Reply, Sale, SaleOutcome, SeatOfFlight};
pub use table::create_table;

/// Booking's table.
#[derive(Clone, Debug)]
pub struct Store {
    dynamodb: Client,
    table: String,
}

impl Store {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamodb: Client, table: impl Into<String>) -> Self {
        Self { dynamodb, table: table.into() }
    }
}
