//! Polls Airmiles for a booking's miles until it has applied the booking.

use std::{cell::Cell, rc::Rc};

use api_types::{BookingMiles, RecordLocator};
use gloo_timers::future::TimeoutFuture;
use yew::prelude::*;

use super::polling::{Patience, Polling};
use crate::api::{Api, ApiFailure, use_api};

/// The state of polling for the miles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MilesAnswer {
    /// Airmiles has not applied the booking's latest version yet.
    Awaited(Patience),
    /// The miles.
    Known(Rc<BookingMiles>),
    /// The visitor has to sign in again.
    SignInNeeded(ApiFailure),
}

/// The booking that is polled for.
#[derive(Clone, PartialEq)]
pub(crate) struct AskedBooking {
    pub record_locator: RecordLocator,
    /// The version that the page shows: miles of an earlier one are ignored.
    pub version: u64,
    /// Whether it was made a moment ago.
    pub just_booked: bool,
}

/// The miles of a booking, polled until known; the callback restarts polling.
#[hook]
pub fn use_booking_miles(booking: AskedBooking) -> (MilesAnswer, Callback<MouseEvent>) {
    let api = use_api();
    let answer = use_state_eq(|| MilesAnswer::Awaited(Patience::Usual));
    let round = use_state(|| 0_u32);
    {
        let set = answer.setter();
        use_effect_with((api, booking, *round), move |(api, booking, _)| {
            let shown = Rc::new(Cell::new(true));
            set.set(MilesAnswer::Awaited(Patience::Usual));
            wasm_bindgen_futures::spawn_local(ask_until_known(
                api.clone(),
                booking.clone(),
                shown.clone(),
                set,
            ));
            move || shown.set(false)
        });
    }
    let again = Callback::from(move |_| round.set(*round + 1));
    ((*answer).clone(), again)
}

async fn ask_until_known(
    api: Api,
    booking: AskedBooking,
    shown: Rc<Cell<bool>>,
    set: UseStateSetter<MilesAnswer>,
) {
    let mut polling = Polling::default();
    loop {
        let (wait_ms, next) = polling.next(booking.just_booked);
        polling = next;
        TimeoutFuture::new(wait_ms).await;
        while shown.get() && page_is_hidden() {
            TimeoutFuture::new(1_000).await;
        }
        if !shown.get() {
            return;
        }
        let answer = match api.booking_miles(&booking.record_locator).await {
            Ok(miles) if miles.booking_version >= booking.version => MilesAnswer::Known(Rc::new(miles)),
            Err(failure) if failure.needs_sign_in() => MilesAnswer::SignInNeeded(failure),
            // Not applied yet, an earlier version, or no reply: poll again.
            Ok(_) | Err(_) => MilesAnswer::Awaited(polling.patience()),
        };
        if !shown.get() {
            return;
        }
        let goes_on = match &answer {
            MilesAnswer::Awaited(patience) => *patience != Patience::Ended,
            MilesAnswer::Known(_) | MilesAnswer::SignInNeeded(_) => false,
        };
        set.set(answer);
        if !goes_on {
            return;
        }
    }
}

fn page_is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}
