//! The flights of one direction, to choose from. A return trip shows this page twice: outbound, then return.

mod card;
mod day_strip;
mod filters;
pub(super) mod itinerary;
pub(super) mod map;
mod sky;

use api_types::{FareStrip, LocalDate, Offer, OfferId};
use yew::prelude::*;

pub(super) use card::flight_line;
use card::{CardActions, flight_card};
use day_strip::day_strip;
use filters::{filter_panel, sort_control};
use itinerary::Itinerary;

use crate::{
    components::{
        Button, ButtonKind, Dialog, FailureNotice, Notice, Skeleton, SlowNotice, cabin_name, party_words,
    },
    format,
    hooks::{Places, Remote, bound_of, use_airports, use_flights, use_places, use_remote},
    route::{Filters, FlightSearch, ResultsView, Route, SearchDraft},
    router::{Link, Navigator, PageHeading, use_navigator},
    state::trip::ChosenTrip,
};

#[derive(Properties, PartialEq)]
pub struct ResultsPageProps {
    pub search: FlightSearch,
    /// The chosen outbound offer, when this is about the return.
    pub out: Option<OfferId>,
    pub view: ResultsView,
}

/// Heading, prices of the days around, order and filters, flight cards, and a map of the hovered card.
#[component]
pub fn ResultsPage(props: &ResultsPageProps) -> Html {
    let navigator = use_navigator();
    let places = use_places();
    let airports = use_airports();
    let chosen = use_memo(props.out.clone(), |out| out.as_ref().and_then(ChosenTrip::from_way_out));
    let here =
        Here { search: props.search.clone(), out: props.out.clone(), view: props.view.clone(), navigator };
    let bound = bound_of(&props.search, props.out.as_ref());
    let flights = use_flights(bound.clone());
    let fares = use_remote((bound.clone(), ()), |api, (bound, ())| async move { api.fares(&bound).await });
    let looked_at = use_state(|| None::<String>);
    let sheet = use_state(|| false);

    // An outbound offer that this tab didn't store can't be booked: choose it again.
    use_effect_with((chosen.is_none() && props.out.is_some(), here.clone()), |(lost, here)| {
        if *lost {
            here.navigator.replace(Route::Flights {
                search: here.search.clone(),
                out: None,
                view: here.view.clone(),
            });
        }
    });

    // On narrow screens the strip scrolls: the day asked for begins in its middle.
    use_effect_with((bound.date, matches!(fares.state, Remote::Ready(_))), |_| day_strip::centre_selected());

    let strip = match &fares.state {
        Remote::Ready(strip) => Some(strip.clone()),
        Remote::Loading | Remote::Failed(_) => None,
    };
    let from_to = [places.city(bound.from).as_str(), " to ", places.city(bound.to).as_str()].concat();
    let title = format!("{from_to}, {}", format::date_short(bound.date));
    let content = match &flights.state {
        Remote::Loading => html! {
            <>
                <Skeleton label="Searching flights" count={4} class="flight-skeleton" />
                <SlowNotice>{ "Still searching. This can take a few seconds." }</SlowNotice>
            </>
        },
        Remote::Failed(failure) => {
            html! { <FailureNotice failure={failure.clone()} retry={flights.retry.clone()} /> }
        }
        Remote::Ready(found) => {
            let all = Itinerary::group(&found.offers);
            if all.is_empty() {
                no_flights(&here, bound.date, strip.as_deref())
            } else {
                let show =
                    Show { here: &here, places: &places, all: &all, looked_at: &looked_at, sheet: &sheet };
                let known = airports.known().map(|known| &*known.list);
                html! { <>{ show.list() }{ show.map(known) }</> }
            }
        }
    };
    html! {
        <div class="results">
            <div class="results__head">
                <PageHeading {title}>{ &from_to }</PageHeading>
                <p>{ what(&props.search, bound.date) }</p>
                <Link to={Route::Search(SearchDraft::from(&props.search))}>{ "Edit search" }</Link>
            </div>
            { step(&props.search, chosen.as_ref().as_ref(), &places) }
            { day_strip(strip.as_deref(), bound.date, |date| here.on(date)) }
            { content }
        </div>
    }
}

