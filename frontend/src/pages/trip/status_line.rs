//! The progress of a booking.

use api_types::{BookingStatus, MilesStatus};
use yew::prelude::*;

use super::use_booking_miles::MilesAnswer;

/// The booking's status as a pill.
pub(crate) fn status_pill(status: BookingStatus) -> Html {
    match status {
        BookingStatus::Confirmed => html! { <span class="pill pill--posted">{ "Confirmed" }</span> },
        BookingStatus::Cancelled => html! { <span class="pill">{ "Cancelled" }</span> },
    }
}

/// Received, confirmed, miles pending: the steps done and to come.
pub(crate) fn status_line(status: BookingStatus, miles: &MilesAnswer) -> Html {
    let confirmed = match status {
        BookingStatus::Confirmed => "Confirmed",
        BookingStatus::Cancelled => "Cancelled",
    };
    let (miles, known) = match miles {
        MilesAnswer::Known(miles) => (
            match miles.status {
                MilesStatus::Pending => "Miles pending",
                MilesStatus::Posted => "Miles posted",
                MilesStatus::Reversed => "Miles reversed",
            },
            true,
        ),
        MilesAnswer::Awaited(_) | MilesAnswer::SignInNeeded(_) => ("Miles pending", false),
    };
    html! {
        <ol class="status-line">
            { step("Received", true) }
            { step(confirmed, true) }
            { step(miles, known) }
        </ol>
    }
}

fn step(name: &'static str, done: bool) -> Html {
    html! {
        <li key={name} class={classes!("status-line__step", done.then_some("status-line__step--done"))}>
            <svg class="status-line__mark" viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="8" />
                if done { <path d="M6 10.5l2.7 2.7L14.2 7.5" /> }
            </svg>
            { name }<span class="visually-hidden">{ if done { ", done" } else { ", awaited" } }</span>
        </li>
    }
}
