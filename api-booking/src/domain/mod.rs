//! Booking's rules: no store, no HTTP, no clock, no chance. What they need is passed in.
//!
//! | to find | look in |
//! |---|---|
//! | which flights leave, which itineraries they make ([`Schedule`]) | [`timetable`] |
//! | an itinerary and its dated flights | [`itinerary`] |
//! | the aircraft and their seats | [`aircraft`] |
//! | prices and what a fare allows | [`fares`] |
//! | who travels together | [`party`] |
//! | whether the passengers are who the offer was made for | [`passengers`] |
//! | what may be searched for | [`search`] |
//! | offer ids that can't be made up | [`signing`] |
//! | offers redeemed, and two of them as one trip | [`trip`] |

pub mod aircraft;
mod connection;
pub mod fares;
pub mod itinerary;
pub mod party;
pub mod passengers;
pub mod search;
pub mod signing;
mod taxes;
pub mod timetable;
pub mod trip;
mod zone;

pub use itinerary::{DatedFlight, Itinerary};
pub use party::{Party, PartyError};
pub use search::SearchQuery;
pub use timetable::Schedule;
