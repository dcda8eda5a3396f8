//! A cache of offers for this page load, so that Back and the fare step don't search again.

use std::{cell::RefCell, rc::Rc};

use api_types::Offers;

use crate::api::FlightQuery;

/// How many searches are remembered: both ways of a return trip and the days tried around them.
const KEPT: usize = 8;

thread_local! {
    static FOUND: RefCell<Vec<(FlightQuery, Rc<Offers>)>> = const { RefCell::new(Vec::new()) };
}

/// What was found for this bound, while every price still holds.
#[must_use]
pub fn recall(bound: &FlightQuery) -> Option<Rc<Offers>> {
    let now = crate::format::now();
    FOUND.with_borrow(|found| {
        let (_, offers) = found.iter().find(|(asked, _)| asked == bound)?;
        offers.offers.iter().all(|offer| now < offer.expires_at).then(|| offers.clone())
    })
}

/// Remembers what was found, in place of what was found before for the same bound.
pub fn remember(bound: FlightQuery, offers: Rc<Offers>) {
    FOUND.with_borrow_mut(|found| {
        found.retain(|(asked, _)| *asked != bound);
        found.insert(0, (bound, offers));
        found.truncate(KEPT);
    });
}
