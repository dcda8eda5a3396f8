//! The route of one itinerary on the map.

use api_types::{Airports, Iata, Segment};
use yew::prelude::*;

use crate::{
    globe::{MapPoint, Position, great_circle, path, tenths},
    hooks::Places,
};

/// Width to height of the map, and the room around a route, in tenths of a map unit.
const WIDTH: i32 = 14;
const HEIGHT: i32 = 5;
const MARGIN: i32 = 260;
const LEAST_WIDTH: i32 = 1_800;

/// Arcs over land, an open dot where it begins, a filled one where it ends, a ring at a stop.
pub(crate) fn route_map(segments: &[Segment], airports: &Airports, places: &Places) -> Html {
    let position = |code: Iata| {
        let airport = airports.airports.iter().find(|airport| airport.iata == code)?;
        Some(Position { latitude: airport.latitude, longitude: airport.longitude })
    };
    let mut arcs: Vec<Vec<MapPoint>> = Vec::new();
    for segment in segments {
        let (Some(from), Some(to)) = (position(segment.from), position(segment.to)) else {
            return Html::default();
        };
        let mut arc = great_circle(from, to);
        // A second arc goes on where the first one ended, also across the date line.
        if let (Some(before), Some(start)) = (arcs.last().and_then(|arc| arc.last()), arc.first().copied()) {
            let shift = before.0 - start.0;
            arc.iter_mut().for_each(|point| point.0 += shift);
        }
        arcs.push(arc);
    }
    let stops = arcs.iter().skip(1).filter_map(|arc| arc.first().copied());
    let ends = [arcs.first().and_then(|arc| arc.first()), arcs.last().and_then(|arc| arc.last())]
        .into_iter()
        .flatten()
        .copied();
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Html::default() };
    let label =
        ["Map of the route from ", places.city(first.from).as_str(), " to ", places.city(last.to).as_str()]
            .concat();
    let key = segments.iter().map(|segment| segment.flight_number.as_str()).collect::<String>();
    html! {
        <div class="route-map">
            <svg viewBox={view_box(&arcs)} role="img" aria-label={label} focusable="false">
                for shift in ["-1000", "0", "1000"] {
                    <use key={shift} class="route-map__land" href="/assets/land-2.0.2.svg#land" x={shift} />
                }
                for arc in &arcs {
                    <path key={format!("{key}{:?}", arc.first())} class="route-map__arc" pathLength="1" d={path(arc)} />
                }
                for stop in stops { { dot(stop, "route-map__stop") } }
                for end in ends { { dot(end, "route-map__end") } }
            </svg>
        </div>
    }
}

/// A dot of the same size at every zoom: a stroke of no length with round ends.
fn dot((x, y): MapPoint, class: &'static str) -> Html {
    html! { <path {class} d={["M", &tenths(x), " ", &tenths(y), "h0"].concat()} /> }
}

/// The part of the map that holds all arcs with room around them, in the map's proportions.
fn view_box(arcs: &[Vec<MapPoint>]) -> String {
    let points = || arcs.iter().flatten();
    let range = |of: fn(&MapPoint) -> i32| {
        (points().map(of).min().unwrap_or(0) - MARGIN, points().map(of).max().unwrap_or(0) + MARGIN)
    };
    let ((left, right), (top, bottom)) = (range(|point| point.0), range(|point| point.1));
    let width = (right - left).max((bottom - top) * WIDTH / HEIGHT).max(LEAST_WIDTH);
    let height = width * HEIGHT / WIDTH;
    let (x, y) = ((left + right - width) / 2, (top + bottom - height) / 2);
    [tenths(x), tenths(y), tenths(width), tenths(height)].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_holds_the_route_in_the_maps_proportions() {
        assert_eq!(view_box(&[vec![(1_000, 1_000), (4_000, 1_200)]]), "74.0 47.1 352.0 125.7");
        assert_eq!(view_box(&[vec![(1_000, 1_000), (1_010, 1_000)]]), "10.5 67.9 180.0 64.2");
    }
}
