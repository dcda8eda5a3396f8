//! The summary of the trip, beside the booking form.

use api_types::{Miles, Offer};
use yew::prelude::*;

use super::{
    bound_lines::{bound_lines, fare_name},
    price_table::{price_table, together},
};
use crate::{format, hooks::Places};

/// The flights, the price and the miles of `offers`.
pub fn trip_summary(offers: &[Offer], places: &Places) -> Html {
    let miles: Miles = offers.iter().map(|offer| offer.miles).sum();
    html! {
        <aside class="panel trip-summary" aria-labelledby="trip-summary-heading">
            <h2 id="trip-summary-heading">{ "Your trip" }</h2>
            for offer in offers {
                <div key={offer.offer_id.as_str()} class="trip-summary__bound">
                    { bound_lines(&offer.segments, places) }
                    <p class="bound-lines__quiet">{ fare_name(offer.cabin, offer.fare_family) }</p>
                </div>
            }
            if let Some(price) = together(offers.iter().map(|offer| &offer.price)) {
                { price_table(&price) }
            }
            <p><span class="pill pill--pending">{ "Earn " }{ format::miles(miles) }</span></p>
        </aside>
    }
}
