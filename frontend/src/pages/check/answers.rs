//! The chosen offers and the input as a summary list, each with a link to change it.

use api_types::{BookingRequest, Miles, Passenger, PassengerType};
use yew::prelude::*;

use crate::{
    components::{
        bound_lines::{bound_lines, fare_name},
        conditions::conditions,
    },
    format,
    hooks::Places,
    route::Route,
    router::Link,
    state::trip::ChosenTrip,
};

/// `fixed` while they are being sent: a change would not reach the booking.
pub(crate) fn answers(trip: &ChosenTrip, request: &BookingRequest, places: &Places, fixed: bool) -> Html {
    let flights = Route::Flights { search: trip.search.clone(), out: None, view: Default::default() };
    let travellers = Route::Travellers { offers: request.offer_ids.clone() };
    let (flights, travellers) = ((!fixed).then_some(&flights), (!fixed).then_some(&travellers));
    let miles: Miles = trip.offers.iter().map(|offer| offer.miles).sum();
    let is_return = trip.offers.len() > 1;
    html! {
        <dl class="panel answers">
            for (index, offer) in trip.offers.iter().enumerate() {
                { row(bound_name(index, is_return), html! {
                    <>
                        { bound_lines(&offer.segments, places) }
                        <p class="answers__fare">{ fare_name(offer.cabin, offer.fare_family) }</p>
                        { conditions(&offer.conditions) }
                    </>
                }, flights) }
            }
            for (index, passenger) in request.passengers.iter().enumerate() {
                { row(&format!("Traveller {}", index + 1), passenger_lines(passenger), travellers) }
            }
            { row("Contact", html! { request.contact.email.as_str() }, travellers) }
            { row("You earn", html! { <>{ format::miles(miles) }<span class="quiet">{ ", before any tier bonus" }</span></> }, None) }
        </dl>
    }
}

fn bound_name(index: usize, is_return: bool) -> &'static str {
    match (is_return, index) {
        (false, _) => "Flight",
        (true, 0) => "Way out",
        (true, _) => "Way back",
    }
}

fn row(name: &str, value: Html, change: Option<&Route>) -> Html {
    html! {
        <div class="answers__row" key={name.to_owned()}>
            <dt>{ name }</dt>
            <dd>{ value }</dd>
            if let Some(to) = change {
                <dd class="answers__change">
                    <Link to={to.clone()} aria_label={["Change ", &name.to_lowercase()].concat()}>{ "Change" }</Link>
                </dd>
            }
        </div>
    }
}

/// Name, birth date and type.
pub(crate) fn passenger_lines(passenger: &Passenger) -> Html {
    let passenger_type = match passenger.passenger_type {
        PassengerType::Adult => "Adult",
        PassengerType::Child => "Child",
        PassengerType::Infant => "Infant",
    };
    html! {
        <>
            <p><bdi>{ full_name(passenger) }</bdi></p>
            <p class="quiet">{ passenger_type }{ ", born " }{ format::date_medium(passenger.birth_date) }</p>
        </>
    }
}

fn full_name(passenger: &Passenger) -> String {
    match &passenger.given_name {
        Some(given_name) => [given_name.as_str(), " ", passenger.family_name.as_str()].concat(),
        None => passenger.family_name.to_string(),
    }
}
