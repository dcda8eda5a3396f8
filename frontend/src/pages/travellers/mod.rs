//! The travellers page: names and birth dates of the party, and a contact.

mod checked;
mod form;

use std::rc::Rc;

use api_types::{FieldError, OfferId};
use web_sys::{FormData, HtmlFormElement, SubmitEvent};
use yew::prelude::*;

pub(crate) use checked::checked;

use crate::{
    components::{ErrorSummary, FieldProblem, Notice, NoticeKind, trip_summary::trip_summary},
    hooks::{use_member, use_places},
    route::{Route, SearchDraft},
    router::{Link, PageHeading, use_navigator},
    state::{
        draft::{self, Draft, Sent},
        trip::ChosenTrip,
    },
};

#[derive(Properties, PartialEq)]
pub struct TravellersPageProps {
    /// One offer, or two for a return trip.
    pub offers: Vec<OfferId>,
}

/// The form of the passengers. Members only: the booking will be theirs.
#[component]
pub fn TravellersPage(props: &TravellersPageProps) -> Html {
    let trip = use_memo(props.offers.clone(), |offers| ChosenTrip::of(offers));
    if use_member().is_none() {
        return html! { <PageHeading title={TITLE} /> };
    }
    match &*trip {
        Some(trip) => html! { <TravellersForm trip={Rc::new(trip.clone())} /> },
        None => choose_again(TITLE),
    }
}

const TITLE: &str = "Who is travelling?";

/// Shown by a booking page whose offers were not chosen in this tab.
pub(crate) fn choose_again(title: &'static str) -> Html {
    html! {
        <div class="stack">
            <PageHeading {title} />
            <p>{ "The flights of this page were chosen in another tab, or too long ago. Search again to choose them here." }</p>
            <p><Link to={Route::Search(SearchDraft::default())} class="button">{ "Search flights" }</Link></p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TravellersFormProps {
    trip: Rc<ChosenTrip>,
}

#[component]
fn TravellersForm(props: &TravellersFormProps) -> Html {
    let offers = &props.trip.offers;
    let navigator = use_navigator();
    let places = use_places();
    let typed = use_mut_ref(|| draft::of(offers));
    let problems = use_state(Vec::<FieldProblem>::new);
    let attempt = use_state(|| 0_u32);
    {
        // The service's field errors; the summary takes the focus after the heading.
        let (typed, problems, attempt) = (typed.clone(), problems.clone(), attempt.clone());
        use_effect_with((), move |()| {
            if let Sent::Refused { errors } = typed.borrow().sent()
                && !errors.is_empty()
            {
                problems.set(form::problems(errors));
                attempt.set(1);
            }
        });
    }
    let keep = {
        let typed = typed.clone();
        Callback::from(move |event: Event| {
            if let Some(form) = form_of(&event) {
                let mut typed = typed.borrow_mut();
                enter(&mut typed, &form);
                draft::keep(&typed);
            }
        })
    };
    // While typing, what a render shows must be what the fields hold.
    let follow = keep.reform(|event: InputEvent| event.into());
    let submit = {
        let (typed, problems, attempt) = (typed.clone(), problems.clone(), attempt.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut typed = typed.borrow_mut();
            if let Some(form) = form_of(&event) {
                enter(&mut typed, &form);
                draft::keep(&typed);
            }
            match checked(&typed) {
                Ok(_) => navigator.push(Route::Check { offers: typed.offer_ids().to_vec() }),
                Err(errors) => {
                    problems.set(form::problems(&errors));
                    attempt.set(*attempt + 1);
                }
            }
        })
    };
    let may_be_booked = typed.borrow().sent() == &Sent::Unanswered;
    let title = if problems.is_empty() { TITLE.to_owned() } else { ["Error: ", TITLE].concat() };
    let view = form::fields(&typed.borrow(), &problems);
    html! {
        <div class="booking-step">
            <div class="booking-step__main">
                <ErrorSummary problems={(*problems).clone()} attempt={*attempt} />
                <PageHeading {title}>{ TITLE }</PageHeading>
                if may_be_booked {
                    <Notice kind={NoticeKind::Pending} heading="This booking was sent already">
                        <p>{ "No answer has come, and it may have gone through with the details as they were. Look at your trips before you change them here." }</p>
                        <p><Link to={Route::Trips} class="button button--secondary">{ "See your trips" }</Link></p>
                    </Notice>
                }
                <p class="booking-step__lead">{ "Names as in the passports." }</p>
                <form class="stack" novalidate=true onsubmit={submit} onchange={keep} oninput={follow}>
                    { view }
                    <p><button type="submit" class="button">{ "Continue" }</button></p>
                </form>
            </div>
            { trip_summary(offers, &places) }
        </div>
    }
}

/// The form that an event came from or bubbled up to.
fn form_of(event: &Event) -> Option<HtmlFormElement> {
    let target = event.target_dyn_into::<web_sys::Element>()?;
    wasm_bindgen::JsCast::dyn_into(target.closest("form").ok()??).ok()
}

fn enter(draft: &mut Draft, form: &HtmlFormElement) {
    let Ok(data) = FormData::new_with_form(form) else { return };
    let (travellers, email) = form::read(draft, &|field| data.get(field).as_string().unwrap_or_default());
    draft.enter(travellers, email, draft::random_key());
}

/// Whether the error is about a field of this page.
#[must_use]
pub(crate) fn is_asked_here(error: &FieldError) -> bool {
    error.field == checked::EMAIL_FIELD || error.field.starts_with("passengers[")
}
