//! The fares of one itinerary: the same flights on three sets of conditions.

use std::rc::Rc;

use api_types::{Offer, OfferId};
use yew::prelude::*;

use super::results::{
    flight_line,
    itinerary::{Itinerary, per_adult},
};
use crate::{
    components::{
        Button, FailureNotice, Notice, Skeleton, SlowNotice, cabin_name, conditions::conditions, family_name,
        itinerary::itinerary as timeline, party_words,
    },
    format,
    hooks::{Remote, bound_of, use_flights, use_places},
    route::{FlightSearch, ResultsView, Route},
    router::{Link, Navigator, PageHeading, use_navigator},
    state::trip::ChosenTrip,
};

#[derive(Properties, PartialEq)]
pub struct FarePageProps {
    pub search: FlightSearch,
    /// The chosen outbound offer, when this is about the return.
    pub out: Option<OfferId>,
    pub itinerary: String,
}

/// One card for each fare that still has seats, cheapest first.
#[component]
pub fn FarePage(props: &FarePageProps) -> Html {
    let navigator = use_navigator();
    let places = use_places();
    let chosen = use_memo(props.out.clone(), |out| out.as_ref().and_then(ChosenTrip::from_way_out));
    let flights = use_flights(bound_of(&props.search, props.out.as_ref()));
    let list =
        Route::Flights { search: props.search.clone(), out: props.out.clone(), view: ResultsView::default() };

    // An outbound offer that this tab didn't store can't be booked: choose it again.
    use_effect_with(
        (chosen.is_none() && props.out.is_some(), navigator.clone(), props.search.clone()),
        |(lost, navigator, search)| {
            if *lost {
                navigator.replace(Route::Flights {
                    search: search.clone(),
                    out: None,
                    view: ResultsView::default(),
                });
            }
        },
    );

    let content = match &flights.state {
        Remote::Loading => html! {
            <>
                <Skeleton label="Asking for the fares" class="fare-skeleton" />
                <SlowNotice>{ "Still asking. This can take a few seconds." }</SlowNotice>
            </>
        },
        Remote::Failed(failure) => {
            html! { <FailureNotice failure={failure.clone()} retry={flights.retry.clone()} /> }
        }
        Remote::Ready(found) => {
            let all = Itinerary::group(&found.offers);
            match all.iter().find(|each| each.id() == props.itinerary) {
                Some(one) => {
                    let choice = Choice {
                        search: &props.search,
                        way_out: chosen.as_ref().as_ref(),
                        navigator: &navigator,
                    };
                    html! {
                        <>
                            <div class="fare__flight">
                                <div aria-hidden="true">{ flight_line(one) }</div>
                                <details class="fare__details">
                                    <summary>{ "Flight details" }</summary>
                                    { timeline(one.segments(), &places) }
                                </details>
                            </div>
                            <ul class="fare__cards">
                                for offer in &one.offers { { fare_card(offer, &choice) } }
                            </ul>
                        </>
                    }
                }
                None => html! {
                    <Notice announce={true}>
                        <p>{ "This flight is not for sale on this day: it doesn't fly then, has departed, or its seats are taken." }</p>
                    </Notice>
                },
            }
        }
    };
    html! {
        <div class="fare">
            <p><Link to={list}>{ "Back to all flights" }</Link></p>
            <PageHeading title="Choose a fare" />
            <p class="fare__what">{ cabin_name(props.search.cabin) }{ ", " }{ party_words(props.search.party) }</p>
            { content }
        </div>
    }
}

/// The choice of a fare.
struct Choice<'a> {
    search: &'a FlightSearch,
    way_out: Option<&'a ChosenTrip>,
    navigator: &'a Navigator,
}

impl Choice<'_> {
    /// Stores the offer and goes on: to the return flights if they are still to be chosen, else to the travellers.
    fn of(&self, offer: &Offer) -> Callback<MouseEvent> {
        let way_out = self.way_out.and_then(|trip| trip.offers.first());
        let offers: Rc<[Offer]> = way_out.into_iter().chain([offer]).cloned().collect();
        let (search, navigator) = (self.search.clone(), self.navigator.clone());
        Callback::from(move |_| {
            let trip = ChosenTrip { search: search.clone(), offers: offers.to_vec() };
            trip.keep();
            let ids: Vec<OfferId> = offers.iter().map(|offer| offer.offer_id.clone()).collect();
            navigator.push(match ids.as_slice() {
                [out] if search.back.is_some() => Route::Flights {
                    search: search.clone(),
                    out: Some(out.clone()),
                    view: ResultsView::default(),
                },
                _ => Route::Travellers { offers: ids },
            });
        })
    }
}

fn fare_card(offer: &Offer, choice: &Choice<'_>) -> Html {
    let name = family_name(offer.fare_family);
    let currency = offer.price.currency.as_str();
    let way_out = choice.way_out.and_then(|trip| trip.offers.first());
    let total = way_out.map(|out| out.price.amount_minor + offer.price.amount_minor);
    html! {
        <li class="fare-card" key={offer.offer_id.as_str()}>
            <h2>{ name }</h2>
            <p class="fare-card__price">
                <strong><bdi>{ format::money(&per_adult(offer)) }</bdi></strong>
                <small>{ "per adult, all taxes in" }</small>
                if choice.search.party.total() > 1 {
                    <small><bdi>{ format::money_minor(offer.price.amount_minor, currency) }</bdi>{ " for all " }{ choice.search.party.total() }</small>
                }
                if let Some(total) = total {
                    <small><bdi>{ format::money_minor(total, currency) }</bdi>{ " with the way out" }</small>
                }
            </p>
            { conditions(&offer.conditions) }
            <p><span class="miles-earned">{ "Earn " }{ format::miles(offer.miles) }</span></p>
            <Button onclick={choice.of(offer)}>{ "Choose " }{ name }</Button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use api_types::FareFamily;

    use super::*;
    use crate::testing;

    #[test]
    fn families_have_their_names() {
        assert_eq!(FareFamily::ALL.map(family_name), ["Light", "Classic", "Flex"]);
    }

    #[test]
    fn what_an_adult_pays_is_the_adult_share() {
        assert_eq!(format::money(&per_adult(&testing::offer())), "$712");
    }
}