/// The page's address parts, and the navigator.
#[derive(Clone, PartialEq)]
struct Here {
    search: FlightSearch,
    out: Option<OfferId>,
    view: ResultsView,
    navigator: Navigator,
}

impl Here {
    /// The same search on another day of this direction; none before today or before the way out.
    fn on(&self, date: LocalDate) -> Option<Route> {
        let mut search = self.search.clone();
        if self.out.is_some() {
            if date < search.depart {
                return None;
            }
            search.back = Some(date);
        } else {
            if date < format::today() {
                return None;
            }
            search.depart = date;
            search.back = search.back.map(|back| back.max(date));
        }
        Some(Route::Flights { search, out: self.out.clone(), view: self.view.clone() })
    }

    /// Replaces order and filters in the address.
    fn look(&self, view: ResultsView) {
        self.navigator.replace(Route::Flights { search: self.search.clone(), out: self.out.clone(), view });
    }

    fn filter(&self) -> Callback<Filters> {
        let here = self.clone();
        Callback::from(move |filters| here.look(ResultsView { sort: here.view.sort, filters }))
    }

    fn choose(&self, itinerary: &str) -> Callback<MouseEvent> {
        let (here, itinerary) = (self.clone(), itinerary.to_owned());
        Callback::from(move |_| {
            here.navigator.push(Route::Fare {
                search: here.search.clone(),
                out: here.out.clone(),
                itinerary: itinerary.clone(),
            });
        })
    }
}

/// `Sat 5 Dec, 1 adult, Economy`.
fn what(search: &FlightSearch, date: LocalDate) -> String {
    format!("{}, {}, {}", format::date_short(date), party_words(search.party), cabin_name(search.cabin))
}

/// The step of a return trip, and the outbound choice.
fn step(search: &FlightSearch, chosen: Option<&ChosenTrip>, places: &Places) -> Html {
    match (search.back, chosen.and_then(|trip| trip.offers.first())) {
        (None, _) => Html::default(),
        (Some(_), None) => {
            html! { <p class="results__step"><strong>{ "1 of 2: choose your way out." }</strong></p> }
        }
        (Some(_), Some(offer)) => html! {
            <p class="results__step">
                <strong>{ "2 of 2: choose your way back." }</strong>
                { " Way out: " }{ chosen_words(offer, places) }{ ". " }
                <Link to={Route::Flights { search: search.clone(), out: None, view: ResultsView::default() }}>
                    { "Change" }<span class="visually-hidden">{ " the way out" }</span>
                </Link>
            </p>
        },
    }
}

/// `Sat 5 Dec, 11:05 San Francisco to 15:30 Tokyo`.
fn chosen_words(offer: &Offer, places: &Places) -> String {
    let (Some(first), Some(last)) = (offer.segments.first(), offer.segments.last()) else {
        return String::new();
    };
    format!(
        "{}, {} {} to {} {}",
        format::date_short(first.departure.local.date()),
        format::time(first.departure.local),
        places.city(first.from),
        format::time(last.arrival.local),
        places.city(last.to),
    )
}

/// Nothing is on sale: names the nearest day of the strip that has seats.
fn no_flights(here: &Here, date: LocalDate, strip: Option<&FareStrip>) -> Html {
    let days = strip.map(|strip| strip.days.as_slice()).unwrap_or_default();
    let others = days
        .iter()
        .filter(|day| day.date != date)
        .filter_map(|day| Some((day.date, day.lowest.as_ref()?, here.on(day.date)?)));
    let nearest = others.min_by_key(|(day, ..)| date.days_until(*day).abs());
    html! {
        <Notice announce={true}>
            <p>
                { "No flights on " }{ format::date_short(date) }{ "." }
                if let Some((day, lowest, route)) = nearest {
                    { " The nearest day with seats is " }
                    <Link to={route}>{ format::date_short(day) }{ ", from " }<bdi>{ format::money(lowest) }</bdi></Link>{ "." }
                } else {
                    { " Try another week, or another airport nearby." }
                }
            </p>
        </Notice>
    }
}

