//! Sends a booking so that it is made exactly once, with retries under one key.

use std::{cell::RefCell, rc::Rc};

use api_types::{Booking, BookingRequest, Problem};
use gloo_timers::future::TimeoutFuture;

use crate::{
    api::{Api, ApiFailure},
    state::draft::{self, Draft},
};

/// The outcome of sending.
pub(crate) enum Outcome {
    /// It is booked.
    Booked(Rc<Booking>),
    /// The service rejected the member's token; this attempt booked nothing.
    SignInNeeded,
    /// No reply, or one that doesn't tell whether the booking was made.
    Unknown,
    /// Refused by the service.
    Refused(Rc<Problem>),
}

/// The waits before a request without a reply is sent again.
const AGAIN_AFTER_MS: [u32; 2] = [1_000, 3_000];

/// Sends `request` under the draft's key, retries with the same key when there is no reply, and records the outcome in
/// the draft. `sending_again` is called before each retry.
pub(crate) async fn book(
    api: &Api,
    draft: &RefCell<Draft>,
    request: &BookingRequest,
    sending_again: &dyn Fn(),
) -> Outcome {
    let before = draft.borrow().clone();
    let key = before.idempotency_key().clone();
    note(draft, Draft::sending); // before it is sent: the page may be closed when the reply arrives
    let mut waits = AGAIN_AFTER_MS.into_iter();
    loop {
        let failure = match api.create_booking(&key, request).await {
            Ok(booking) => {
                draft::forget();
                return Outcome::Booked(Rc::new(booking));
            }
            Err(failure) => failure,
        };
        match failure {
            ApiFailure::Problem(_) if failure.needs_sign_in() => {
                note(draft, |draft| *draft = before);
                return Outcome::SignInNeeded;
            }
            ApiFailure::Problem(problem) if problem.status < 500 => {
                note(draft, |draft| draft.refused(problem.errors.clone()));
                return Outcome::Refused(problem);
            }
            ApiFailure::Problem(_) | ApiFailure::Offline | ApiFailure::Unexpected(_) => {}
        }
        match waits.next() {
            Some(wait_ms) => {
                sending_again();
                TimeoutFuture::new(wait_ms).await;
            }
            None => return Outcome::Unknown,
        }
    }
}

fn note(draft: &RefCell<Draft>, change: impl FnOnce(&mut Draft)) {
    let mut draft = draft.borrow_mut();
    change(&mut draft);
    draft::keep(&draft);
}
