//! Passengers, price and conditions.

use api_types::Booking;
use yew::prelude::*;

use crate::{
    components::{bound_lines::fare_name, conditions::conditions, price_table::price_table},
    format,
    pages::check::passenger_lines,
};

pub(super) fn passengers(booking: &Booking) -> Html {
    html! {
        <section class="panel stack" aria-labelledby="passengers-heading">
            <h2 id="passengers-heading">{ "Passengers" }</h2>
            <ul class="passengers">
                for (index, passenger) in booking.passengers.iter().enumerate() {
                    <li key={index}>{ passenger_lines(passenger) }</li>
                }
            </ul>
        </section>
    }
}

/// The price, and what each fare allows.
pub(super) fn price(booking: &Booking) -> Html {
    html! {
        <section class="panel stack" aria-labelledby="price-heading">
            <h2 id="price-heading">{ "Price" }</h2>
            { price_table(&booking.price) }
            for (index, bound) in booking.bounds.iter().enumerate() {
                <div key={index}>
                    <h3>{ fare_name(bound.cabin, bound.fare_family) }</h3>
                    { conditions(&bound.conditions) }
                </div>
            }
            <p class="quiet">{ "Booked " }{ format::instant(booking.created_at) }{ "." }</p>
        </section>
    }
}