/// The data of the list of cards.
struct Show<'a> {
    here: &'a Here,
    places: &'a Places,
    all: &'a [Itinerary<'a>],
    looked_at: &'a UseStateHandle<Option<String>>,
    sheet: &'a UseStateHandle<bool>,
}

impl Show<'_> {
    /// The itineraries that match the filters, sorted.
    fn shown(&self) -> Vec<Itinerary<'_>> {
        let view = &self.here.view;
        let mut shown: Vec<Itinerary<'_>> =
            self.all.iter().filter(|each| itinerary::passes(each, &view.filters)).cloned().collect();
        itinerary::sort(&mut shown, view.sort);
        shown
    }

    fn list(&self) -> Html {
        let shown = self.shown();
        let filters = &self.here.view.filters;
        let panel = || filter_panel(self.all, filters, &self.here.filter());
        let party = self.here.search.party.total();
        let (open, close) = (self.set_sheet(true), self.set_sheet(false));
        html! {
            <div class="results__columns">
                <aside class="results__filters" aria-label="Filters">{ panel() }</aside>
                <section class="results__list" aria-labelledby="flights-heading">
                    <h2 id="flights-heading" class="visually-hidden">{ "Flights" }</h2>
                    <div class="results__bar">
                        { sort_control(&shown, &self.here.view, &{ let here = self.here.clone(); Callback::from(move |view| here.look(view)) }) }
                        <Button kind={ButtonKind::Secondary} class="results__filter-button" onclick={open.reform(|_: MouseEvent| ())}>
                            { "Filters" }
                            if filters.count() > 0 { { format!(" ({})", filters.count()) } }
                        </Button>
                        <p class="results__count" role="status">{ count_words(shown.len(), self.all.len()) }</p>
                    </div>
                    if shown.is_empty() {
                        { self.all_hidden() }
                    }
                    <ul class="results__cards">
                        for each in &shown {
                            { flight_card(each, self.places, party, CardActions { choose: self.here.choose(each.id()), look: self.look(each.id()) }) }
                        }
                    </ul>
                </section>
                <Dialog open={**self.sheet} heading="Filters" class="dialog--sheet" onclose={close.clone()}>
                    { panel() }
                    <p class="results__sheet-foot">
                        <Button onclick={close.reform(|_: MouseEvent| ())}>{ "Show " }{ format::counted(shown.len() as u64, "flight") }</Button>
                    </p>
                </Dialog>
            </div>
        }
    }

    fn all_hidden(&self) -> Html {
        let clear = self.here.filter().reform(|_: MouseEvent| Filters::default());
        html! {
            <Notice>
                <p>{ format!("Your filters hide all {}.", format::counted(self.all.len() as u64, "flight")) }</p>
                <p><Button kind={ButtonKind::Secondary} onclick={clear}>{ "Clear filters" }</Button></p>
            </Notice>
        }
    }

    /// The route of the hovered card; at first of the first card.
    fn map(&self, airports: Option<&api_types::Airports>) -> Html {
        let shown = self.shown();
        let looked_at = shown.iter().find(|each| self.looked_at.as_deref() == Some(each.id()));
        match (looked_at.or(shown.first()), airports) {
            (Some(itinerary), Some(airports)) => map::route_map(itinerary.segments(), airports, self.places),
            _ => Html::default(),
        }
    }

    fn look(&self, id: &str) -> Callback<()> {
        let (looked_at, id) = (self.looked_at.clone(), id.to_owned());
        Callback::from(move |()| {
            if looked_at.as_deref() != Some(id.as_str()) {
                looked_at.set(Some(id.clone()));
            }
        })
    }

    fn set_sheet(&self, open: bool) -> Callback<()> {
        let sheet = self.sheet.clone();
        Callback::from(move |()| sheet.set(open))
    }
}

/// `14 flights. Times are local.`, `3 of 14 flights. Times are local.`
fn count_words(shown: usize, all: usize) -> String {
    let flights = format::counted(all as u64, "flight");
    if shown == all {
        format!("{flights}. Times are local.")
    } else {
        format!("{shown} of {flights}. Times are local.")
    }
}
