//! Tern's vocabulary and wire types, shared by the web app and the services.
//!
//! | to find | look in |
//! |---|---|
//! | codes and names that parse once ([`Iata`], [`RecordLocator`], [`OfferId`], ...) | [`code`], [`person`], [`flight`] |
//! | [`Money`], [`Miles`] and their arithmetic | [`amount`] |
//! | dates, wall clocks and instants | [`calendar`] |
//! | searching: airports, offers, fares | [`search`] |
//! | booking: the request and the booking | [`booking`] |
//! | the member's account, ledger and estimates | [`airmiles`] |
//! | events between services | [`event`] |
//! | refusals | [`problem`] |
//!
//! The crate compiles for the browser, so it carries no time-zone database and no regular expressions. What only
//! services share is in crates of its own (`reference-data`, `service-kit`) rather than behind features of this
//! one: Cargo unifies features over a workspace, so the browser's build and the services' would change each other.

#![warn(missing_docs)]

pub mod airmiles;
pub mod amount;
pub mod booking;
pub mod calendar;
pub mod code;
pub mod event;
pub mod flight;
pub mod operation;
pub mod person;
pub mod problem;
#[cfg(feature = "openapi")]
mod schema;
pub mod search;

pub use airmiles::{
    Account, BookingMiles, EarningRule, EntryKind, Estimate, LedgerEntry, LedgerPage, MilesLine, MilesStatus,
    NextTier, Tier,
};
pub use amount::{Currency, Miles, Money, Price, PriceShare, TaxLine};
pub use booking::{Booking, BookingPage, BookingRequest, BookingStatus, Bound, Contact, Passenger};
pub use calendar::{FlightTime, LocalDate, LocalDateTime, UtcInstant, Zone};
pub use code::{Iata, IdempotencyKey, MemberId, OfferId, ParseError, RecordLocator};
pub use event::{BookingEvent, BookingState, EventEnvelope, EventType};
pub use flight::{Cabin, FareClass, FareFamily, FlightNumber, Segment};
pub use operation::{BookingComparison, BookingDifference, BookingListing, DifferenceKind, ListedBooking};
pub use person::{EmailAddress, PassengerType, PersonName};
pub use problem::{FieldError, Problem, ProblemCode};
pub use search::{
    Airport, Airports, ChangeTerms, DayFare, FareConditions, FareStrip, Metro, Offer, Offers, RefundTerms,
};
