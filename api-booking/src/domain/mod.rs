//! Booking's rules: no store, no HTTP, no clock, no randomness. What they need is passed in.
//!
//! | to find | look in |
//! |---|---|
//! | which flights leave, which itineraries they make ([`Schedule`]) | [`timetable`] |
//! | an itinerary and its dated flights | [`itinerary`] |
//! | the aircraft and their seats | [`aircraft`] |
//! | which seats may be sold | [`seats`] |
//! | prices and what a fare allows | [`fares`] |
//! | who travels together | [`party`] |
//! | whether the passengers are who the offer was made for, and their names | [`passengers`] |
//! | what may be searched for | [`search`] |
//! | what an offer shows and binds | [`quote`] |
//! | offer ids that can't be made up | [`signing`] |
//! | offers redeemed, and two of them as one trip | [`trip`] |
//! | why a request to book is refused | [`refusal`] |
//! | a booking's events | [`booking_event`] |

pub mod aircraft;
pub mod booking_event;
mod connection;
pub mod fares;
pub mod itinerary;
pub mod party;
pub mod passengers;
pub mod quote;
pub mod refusal;
pub mod search;
pub mod seats;
pub mod signing;
mod taxes;
pub mod timetable;
pub mod trip;
mod zone;

pub use itinerary::{DatedFlight, Itinerary};
pub use party::{Party, PartyError};
pub use quote::Quote;
pub use refusal::Refusal;
pub use search::SearchQuery;
pub use timetable::Schedule;
