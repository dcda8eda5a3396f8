//! One booking: its flights, who flies, what it costs and what it earns. Right after booking it is also the
//! confirmation.

mod copy_button;
mod ics;
mod miles_panel;
mod polling;
mod receipt;
mod status_line;
mod use_booking_miles;

use std::rc::Rc;

use api_types::{Booking, BookingStatus, MemberId, ProblemCode, RecordLocator};
use yew::prelude::*;

use self::{
    copy_button::CopyButton,
    miles_panel::miles_panel,
    status_line::{status_line, status_pill},
    use_booking_miles::{AskedBooking, MilesAnswer, use_booking_miles},
};
use crate::{
    api::ApiFailure,
    components::{Button, ButtonKind, FailureNotice, Skeleton, itinerary::itinerary},
    hooks::{
        AirportsHandle, Places, Remote, RemoteHandle, use_airports, use_member, use_places, use_remote,
        use_sign_in_after,
    },
    pages::results::map::route_map,
    route::Route,
    router::{Link, PageHeading},
    state::written,
};

#[derive(Properties, PartialEq)]
pub struct TripPageProps {
    pub record_locator: RecordLocator,
    /// Whether it has just been made.
    pub new: bool,
}

#[component]
pub fn TripPage(props: &TripPageProps) -> Html {
    match use_member() {
        Some(member) => html! {
            <OneTrip key={props.record_locator.as_str()} member_id={member.member_id.clone()}
                record_locator={props.record_locator.clone()} new={props.new} />
        },
        None => html! { <PageHeading title={TITLE} /> },
    }
}

const TITLE: &str = "Your trip";

#[derive(Properties, PartialEq)]
struct OneTripProps {
    member_id: MemberId,
    record_locator: RecordLocator,
    new: bool,
}

#[component]
fn OneTrip(props: &OneTripProps) -> Html {
    let RemoteHandle { state, retry } =
        use_remote(props.record_locator.clone(), |api, locator| async move { api.booking(&locator).await });
    let failure = match &state {
        Remote::Failed(failure) => Some(failure),
        Remote::Loading | Remote::Ready(_) => None,
    };
    use_sign_in_after(failure);
    // The reply to the booking is shown until a read has its version.
    let booking = match &state {
        Remote::Ready(read) => Some(written::newest(&props.member_id, read.clone())),
        Remote::Loading | Remote::Failed(_) => written::known(&props.member_id, &props.record_locator),
    };
    match (booking, failure) {
        (Some(booking), _) => html! { <Trip {booking} new={props.new} /> },
        (None, None) => html! {
            <div class="stack">
                <PageHeading title={TITLE} />
                <Skeleton label="Fetching your trip" count=2 class="trip-skeleton" />
            </div>
        },
        (None, Some(failure)) if failure.code() == Some(ProblemCode::BookingNotFound) => {
            unknown(&props.record_locator)
        }
        (None, Some(failure)) => failed(failure, retry),
    }
}

fn failed(failure: &ApiFailure, retry: Callback<()>) -> Html {
    html! {
        <div class="stack">
            <PageHeading title={TITLE} />
            <FailureNotice failure={failure.clone()} {retry} />
        </div>
    }
}

