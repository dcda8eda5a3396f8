//! What travellers do with Tern, written once and run wherever Tern runs: on a laptop by `local`'s tests, in emulated
//! accounts by `cargo xtask infra emulate`, in qa by a pipeline.
//!
//! | module | contents |
//! |---|---|
//! | [`deployment`] | the addresses and members of a running Tern |
//! | [`traveller`] | a client, signed in or not |
//! | [`searching`], [`booking`], [`refusals`], [`listing`], [`guarding`] | the journeys |
//!
//! A journey fails by panicking, as a test does. Each uses members of its own, so that all of them can run in one
//! deployment, in any order.

#![allow(clippy::unwrap_used)] // this crate is tests; clippy.toml exempts only functions marked as tests

pub mod booking;
pub mod deployment;
pub mod guarding;
pub mod listing;
pub mod refusals;
pub mod searching;
pub mod traveller;

use std::fmt;
use std::time::Instant;

pub use deployment::{Deployment, Member, Origin, Root};
pub use traveller::Traveller;

/// A journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journey {
    /// Searching flights, fares and miles without a token.
    Search,
    /// From an offer to miles.
    Book,
    /// One request, repeated.
    Again,
    /// Refused bookings.
    Refused,
    /// Many bookings, page by page.
    List,
    /// Without a member's token.
    Unknown,
    /// Another member's booking.
    Foreign,
}

impl fmt::Display for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Search => {
                "anybody searches flights, fares and miles, and is told what is wrong with a search"
            }
            Self::Book => "a booking's miles are those that were offered, and are there in time",
            Self::Again => "a request that is sent again books once",
            Self::Refused => "what can't be sold is refused, and the field is named",
            Self::List => "bookings and entries are listed page by page, each once, newest first",
            Self::Unknown => "what is a member's own is closed without a valid token",
            Self::Foreign => "another's booking does not exist",
        })
    }
}

impl Journey {
    pub const ALL: [Self; 7] =
        [Self::Search, Self::Book, Self::Again, Self::Refused, Self::List, Self::Unknown, Self::Foreign];

    /// Makes it.
    pub async fn run(self, deployment: &Deployment) {
        match self {
            Self::Search => searching::anybody_searches(deployment).await,
            Self::Book => {
                booking::a_booking_earns_its_miles(deployment).await;
            }
            Self::Again => booking::a_request_sent_again_books_once(deployment).await,
            Self::Refused => refusals::what_cant_be_sold_is_refused(deployment).await,
            Self::List => listing::lists_come_page_by_page(deployment).await,
            Self::Unknown => guarding::strangers_are_refused(deployment).await,
            Self::Foreign => guarding::anothers_booking_does_not_exist(deployment).await,
        }
    }
}

/// Runs every journey in turn and prints each that passed.
///
/// # Errors
/// The journey that failed, and its message.
pub async fn run_all(deployment: &Deployment) -> Result<(), String> {
    for journey in Journey::ALL {
        let started = Instant::now();
        let deployment = deployment.clone();
        let made = tokio::spawn(async move { journey.run(&deployment).await });
        if let Err(error) = made.await {
            return Err(format!("it went wrong that {journey}: {}", said(error)));
        }
        println!("journey: {journey} ({:.1} s)", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The message of a failed journey.
fn said(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "it was cancelled".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason was given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_journey_that_goes_wrong_is_named_with_what_it_saw() {
        // Nobody listens on the discard port.
        let nowhere = Deployment {
            origin: Origin::from("http://127.0.0.1:9"),
            members: std::collections::BTreeMap::new(),
            miles_within_ms: 1,
            gateway_says_why: true,
        };
        let said = run_all(&nowhere).await.unwrap_err();
        assert!(said.starts_with("it went wrong that anybody searches flights"), "{said}");
        assert!(said.contains("/api/booking/airports"), "{said}");
    }
}
