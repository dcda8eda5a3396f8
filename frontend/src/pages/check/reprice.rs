//! The chosen price has expired: the same flights at their present price.

use std::rc::Rc;

use api_types::Offer;
use yew::prelude::*;

use crate::{
    api::{Api, ApiFailure, FlightQuery},
    components::{Button, FailureNotice, Notice, NoticeKind, Skeleton, price_table::together},
    format,
    hooks::{Remote, RemoteHandle, use_remote},
    route::Route,
    router::{Link, use_navigator},
    state::trip::ChosenTrip,
};

#[derive(Properties, PartialEq)]
pub(crate) struct RepriceProps {
    /// The trip whose price has expired.
    pub trip: Rc<ChosenTrip>,
    /// Why, in the service's words.
    pub reason: String,
}

/// Searches for the same flights and fares again, and offers the new price.
#[component]
pub(crate) fn Reprice(props: &RepriceProps) -> Html {
    let navigator = use_navigator();
    let RemoteHandle { state, retry } = use_remote(props.trip.clone(), search_again);
    let others = Route::Flights { search: props.trip.search.clone(), out: None, view: Default::default() };
    let found = match &state {
        Remote::Loading => return html! { <Skeleton label="Asking for the present price" count=1 /> },
        Remote::Failed(failure) => return html! { <FailureNotice failure={failure.clone()} {retry} /> },
        Remote::Ready(found) => found,
    };
    let Some(price) = together(found.iter().map(|offer| &offer.price)).filter(|_| !found.is_empty()) else {
        return html! {
            <Notice kind={NoticeKind::Error} announce={true} heading={props.reason.clone()}>
                <p>{ "This flight is no longer on sale at this fare. Nothing was booked." }</p>
                <p><Link to={others} class="button">{ "See other flights" }</Link></p>
            </Notice>
        };
    };
    let total = format::money_minor(price.amount_minor, price.currency.as_str());
    let was = together(props.trip.offers.iter().map(|offer| &offer.price));
    let is_still = was.is_some_and(|was| was.amount_minor == price.amount_minor);
    let go_on = {
        let (search, found) = (props.trip.search.clone(), found.clone());
        Callback::from(move |_: MouseEvent| {
            let trip = ChosenTrip { search: search.clone(), offers: (*found).clone() };
            trip.keep();
            navigator.replace(Route::Check {
                offers: trip.offers.into_iter().map(|offer| offer.offer_id).collect(),
            });
        })
    };
    html! {
        <Notice kind={NoticeKind::Pending} announce={true} heading={props.reason.clone()}>
            <p>
                { if is_still { "The same flight is still " } else { "The same flight is now " } }
                <b><bdi>{ total.clone() }</bdi></b>{ ". Nothing was booked." }
            </p>
            <p class="actions">
                <Button onclick={go_on}><span>{ "Continue with " }<bdi>{ total }</bdi></span></Button>
                <Link to={others} class="button button--secondary">{ "See other flights" }</Link>
            </p>
        </Notice>
    }
}

/// The present offers of the same itineraries and fare families; empty if any is gone.
async fn search_again(api: Api, trip: Rc<ChosenTrip>) -> Result<Vec<Offer>, ApiFailure> {
    let mut found = Vec::new();
    for old in &trip.offers {
        let (Some(first), Some(last)) = (old.segments.first(), old.segments.last()) else {
            return Ok(Vec::new());
        };
        let query = FlightQuery {
            from: first.from,
            to: last.to,
            date: first.departure.local.date(),
            party: trip.search.party,
            cabin: old.cabin,
        };
        let same = |new: &Offer| new.itinerary_id == old.itinerary_id && new.fare_family == old.fare_family;
        match api.flights(&query).await?.offers.into_iter().find(same) {
            Some(offer) => found.push(offer),
            None => return Ok(Vec::new()),
        }
    }
    Ok(found)
}
