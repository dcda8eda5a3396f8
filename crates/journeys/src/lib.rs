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

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;

pub use deployment::{Deployment, Member, Origin, Root};
pub use traveller::Traveller;

/// What each journey shows, and the journey.
fn journeys(at: &Deployment) -> [(&'static str, BoxFuture<'_, ()>); 7] {
    [
        (
            "anybody searches flights, fares and miles, and is told what is wrong with a search",
            searching::anybody_searches(at).boxed(),
        ),
        (
            "a booking's miles are those that were offered, and are there in time",
            booking::a_booking_earns_its_miles(at).map(drop).boxed(),
        ),
        ("a request that is sent again books once", booking::a_request_sent_again_books_once(at).boxed()),
        (
            "what can't be sold is refused, and the field is named",
            refusals::what_cant_be_sold_is_refused(at).boxed(),
        ),
        (
            "bookings and entries are listed page by page, each once, newest first",
            listing::lists_come_page_by_page(at).boxed(),
        ),
        (
            "what is a member's own is closed without a valid token",
            guarding::strangers_are_refused(at).boxed(),
        ),
        ("another's booking does not exist", guarding::anothers_booking_does_not_exist(at).boxed()),
    ]
}

/// Runs every journey in turn and prints each that passed.
///
/// # Errors
/// The journey that failed, and its message.
pub async fn run_all(deployment: &Deployment) -> Result<(), String> {
    for (shown, journey) in journeys(deployment) {
        let started = Instant::now();
        if let Err(panic) = AssertUnwindSafe(journey).catch_unwind().await {
            return Err(format!("it went wrong that {shown}: {}", message(&*panic)));
        }
        println!("journey: {shown} ({:.1} s)", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The message of a failed journey.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason was given")
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
