//! One direction of a trip in two lines.

use api_types::{Cabin, FareFamily, Segment};
use yew::prelude::*;

use super::{cabin_name, family_name};
use crate::{format, hooks::Places};

/// Cities, day, times and stops of `segments` (at least one).
pub fn bound_lines(segments: &[Segment], places: &Places) -> Html {
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Html::default() };
    let days = first.departure.local.date().days_until(last.arrival.local.date());
    html! {
        <div class="bound-lines">
            <p class="bound-lines__cities">{ places.city(first.from) }{ " to " }{ places.city(last.to) }</p>
            <p>
                { format::date_short(first.departure.local.date()) }{ ", " }
                <bdi>{ format::time(first.departure.local) }</bdi>{ " " }{ first.from.as_str() }
                { " to " }<bdi>{ format::time(last.arrival.local) }</bdi>{ " " }{ last.to.as_str() }
                { days_later(days) }
            </p>
            <p class="bound-lines__quiet">{ flights(segments) }{ ", " }{ stops(segments) }</p>
        </div>
    }
}

/// `, next day` where the last arrival is on another date than the first departure.
fn days_later(days: i32) -> String {
    match days {
        0 => String::new(),
        1 => ", next\u{a0}day".to_owned(),
        -1 => ", the day before".to_owned(),
        _ => format!(", {days}\u{a0}days\u{a0}later"),
    }
}

/// `TN 231 and TN 17`.
fn flights(segments: &[Segment]) -> String {
    let numbers: Vec<String> = segments
        .iter()
        .map(|segment| [segment.flight_number.airline(), "\u{a0}", segment.flight_number.number()].concat())
        .collect();
    numbers.join(" and ")
}

/// `nonstop`, `1 stop in Seattle`.
fn stops(segments: &[Segment]) -> String {
    match segments {
        [] | [_] => "nonstop".to_owned(),
        [first, ..] => ["1 stop, ", first.to.as_str()].concat(),
    }
}

/// `Economy Classic`.
#[must_use]
pub fn fare_name(cabin: Cabin, family: FareFamily) -> String {
    [cabin_name(cabin), " ", family_name(family)].concat()
}
