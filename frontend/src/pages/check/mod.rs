//! The review page, with the button that books.

mod answers;
mod reprice;
mod send;

use std::rc::Rc;

use api_types::{BookingRequest, OfferId, Price, Problem, ProblemCode};
use yew::prelude::*;

pub(crate) use answers::passenger_lines;

use self::{
    answers::answers,
    reprice::Reprice,
    send::{Outcome, book},
};
use super::travellers::{checked, choose_again, is_asked_here};
use crate::{
    api::use_api,
    components::{
        Button, ButtonKind, Notice, NoticeKind,
        price_table::{price_table, together},
    },
    format,
    hooks::{use_member, use_now, use_places},
    route::Route,
    router::{Link, PageHeading, use_navigator},
    state::{
        draft::{self, Draft, Sent},
        session::{SignedIn, use_session},
        trip::ChosenTrip,
        written,
    },
};

#[derive(Properties, PartialEq)]
pub struct CheckPageProps {
    /// One offer, or two for a return trip.
    pub offers: Vec<OfferId>,
}

const TITLE: &str = "Check your answers";

/// Shows offers and travellers, and books. Incomplete input leads back to the travellers.
#[component]
pub fn CheckPage(props: &CheckPageProps) -> Html {
    let navigator = use_navigator();
    let member = use_member();
    let trip = use_memo(props.offers.clone(), |offers| {
        let trip = ChosenTrip::of(offers)?;
        let draft = draft::of(&trip.offers);
        let request = checked(&draft).ok().map(Rc::new);
        Some((Rc::new(trip), draft, request))
    });
    let incomplete = matches!(&*trip, Some((_, _, None)));
    use_effect_with((incomplete, props.offers.clone()), move |(incomplete, offers)| {
        if *incomplete {
            navigator.replace(Route::Travellers { offers: offers.clone() });
        }
    });
    match (&*trip, member) {
        (None, Some(_)) => choose_again(TITLE),
        (Some((trip, draft, Some(request))), Some(member)) => {
            let key = format!("{:?}", props.offers); // another trip is another page
            html! { <Check {key} {member} trip={trip.clone()} draft={draft.clone()} request={request.clone()} /> }
        }
        (_, None) | (Some((_, _, None)), Some(_)) => html! { <PageHeading title={TITLE} /> },
    }
}

#[derive(Properties, PartialEq)]
struct CheckProps {
    member: Rc<SignedIn>,
    trip: Rc<ChosenTrip>,
    draft: Draft,
    request: Rc<BookingRequest>,
}

/// The state of the request to book.
#[derive(Clone, PartialEq)]
enum Step {
    /// Not sent.
    Ready,
    /// Being sent; `again` after an attempt without a reply.
    Sending { again: bool },
    /// No reply: it may have been booked.
    Unanswered,
    /// Refused; nothing is booked.
    Refused(Rc<Problem>),
    /// Refused after an attempt without a reply, which may have booked.
    RefusedAgain(Rc<Problem>),
}

#[component]
fn Check(props: &CheckProps) -> Html {
    let (api, session) = (use_api(), use_session());
    let (navigator, places) = (use_navigator(), use_places());
    let step = use_state(|| match props.draft.sent() {
        Sent::Unanswered => Step::Unanswered,
        Sent::Never | Sent::Refused { .. } => Step::Ready,
    });
    let draft = use_mut_ref(|| props.draft.clone());
    let is_shown = use_mut_ref(|| true);
    use_effect_with((), {
        let is_shown = is_shown.clone();
        move |()| move || *is_shown.borrow_mut() = false
    });
    let Some(price) = together(props.trip.offers.iter().map(|offer| &offer.price)) else {
        return choose_again(TITLE);
    };

    let confirm = {
        let (step, draft, navigator) = (step.clone(), draft.clone(), navigator.clone());
        let is_shown = is_shown.clone();
        let (request, member) = (props.request.clone(), props.member.member_id.clone());
        Callback::from(move |_: MouseEvent| {
            step.set(Step::Sending { again: false });
            let (api, session) = (api.clone(), session.clone());
            let (request, member) = (request.clone(), member.clone());
            let (step, draft, navigator) = (step.clone(), draft.clone(), navigator.clone());
            let is_shown = is_shown.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let sending_again = step.setter();
                let outcome =
                    book(&api, &draft, &request, &|| sending_again.set(Step::Sending { again: true })).await;
                match outcome {
                    Outcome::Booked(booking) => {
                        let record_locator = booking.record_locator.clone();
                        written::remember(&member, &booking);
                        if *is_shown.borrow() {
                            navigator.replace(Route::Trip { record_locator, new: true });
                        }
                    }
                    Outcome::SignInNeeded => session.end(),
                    Outcome::Unknown => step.set(Step::Unanswered),
                    _ if !*is_shown.borrow() => {} // the draft knows, and the page that shows it next
                    Outcome::Refused(problem) if problem.errors.iter().any(is_asked_here) => {
                        navigator.push(Route::Travellers { offers: request.offer_ids.clone() });
                    }
                    Outcome::Refused(problem) => step.set(Step::Refused(problem)),
                    Outcome::RefusedAgain(problem) => step.set(Step::RefusedAgain(problem)),
                }
            });
        })
    };
    let start_over = {
        let (step, draft) = (step.clone(), draft.clone());
        Callback::from(move |_: MouseEvent| {
            let mut draft = draft.borrow_mut();
            draft.start_over(draft::random_key());
            draft::keep(&draft);
            step.set(Step::Ready);
        })
    };
    let may_book = match &*step {
        Step::Ready | Step::Sending { .. } | Step::Unanswered => true,
        Step::Refused(_) | Step::RefusedAgain(_) => false,
    };
    html! {
        <div class="booking-step">
            <div class="booking-step__main stack">
                <PageHeading title={TITLE} />
                { answers(&props.trip, &props.request, &places, matches!(&*step, Step::Sending { .. })) }
                <section class="panel stack" aria-labelledby="price-heading">
                    <h2 id="price-heading">{ "Price" }</h2>
                    { price_table(&price) }
                </section>
                <PriceHolds trip={props.trip.clone()} />
                if props.draft.others_unanswered() {
                    <Notice kind={NoticeKind::Pending} heading="You may have booked other flights">
                        <p>{ "You sent a booking of other flights, and no answer came. It may have gone through: look at your trips before you book these as well." }</p>
                        <p><Link to={Route::Trips} class="button button--secondary">{ "See your trips" }</Link></p>
                    </Notice>
                }
                { told(&step, &props.trip, start_over) }
                if may_book {
                    <p>{ confirm_button(&step, &price, confirm) }</p>
                }
            </div>
        </div>
    }
}

