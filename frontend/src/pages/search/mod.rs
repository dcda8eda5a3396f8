//! The search form: where, when, who. The static shell in index.html holds the same form with the same ids and
//! names, so that it can be filled in before the app has loaded; the input is carried over.

mod form;
mod travellers;

use api_types::{Cabin, LocalDate};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use form::SearchForm;
use travellers::travellers;

use crate::{
    components::{AirportField, ErrorSummary, FailureNotice, FieldProblem, cabin_name, party_words},
    format,
    hooks::{Places, Remote, use_airports, use_places},
    route::{FlightSearch, ResultsView, Route, SearchDraft},
    router::{Link, PageHeading, use_navigator},
    shell,
    state::recent,
};

#[derive(Properties, PartialEq)]
pub struct SearchPageProps {
    /// The part of the search that the address has.
    pub draft: SearchDraft,
}

/// The search form under a map of the network, and the last searches of this device.
#[component]
pub fn SearchPage(props: &SearchPageProps) -> Html {
    let navigator = use_navigator();
    let airports = use_airports();
    let places = use_places();
    let form = use_reducer_eq(|| SearchForm::from(&props.draft));
    let problems = use_state(Vec::<FieldProblem>::new);
    let attempt = use_state(|| 0_u32);
    let recent = use_memo((), |()| recent::recent_searches());
    use_effect_with((), |()| shell::carry_over());

    let onsubmit = {
        let (form, problems, attempt) = (form.clone(), problems.clone(), attempt.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match form.check(format::today()) {
                Ok(search) => {
                    recent::remember(&search);
                    navigator.push(Route::Flights { search, out: None, view: ResultsView::default() });
                }
                Err(found) => {
                    problems.set(found);
                    attempt.set(*attempt + 1);
                }
            }
        })
    };
    let edit = |edit: fn(&mut SearchForm, String)| {
        let form = form.clone();
        Callback::from(move |text: String| {
            form.dispatch(Box::new(move |form: &mut SearchForm| edit(form, text)))
        })
    };
    let change = |change: fn(&mut SearchForm)| {
        let form = form.clone();
        Callback::from(move |()| form.dispatch(Box::new(change)))
    };
    let wrong = |id: &str| FieldProblem::of(&problems, id);
    let known = airports.known().cloned();
    let title = if problems.is_empty() { "Search flights" } else { "Error: Search flights" };

    html! {
        <div class="search">
            <div class="search__map" aria-hidden="true">{ network() }</div>
            <PageHeading {title} class="search__heading">{ "Where to next?" }</PageHeading>
            <form id="search-form" class="search__card" action="/" method="get" novalidate=true {onsubmit}>
                <ErrorSummary problems={(*problems).clone()} attempt={*attempt} />
                if let Remote::Failed(failure) = &airports.state {
                    <FailureNotice failure={failure.clone()} retry={airports.retry.clone()} />
                }
                <fieldset class="search__trip">
                    <legend class="visually-hidden">{ "Trip" }</legend>
                    { trip_choice("trip-return", "return", "Return", !form.one_way, change(|form| form.one_way = false)) }
                    { trip_choice("trip-one-way", "one-way", "One way", form.one_way, change(|form| form.one_way = true)) }
                </fieldset>
                <div class="search__fields">
                    <div class="search__route">
                        <AirportField id="from" label="From" airports={known.clone()} value={form.from} error={wrong("from")}
                            onchange={form_airport(&form, |form, code| form.from = code)} />
                        <button type="button" class="search__swap" aria-label="Swap From and To"
                            onclick={change(SearchForm::swap).reform(|_: MouseEvent| ())}>
                            <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 7h13l-3.5-3.5M17 13H4l3.5 3.5" /></svg>
                        </button>
                        <AirportField id="to" label="To" airports={known} value={form.to} error={wrong("to")}
                            onchange={form_airport(&form, |form, code| form.to = code)} />
                    </div>
                    { date_field("depart", "Depart", form.depart, wrong("depart"), edit(|form, text| form.depart = text.parse().ok())) }
                    if !form.one_way {
                        { date_field("return", "Return", form.back, wrong("return"), edit(|form, text| form.back = text.parse().ok())) }
                    }
                    { travellers(&form, wrong("travellers")) }
                    { cabin_field(form.cabin, edit(|form, text| form.cabin = text.parse().unwrap_or_default())) }
                    <button type="submit" class="button search__submit">{ "Search flights" }</button>
                </div>
            </form>
            if !recent.is_empty() {
                { recent_searches(&recent, &places) }
            }
        </div>
    }
}

