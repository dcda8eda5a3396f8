//! The flights of one bound as a timeline.

use api_types::{FlightTime, Iata, LocalDate, Segment};
use yew::prelude::*;

use crate::{format, hooks::Places};

/// The timeline of `segments`: local times, days later, layovers. The names of airports are in `places`.
pub fn itinerary(segments: &[Segment], places: &Places) -> Html {
    let Some(first_day) = segments.first().map(|segment| segment.departure.local.date()) else {
        return Html::default();
    };
    let mut items = Vec::with_capacity(segments.len() * 2);
    let mut landed: Option<&Segment> = None;
    for segment in segments {
        if let Some(before) = landed {
            items.push(layover(before, segment, places));
        }
        items.push(flight(segment, first_day, places));
        landed = Some(segment);
    }
    html! { <ol class="itinerary">{ items }</ol> }
}

fn flight(segment: &Segment, first_day: LocalDate, places: &Places) -> Html {
    html! {
        <li class="itinerary__flight" key={segment.flight_number.as_str()}>
            { stop(&segment.departure, segment.from, first_day, places) }
            <p class="itinerary__leg">
                { spaced(segment) }{ ", " }{ &segment.aircraft }<br />
                <bdi>{ format::duration(segment.duration_minutes) }</bdi>
                { ", " }{ format::number(i64::from(segment.distance_mi)) }{ " mi" }
            </p>
            { stop(&segment.arrival, segment.to, first_day, places) }
        </li>
    }
}

fn stop(at: &FlightTime, airport: Iata, first_day: LocalDate, places: &Places) -> Html {
    let date = at.local.date();
    html! {
        <div class="itinerary__stop">
            <time class="itinerary__time" datetime={at.utc.to_string()}>
                { format::time(at.local) }{ day_shift(first_day.days_until(date)) }
            </time>
            <div>
                <p class="itinerary__place">{ places.city(airport) }{ " " }<bdi>{ airport.as_str() }</bdi></p>
                <p class="itinerary__day">{ format::date_short(date) }{ ", " }{ zone_city(at.zone.as_str()) }{ " time" }</p>
            </div>
        </div>
    }
}

/// `+1`, and the same in words for screen readers.
fn day_shift(days: i32) -> Html {
    match days {
        0 => Html::default(),
        1 => {
            html! { <><sup class="itinerary__shift" aria-hidden="true">{ "+1" }</sup><span class="visually-hidden">{ " the next day" }</span></> }
        }
        -1 => {
            html! { <><sup class="itinerary__shift" aria-hidden="true">{ "\u{2212}1" }</sup><span class="visually-hidden">{ " the day before" }</span></> }
        }
        _ => {
            html! { <><sup class="itinerary__shift" aria-hidden="true">{ "+" }{ days }</sup><span class="visually-hidden">{ " " }{ days }{ " days later" }</span></> }
        }
    }
}

fn layover(before: &Segment, after: &Segment, places: &Places) -> Html {
    let minutes = before.arrival.utc.minutes_until(after.departure.utc);
    html! {
        <li class="itinerary__layover" key={["layover", before.to.as_str()].concat()}>
            { "Layover in " }{ places.city(before.to) }{ ", " }
            <bdi>{ format::duration(u32::try_from(minutes).unwrap_or(0)) }</bdi>
        </li>
    }
}

/// `TN 7`, as a boarding pass writes it.
fn spaced(segment: &Segment) -> String {
    [segment.flight_number.airline(), "\u{a0}", segment.flight_number.number()].concat()
}

/// `America/Los_Angeles` is Los Angeles time: the zones are named after the cities whose clocks they follow.
fn zone_city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}
