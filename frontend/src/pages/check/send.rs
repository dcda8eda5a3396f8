//! Sends a booking so that it is made exactly once, with retries under one key.

use std::{cell::RefCell, rc::Rc};

use api_types::{Booking, BookingRequest, Problem, ProblemCode};
use gloo_timers::future::TimeoutFuture;

use crate::{
    api::{Api, ApiFailure},
    state::draft::{self, Draft, Sent},
};

/// The outcome of sending.
pub(crate) enum Outcome {
    /// It is booked.
    Booked(Rc<Booking>),
    /// The member's token was rejected: this attempt booked nothing, an earlier one may have.
    SignInNeeded,
    /// No reply, or one that doesn't tell whether the booking was made.
    Unknown,
    /// Refused, and no attempt before it can have booked anything either.
    Refused(Rc<Problem>),
    /// This attempt was refused; one before it may have booked.
    RefusedAgain(Rc<Problem>),
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
    let mut may_be_booked = before.sent() == &Sent::Unanswered;
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
                if !may_be_booked {
                    note(draft, |draft| *draft = before);
                }
                return Outcome::SignInNeeded;
            }
            ApiFailure::Problem(problem) if problem.status < 500 => {
                let key_reused = problem.code == ProblemCode::IdempotencyKeyReused;
                if key_reused || (may_be_booked && !settles_all_attempts(&problem)) {
                    return Outcome::RefusedAgain(problem);
                }
                note(draft, |draft| draft.refused(problem.errors.clone()));
                return Outcome::Refused(problem);
            }
            ApiFailure::Problem(_) | ApiFailure::Offline | ApiFailure::Unexpected(_) => may_be_booked = true,
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

/// Whether `problem` is the answer to every attempt under its key, also to one whose reply was lost: the service records
/// these refusals under the key, unless it has an answer already. Of other refusals a first attempt may know nothing.
fn settles_all_attempts(problem: &Problem) -> bool {
    matches!(problem.code, ProblemCode::OfferExpired | ProblemCode::OfferChanged | ProblemCode::SoldOut)
}

fn note(draft: &RefCell<Draft>, change: impl FnOnce(&mut Draft)) {
    let mut draft = draft.borrow_mut();
    change(&mut draft);
    draft::keep(&draft);
}