fn form_airport(
    form: &UseReducerHandle<SearchForm>,
    set: fn(&mut SearchForm, Option<api_types::Iata>),
) -> Callback<Option<api_types::Iata>> {
    let form = form.clone();
    Callback::from(move |code| form.dispatch(Box::new(move |form: &mut SearchForm| set(form, code))))
}

fn trip_choice(
    id: &'static str,
    value: &'static str,
    says: &'static str,
    checked: bool,
    choose: Callback<()>,
) -> Html {
    html! {
        <label class="search__choice" for={id}>
            <input type="radio" {id} name="trip" {value} {checked} onchange={choose.reform(|_: Event| ())} />
            { says }
        </label>
    }
}

fn date_field(
    id: &'static str,
    label: &'static str,
    value: Option<LocalDate>,
    error: Option<AttrValue>,
    set: Callback<String>,
) -> Html {
    let onchange = set.reform(|event: Event| {
        event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    html! {
        <crate::components::Field {id} {label} error={error.clone()} class="search__date">
            <input type="date" {id} name={id} min={format::today().to_string()} value={value.map(|date| date.to_string())}
                aria-invalid={error.is_some().then_some("true")}
                aria-describedby={error.is_some().then(|| [id, "-error"].concat())} {onchange} />
        </crate::components::Field>
    }
}

fn cabin_field(cabin: Cabin, set: Callback<String>) -> Html {
    let onchange = set.reform(|event: Event| {
        event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
    });
    html! {
        <crate::components::Field id="cabin" label="Cabin" class="search__cabin">
            <select id="cabin" name="cabin" {onchange}>
                for each in Cabin::ALL {
                    <option value={each.as_str()} selected={each == cabin}>{ cabin_name(each) }</option>
                }
            </select>
        </crate::components::Field>
    }
}

/// Land and long routes, from two files that the browser keeps.
fn network() -> Html {
    html! {
        <svg viewBox="0 56 1000 300" preserveAspectRatio="xMidYMid slice" focusable="false">
            <use class="search__land" href="/assets/land-2.0.2.svg#land" x="1000" />
            <use class="search__land" href="/assets/land-2.0.2.svg#land" />
            <use class="search__arcs" href="/assets/network.svg#arcs" />
            <use class="search__dots" href="/assets/network.svg#dots" />
        </svg>
    }
}

fn recent_searches(searches: &[FlightSearch], places: &Places) -> Html {
    html! {
        <section class="search__recent" aria-labelledby="recent-heading">
            <h2 id="recent-heading">{ "Recent searches" }</h2>
            <ul>
                for search in searches {
                    <li key={Route::Search(search.into()).to_string()}>{ recent_search(search, places) }</li>
                }
            </ul>
        </section>
    }
}

fn recent_search(search: &FlightSearch, places: &Places) -> Html {
    let to = Route::Flights { search: search.clone(), out: None, view: ResultsView::default() };
    let back = search.back.map(|back| [" to ", &format::date_short(back)].concat()).unwrap_or_default();
    html! {
        <Link {to} class="search__again">
            <strong>{ places.city(search.from) }{ " to " }{ places.city(search.to) }</strong>
            <span>{ format::date_short(search.depart) }{ back }{ ", " }{ party_words(search.party) }</span>
        </Link>
    }
}
