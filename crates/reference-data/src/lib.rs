//! Data that both services must agree on: the airports Tern serves, the distances between them, and the published
//! earning chart.
//!
//! | to find | look in |
//! |---|---|
//! | [`airports`], [`metros`] and how their codes resolve | [`places`] |
//! | [`distance_mi`] | [`distance`] |
//! | what a segment earns | [`earning`] |
//! | [`zone_rules`] | [`zones`] |
//!
//! All of it is data in `data/`, compiled in, read once at first use and never changed afterwards. There is no
//! database of airports at run time: both services must agree on every mile without calling each other.

pub mod distance;
pub mod earning;
pub mod places;
pub mod zones;

pub use distance::distance_mi;
pub use places::{
    MetroArea, ServedAirport, airport, airports, airports_of, city_of, metro, metros, same_city,
};
pub use zones::zone_rules;