fn confirm_button(step: &Step, price: &Price, confirm: Callback<MouseEvent>) -> Html {
    let total = format::money_minor(price.amount_minor, price.currency.as_str());
    let busy = matches!(step, Step::Sending { .. });
    html! {
        <Button {busy} onclick={confirm}>
            if busy { { "Booking\u{2026}" } } else { <span>{ "Book for " }<bdi>{ total }</bdi></span> }
        </Button>
    }
}

/// The notice about a booking that is not done.
fn told(step: &Step, trip: &Rc<ChosenTrip>, start_over: Callback<MouseEvent>) -> Html {
    let search = || Route::Flights { search: trip.search.clone(), out: None, view: Default::default() };
    match step {
        Step::Ready | Step::Sending { again: false } => Html::default(),
        Step::Sending { again: true } => html! {
            <Notice kind={NoticeKind::Pending} announce={true}>
                <p>{ "No answer yet. We are sending the same booking again: it is never made twice." }</p>
            </Notice>
        },
        Step::Unanswered => html! {
            <Notice kind={NoticeKind::Pending} announce={true} heading="We don't know yet whether this is booked">
                <p>{ "No answer came. Press the button again when you are connected: if the first try went through, you get that booking, not a second one." }</p>
            </Notice>
        },
        Step::RefusedAgain(problem) => html! {
            <Notice kind={NoticeKind::Pending} announce={true} heading="You may have this booking already">
                if problem.code != ProblemCode::IdempotencyKeyReused {
                    <p>{ &problem.detail }</p>
                }
                <p>{ "An earlier try was sent, and it may have gone through. Look at your trips before you book again." }</p>
                <p class="actions">
                    <Link to={Route::Trips} class="button">{ "See your trips" }</Link>
                    <Button kind={ButtonKind::Secondary} onclick={start_over}>{ "Make another booking" }</Button>
                </p>
            </Notice>
        },
        Step::Refused(problem) => match problem.code {
            ProblemCode::OfferExpired | ProblemCode::OfferChanged | ProblemCode::OfferInvalid => {
                html! { <Reprice trip={trip.clone()} reason={problem.title.clone()} /> }
            }
            ProblemCode::SoldOut => html! {
                <Notice kind={NoticeKind::Error} announce={true} heading="The last seats at this price were just taken">
                    <p>{ "Nothing was booked." }</p>
                    <p><Link to={search()} class="button">{ "See other flights" }</Link></p>
                </Notice>
            },
            _ => html! {
                <Notice kind={NoticeKind::Error} announce={true} heading={problem.title.clone()}>
                    <p>{ &problem.detail }</p>
                    <p>{ "Nothing was booked." }</p>
                    <p><Link to={search()} class="button button--secondary">{ "See flights" }</Link></p>
                </Notice>
            },
        },
    }
}

#[derive(Properties, PartialEq)]
struct PriceHoldsProps {
    trip: Rc<ChosenTrip>,
}

/// From five minutes before the price expires, its expiry. The service decides by its own clock.
#[component]
fn PriceHolds(props: &PriceHoldsProps) -> Html {
    let now = use_now(10_000);
    let Some(expires_at) = props.trip.offers.iter().map(|offer| offer.expires_at).min() else {
        return Html::default();
    };
    match now.minutes_until(expires_at) {
        5.. => Html::default(),
        minutes @ 1.. => html! {
            <p class="price-holds">{ "This price holds for " }{ format::counted(minutes.unsigned_abs(), "more minute") }{ "." }</p>
        },
        0 => html! { <p class="price-holds">{ "This price ends in less than a minute." }</p> },
        _ => {
            html! { <p class="price-holds">{ "This price has probably ended. If it has, you see the new one before anything is booked." }</p> }
        }
    }
}
