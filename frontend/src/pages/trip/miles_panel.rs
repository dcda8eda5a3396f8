//! A booking's miles, with their calculation.

use api_types::{Booking, BookingMiles, EarningRule, MilesLine, MilesStatus};
use yew::prelude::*;

use super::{polling::Patience, use_booking_miles::MilesAnswer};
use crate::{
    components::{Button, ButtonKind, miles_pill::miles_pill, tier_pill::tier_name},
    format,
    route::Route,
    router::Link,
};

/// The panel of a booking's miles; `ask_again` restarts polling.
pub(crate) fn miles_panel(answer: &MilesAnswer, booking: &Booking, ask_again: Callback<MouseEvent>) -> Html {
    html! {
        <section class="panel stack miles-panel" aria-labelledby="miles-heading">
            <h2 id="miles-heading">{ "Miles" }</h2>
            // Announces final changes only, no polling.
            <p class="visually-hidden" role="status" aria-live="polite">{ final_change(answer) }</p>
            { match answer {
                MilesAnswer::Known(miles) => known(miles),
                MilesAnswer::Awaited(patience) => awaited(*patience, booking, ask_again),
                MilesAnswer::SignInNeeded(_) => html! { <p>{ "Sign in again to see your miles." }</p> },
            } }
        </section>
    }
}

fn final_change(answer: &MilesAnswer) -> String {
    match answer {
        MilesAnswer::Known(miles) => match miles.status {
            MilesStatus::Pending => format!("{} pending.", format::miles(miles.total)),
            MilesStatus::Posted => format!("{} posted.", format::miles(miles.total)),
            MilesStatus::Reversed => "Miles reversed.".to_owned(),
        },
        MilesAnswer::Awaited(Patience::Ended) => "Your miles have not arrived yet.".to_owned(),
        MilesAnswer::Awaited(Patience::Usual | Patience::Slow) | MilesAnswer::SignInNeeded(_) => {
            String::new()
        }
    }
}

fn awaited(patience: Patience, booking: &Booking, ask_again: Callback<MouseEvent>) -> Html {
    html! {
        <>
            <p class="miles-panel__total miles-panel__total--awaited">
                <bdi>{ format::miles_change(booking.miles) }</bdi>{ " " }<span class="pill pill--pending">{ "On the way" }</span>
            </p>
            { match patience {
                Patience::Usual => html! { <p>{ "They usually arrive within a minute. Any tier bonus comes on top." }</p> },
                Patience::Slow => html! { <p>{ "This is taking longer than usual. Nothing is lost." }</p> },
                Patience::Ended => html! {
                    <>
                        <p>{ "This is taking longer than usual. Nothing is lost." }</p>
                        <p><Button kind={ButtonKind::Secondary} onclick={ask_again}>{ "Refresh" }</Button></p>
                    </>
                },
            } }
        </>
    }
}

fn known(miles: &BookingMiles) -> Html {
    html! {
        <>
            <p class="miles-panel__total">
                <bdi>{ format::miles_change(miles.total) }</bdi>{ " " }{ miles_pill(miles.status) }
            </p>
            <p>{ meaning(miles.status) }</p>
            <h3 class="miles-panel__how">{ "How this was worked out" }</h3>
            <ul class="miles-lines">
                for (index, line) in miles.lines.iter().enumerate() {
                    <li key={index} class="miles-lines__line">
                        <span class="miles-lines__what">{ what(line, miles) }</span>
                        <bdi class="miles-lines__miles">{ format::miles_change(line.miles) }</bdi>
                        <span class="miles-lines__working"><bdi>{ &line.working }</bdi></span>
                    </li>
                }
            </ul>
            <p class="quiet">{ "Earning rules of " }{ &miles.rules_version }{ ". " }<Link to={Route::Miles}>{ "Your miles" }</Link></p>
        </>
    }
}

fn meaning(status: MilesStatus) -> &'static str {
    match status {
        MilesStatus::Pending => "They join your balance once you have flown.",
        MilesStatus::Posted => "They are part of your balance.",
        MilesStatus::Reversed => "They were taken back when the booking was cancelled.",
    }
}

/// `TN 7, SFO to NRT, fare class M`; a bonus names its seat.
fn what(line: &MilesLine, miles: &BookingMiles) -> String {
    let flight = line
        .flight_number
        .as_ref()
        .map_or_else(String::new, |number| [number.airline(), "\u{a0}", number.number(), ", "].concat());
    let route = [flight.as_str(), line.from.as_str(), " to ", line.to.as_str()].concat();
    match line.rule {
        EarningRule::Base => [&route, ", fare class ", line.fare_class.as_str()].concat(),
        EarningRule::TierBonus => [&route, ", ", tier_name(miles.tier), " bonus"].concat(),
        EarningRule::NoSeat => [&route, ", no seat"].concat(),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::testing::{booking, booking_miles, words};

    async fn shown(answer: MilesAnswer) -> String {
        words(miles_panel(&answer, &booking(), Callback::noop())).await
    }

    #[tokio::test]
    async fn known_miles_show_how_they_were_worked_out() {
        let shown = shown(MilesAnswer::Known(Rc::new(booking_miles()))).await;
        assert!(
            shown.starts_with("Miles 16,653 miles pending. +16,653 Pending They join your balance"),
            "{shown}"
        );
        assert!(
            shown.contains("TN 7, SFO to NRT, Ridge bonus +1,281 5,124 miles x 25 % for Ridge"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn waiting_is_told_without_being_announced() {
        for (patience, expected) in [
            (
                Patience::Usual,
                "Miles +15,372 On the way They usually arrive within a minute. Any tier bonus comes on top.",
            ),
            (Patience::Slow, "Miles +15,372 On the way This is taking longer than usual. Nothing is lost."),
            (
                Patience::Ended,
                "Miles Your miles have not arrived yet. +15,372 On the way This is taking longer than usual. Nothing is lost. Refresh",
            ),
        ] {
            assert_eq!(shown(MilesAnswer::Awaited(patience)).await, expected);
        }
    }
}
