//! Order and filters, each with the lowest price of its flights.

use api_types::Money;
use yew::prelude::*;

use super::itinerary::{self, Itinerary, lowest, passes};
use crate::{
    components::{Button, ButtonKind},
    format,
    route::{DayPart, Filters, ResultsView, Sort},
};

/// Best, Cheapest, Fastest, each with the price of the flight it puts first.
pub(super) fn sort_control(
    shown: &[Itinerary<'_>],
    view: &ResultsView,
    look: &Callback<ResultsView>,
) -> Html {
    html! {
        <div class="sort" role="group" aria-label="Sort by">
            for sort in Sort::ALL {
                { sort_button(sort, shown, view, look) }
            }
        </div>
    }
}

fn sort_button(
    sort: Sort,
    shown: &[Itinerary<'_>],
    view: &ResultsView,
    look: &Callback<ResultsView>,
) -> Html {
    let mut sorted = shown.to_vec();
    itinerary::sort(&mut sorted, sort);
    let first = sorted.first().map(|each| format::money(&itinerary::per_adult(each.cheapest())));
    let filters = view.filters.clone();
    let onclick = look.reform(move |_: MouseEvent| ResultsView { sort, filters: filters.clone() });
    let name = match sort {
        Sort::Best => "Best",
        Sort::Cheapest => "Cheapest",
        Sort::Fastest => "Fastest",
    };
    html! {
        <button key={sort.as_str()} type="button" aria-pressed={if view.sort == sort { "true" } else { "false" }} {onclick}>
            { name }
            if let Some(price) = first {
                { " " }<small><bdi>{ price }</bdi></small>
            }
        </button>
    }
}

/// Stops and departure times that occur, and the way to clear them all.
pub(super) fn filter_panel(all: &[Itinerary<'_>], filters: &Filters, filter: &Callback<Filters>) -> Html {
    // A group's prices apply the other group's filters only: the prices after ticking this box.
    let by_time = Filters { stops: Vec::new(), times: filters.times.clone() };
    let by_stops = Filters { stops: filters.stops.clone(), times: Vec::new() };
    let departs = |each: &Itinerary<'_>| DayPart::of_hour(each.first().departure.local.hour());
    let stops = [(0, "Nonstop"), (1, "1 stop")]
        .into_iter()
        .filter(|(stops, _)| all.iter().any(|each| each.stops() == *stops));
    let times = DayPart::ALL.into_iter().filter(|part| all.iter().any(|each| departs(each) == *part));
    html! {
        <div class="filters">
            <fieldset>
                <legend>{ "Stops" }</legend>
                for (stops, name) in stops {
                    { tick(name, filters.stops.contains(&stops),
                        lowest(all, |each| each.stops() == stops && passes(each, &by_time)), filter, filters.toggle_stops(stops)) }
                }
            </fieldset>
            <fieldset>
                <legend>{ "Departure time" }</legend>
                for part in times {
                    { tick(part_name(part), filters.times.contains(&part),
                        lowest(all, |each| departs(each) == part && passes(each, &by_stops)), filter, filters.toggle_time(part)) }
                }
            </fieldset>
            if filters.count() > 0 {
                <Button kind={ButtonKind::Quiet} onclick={filter.reform(|_: MouseEvent| Filters::default())}>{ "Clear filters" }</Button>
            }
        </div>
    }
}

fn tick(
    name: &'static str,
    checked: bool,
    price: Option<Money>,
    filter: &Callback<Filters>,
    toggled: Filters,
) -> Html {
    let onchange = filter.reform(move |_: Event| toggled.clone());
    html! {
        <label class="filters__option" key={name}>
            <input type="checkbox" {checked} {onchange} />
            { name }
            <span class="filters__price"><bdi>{ price.map_or_else(|| "none".to_owned(), |money| format::money(&money)) }</bdi></span>
        </label>
    }
}

fn part_name(part: DayPart) -> &'static str {
    match part {
        DayPart::Night => "Night 00\u{2013}05",
        DayPart::Morning => "Morning 05\u{2013}12",
        DayPart::Afternoon => "Afternoon 12\u{2013}18",
        DayPart::Evening => "Evening 18\u{2013}24",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::itinerary::tests::offers, *};
    use crate::testing;

    #[tokio::test]
    async fn each_option_shows_the_lowest_price_it_would_leave() {
        let offers = offers();
        let all = Itinerary::group(&offers);
        let filters = Filters { stops: vec![0], times: Vec::new() };
        let words = testing::words(filter_panel(&all, &filters, &Callback::noop())).await;
        assert_eq!(
            words,
            "Stops Nonstop $712 1 stop $604 Departure time Night 00–05 $900 Morning 05–12 $712 Evening 18–24 $745 Clear filters"
        );
    }

    #[tokio::test]
    async fn each_order_shows_the_price_it_puts_first() {
        let offers = offers();
        let all = Itinerary::group(&offers);
        let words = testing::words(sort_control(&all, &ResultsView::default(), &Callback::noop())).await;
        assert_eq!(words, "Best $712 Cheapest $604 Fastest $900");
    }
}