/// Shown for a locator under which the member has no booking.
fn unknown(locator: &RecordLocator) -> Html {
    html! {
        <div class="stack">
            <PageHeading title="We can't find this trip" />
            <p>
                { "You have no booking with the reference " }<b><bdi>{ locator.as_str() }</bdi></b>
                { ". Check the six characters, or sign in as the member who booked." }
            </p>
            <p><Link to={Route::Trips} class="button">{ "See your trips" }</Link></p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TripProps {
    booking: Rc<Booking>,
    new: bool,
}

#[component]
fn Trip(props: &TripProps) -> Html {
    let booking = &props.booking;
    let (places, airports) = (use_places(), use_airports());
    let (miles, ask_again) = use_booking_miles(AskedBooking {
        record_locator: booking.record_locator.clone(),
        version: booking.version,
        just_booked: props.new,
    });
    use_sign_in_after(match &miles {
        MilesAnswer::SignInNeeded(failure) => Some(failure),
        MilesAnswer::Awaited(_) | MilesAnswer::Known(_) => None,
    });
    let title = if props.new { "Your trip is booked".to_owned() } else { trip_name(booking, &places) };
    html! {
        <div class="trip">
            <div class="trip__head">
                <PageHeading {title} />
                if !props.new { { status_pill(booking.status) } }
            </div>
            <section class={classes!("panel", "trip__reference", props.new.then_some("trip__reference--new"))} aria-labelledby="reference-heading">
                <div>
                    <h2 id="reference-heading" class="trip__reference-label">{ "Booking reference" }</h2>
                    <p class="trip__locator"><bdi>{ booking.record_locator.as_str() }</bdi></p>
                </div>
                <CopyButton text={AttrValue::from(booking.record_locator.as_str().to_owned())} />
                if props.new { { status_line(booking.status, &miles) } }
            </section>
            if props.new { { what_happens_next(booking) } }
            <div class="trip__columns">
                <div class="stack">
                    for (index, bound) in booking.bounds.iter().enumerate() {
                        <section class="panel stack" key={index} aria-labelledby={format!("bound-{index}")}>
                            <h2 id={format!("bound-{index}")}>{ bound_name(booking, index, &places) }</h2>
                            { itinerary(&bound.segments, &places) }
                        </section>
                    }
                    { receipt::passengers(booking) }
                    { actions(booking, &places) }
                    { map(booking, &airports, &places) }
                </div>
                <div class="stack">
                    { miles_panel(&miles, booking, ask_again) }
                    { receipt::price(booking) }
                </div>
            </div>
        </div>
    }
}

/// `San Francisco to Tokyo`.
#[must_use]
pub(crate) fn trip_name(booking: &Booking, places: &Places) -> String {
    booking.bounds.first().map_or_else(String::new, |bound| bound_cities(bound, places))
}

fn bound_cities(bound: &api_types::Bound, places: &Places) -> String {
    match (bound.segments.first(), bound.segments.last()) {
        (Some(first), Some(last)) => {
            [places.city(first.from).as_str(), " to ", places.city(last.to).as_str()].concat()
        }
        _ => String::new(),
    }
}

fn bound_name(booking: &Booking, index: usize, places: &Places) -> String {
    let cities = booking.bounds.get(index).map_or_else(String::new, |bound| bound_cities(bound, places));
    match (booking.bounds.len(), index) {
        (1, _) => "Your flights".to_owned(),
        (_, 0) => ["Way out: ", &cities].concat(),
        _ => ["Way back: ", &cities].concat(),
    }
}

fn what_happens_next(booking: &Booking) -> Html {
    html! {
        <section class="panel stack" aria-labelledby="next-heading">
            <h2 id="next-heading">{ "What happens next" }</h2>
            <ul class="bullets">
                <li>{ "Your seats are held. Quote the reference above when you ask us about this trip." }</li>
                <li>{ "The booking's contact is " }<bdi>{ booking.contact.email.as_str() }</bdi>{ "." }</li>
                <li>{ "Your miles show as pending now and join your balance after the flight." }</li>
            </ul>
        </section>
    }
}

/// The outbound route on the map, once the airports are loaded; hidden on narrow screens.
fn map(booking: &Booking, airports: &AirportsHandle, places: &Places) -> Html {
    match (booking.bounds.first(), airports.known()) {
        (Some(out), Some(known)) => route_map(&out.segments, &known.list, places),
        _ => Html::default(),
    }
}

fn actions(booking: &Booking, places: &Places) -> Html {
    let calendar = ics::calendar_text(booking, &|airport| places.city_and_code(airport));
    let href = ["data:text/calendar;charset=utf-8,", &crate::query::encode(&calendar)].concat();
    let print = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            window.print().ok();
        }
    });
    html! {
        <p class="actions trip__actions">
            if booking.status == BookingStatus::Confirmed {
                <a class="button button--secondary" {href} download={format!("tern-{}.ics", booking.record_locator)}>
                    { "Add to calendar" }
                </a>
            }
            <Button kind={ButtonKind::Secondary} onclick={print}>{ "Print receipt" }</Button>
        </p>
    }
}
