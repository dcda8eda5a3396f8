//! The lowest prices of the seven days around, each day a link.

use api_types::{DayFare, FareStrip, LocalDate};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{format, route::Route, router::Link};

/// The strip; a placeholder of the same height until the prices are known. `on` gives a day's address.
pub(super) fn day_strip(
    strip: Option<&FareStrip>,
    selected: LocalDate,
    on: impl Fn(LocalDate) -> Option<Route>,
) -> Html {
    let Some(strip) = strip else {
        return html! { <div class="day-strip day-strip--awaited" aria-hidden="true"></div> };
    };
    let lowest =
        strip.days.iter().filter_map(|day| day.lowest.as_ref()).map(|money| money.amount_minor).min();
    html! {
        <nav class="day-strip" aria-label="Days around">
            <ul>
                for day in &strip.days {
                    <li key={day.date.to_string()}>{ one_day(day, day.date == selected, lowest, on(day.date)) }</li>
                }
            </ul>
        </nav>
    }
}

fn one_day(day: &DayFare, selected: bool, lowest: Option<i64>, route: Option<Route>) -> Html {
    let is_lowest = day.lowest.as_ref().is_some_and(|money| Some(money.amount_minor) == lowest);
    let says = html! {
        <>
            <span class="day-strip__date">{ format::date_short(day.date) }</span>
            if let Some(money) = &day.lowest {
                <b><bdi>{ format::money(money) }</bdi></b>
            } else {
                <span>{ "No flights" }</span>
            }
            if is_lowest {
                <span>{ "lowest" }</span>
            }
        </>
    };
    let class = classes!("day-strip__day", is_lowest.then_some("day-strip__day--lowest"));
    match route.filter(|_| day.lowest.is_some() || selected) {
        Some(to) => {
            html! { <Link {to} {class} aria_current={selected.then(|| AttrValue::from("date"))}>{ says }</Link> }
        }
        None => html! { <span class={classes!(class, "day-strip__day--off")}>{ says }</span> },
    }
}

/// Scrolls the strip, not the page, until the selected day is in its middle.
pub(super) fn centre_selected() {
    let document = web_sys::window().and_then(|window| window.document());
    let find = |selector: &str| {
        let found = document.as_ref()?.query_selector(selector).ok().flatten()?;
        found.dyn_into::<HtmlElement>().ok()
    };
    if let (Some(strip), Some(day)) = (find(".day-strip"), find(".day-strip [aria-current]")) {
        strip.set_scroll_left(
            day.offset_left() - strip.offset_left() - (strip.client_width() - day.client_width()) / 2,
        );
    }
}

#[cfg(test)]
mod tests {
    use api_types::{Currency, Money};

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn each_day_shows_its_price_and_the_lowest_is_named() {
        let day = |date: &str, dollars: Option<i64>| DayFare {
            date: date.parse().unwrap(),
            lowest: dollars.map(|dollars| Money { amount_minor: dollars * 100, currency: Currency::usd() }),
        };
        let strip = FareStrip {
            days: vec![day("2026-12-04", Some(655)), day("2026-12-05", Some(712)), day("2026-12-06", None)],
        };
        let selected = "2026-12-05".parse().unwrap();
        let words = testing::words(day_strip(Some(&strip), selected, |_| Some(Route::Trips))).await;
        assert_eq!(words, "Fri 4 Dec $655 lowest Sat 5 Dec $712 Sun 6 Dec No flights");
    }
}
