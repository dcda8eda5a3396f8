//! The member's bookings: the next trip large, then the others to come, then those that are over.

use std::rc::Rc;

use api_types::{Booking, BookingStatus, MemberId, UtcInstant};
use yew::prelude::*;

use super::trip::trip_name;
use crate::{
    components::{Button, ButtonKind, FailureNotice, Skeleton, bound_lines::bound_lines},
    format,
    hooks::{More, PagesHandle, Places, use_member, use_pages, use_places, use_sign_in_after},
    route::{Route, SearchDraft},
    router::{Link, PageHeading},
    state::written,
};

const TITLE: &str = "Your trips";

#[component]
pub fn TripsPage() -> Html {
    let member = use_member();
    html! {
        <div class="stack">
            <PageHeading title={TITLE} />
            if let Some(member) = member { <Trips member_id={member.member_id.clone()} /> }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TripsProps {
    member_id: MemberId,
}

#[component]
fn Trips(props: &TripsProps) -> Html {
    let places = use_places();
    let PagesHandle { items, more, ask } = use_pages(|api, cursor| async move {
        let page = api.bookings(cursor.as_deref()).await?;
        Ok((page.items, page.next_cursor))
    });
    let failure = match &more {
        More::Failed(failure) => Some(failure),
        More::Loading | More::Waiting | More::Nothing => None,
    };
    use_sign_in_after(failure);
    let bookings = written::with_written(&props.member_id, items.to_vec());
    let groups = Groups::of(&bookings, format::now());
    html! {
        <>
            { groups_view(&groups, &places) }
            { match &more {
                More::Loading => html! { <Skeleton label="Fetching your trips" count={if items.is_empty() { 3 } else { 1 }} /> },
                More::Failed(failure) => html! { <FailureNotice failure={failure.clone()} retry={ask} /> },
                More::Waiting => html! {
                    <p><Button kind={ButtonKind::Secondary} onclick={ask.reform(|_| ())}>{ "Show more" }</Button></p>
                },
                More::Nothing if bookings.is_empty() => none_yet(),
                More::Nothing => Html::default(),
            } }
        </>
    }
}

fn none_yet() -> Html {
    html! {
        <div class="panel stack empty">
            <p>{ "No trips yet. When you book, they appear here." }</p>
            <p><Link to={Route::Search(SearchDraft::default())} class="button">{ "Search flights" }</Link></p>
        </div>
    }
}

/// Bookings by when they are flown.
#[derive(Debug, Default, PartialEq)]
struct Groups {
    next: Option<Rc<Booking>>,
    upcoming: Vec<Rc<Booking>>, // soonest first
    past: Vec<Rc<Booking>>,     // latest first; with what was cancelled
}

impl Groups {
    /// Of `bookings` at `now`. A trip is over once its last flight has landed.
    fn of(bookings: &[Rc<Booking>], now: UtcInstant) -> Self {
        let (mut upcoming, mut past): (Vec<_>, Vec<_>) = bookings.iter().cloned().partition(|booking| {
            booking.status == BookingStatus::Confirmed && lands(booking).is_some_and(|landed| now < landed)
        });
        crate::order::by_key(&mut upcoming, |booking| departs(booking));
        crate::order::by_key(&mut past, |booking| std::cmp::Reverse(departs(booking)));
        let next = (!upcoming.is_empty()).then(|| upcoming.remove(0));
        Self { next, upcoming, past }
    }
}

fn departs(booking: &Booking) -> Option<UtcInstant> {
    Some(booking.bounds.first()?.segments.first()?.departure.utc)
}

fn lands(booking: &Booking) -> Option<UtcInstant> {
    Some(booking.bounds.last()?.segments.last()?.arrival.utc)
}

fn groups_view(groups: &Groups, places: &Places) -> Html {
    html! {
        <>
            if let Some(next) = &groups.next {
                <section aria-labelledby="next-trip" class="stack trips__group">
                    <h2 id="next-trip">{ "Next trip" }</h2>
                    { card(next, places, true) }
                </section>
            }
            { group("Upcoming", "upcoming-trips", &groups.upcoming, places) }
            { group("Past", "past-trips", &groups.past, places) }
        </>
    }
}

fn group(heading: &'static str, id: &'static str, bookings: &[Rc<Booking>], places: &Places) -> Html {
    if bookings.is_empty() {
        return Html::default();
    }
    html! {
        <section aria-labelledby={id} class="stack trips__group">
            <h2 {id}>{ heading }</h2>
            <ul class="trip-cards">
                for booking in bookings {
                    <li key={booking.record_locator.as_str()}>{ card(booking, places, false) }</li>
                }
            </ul>
        </section>
    }
}

fn card(booking: &Booking, places: &Places, large: bool) -> Html {
    let to = Route::Trip { record_locator: booking.record_locator.clone(), new: false };
    let name = trip_name(booking, places);
    let count = u64::try_from(booking.passengers.len()).unwrap_or_default();
    html! {
        <article class={classes!("panel", "trip-card", large.then_some("trip-card--large"))}>
            <h3 class="trip-card__name"><Link to={to}>{ name }</Link></h3>
            for (index, bound) in booking.bounds.iter().enumerate() {
                <div key={index}>{ bound_lines(&bound.segments, places) }</div>
            }
            <p class="trip-card__foot">
                <bdi class="trip-card__locator">{ booking.record_locator.as_str() }</bdi>
                <span>{ format::counted(count, "passenger") }</span>
                if booking.status == BookingStatus::Cancelled { <span class="pill">{ "Cancelled" }</span> }
            </p>
        </article>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::booking;

    fn on(locator: &str, days: i32) -> Rc<Booking> {
        let mut booking = booking();
        booking.record_locator = locator.parse().unwrap();
        let segment = &mut booking.bounds[0].segments[0];
        segment.departure.utc = segment.departure.utc.plus_secs(i64::from(days) * 86_400);
        segment.arrival.utc = segment.arrival.utc.plus_secs(i64::from(days) * 86_400);
        Rc::new(booking)
    }

    fn locators(bookings: &[Rc<Booking>]) -> Vec<&str> {
        bookings.iter().map(|booking| booking.record_locator.as_str()).collect()
    }

    #[test]
    fn the_soonest_trip_is_the_next_and_the_last_flown_the_first_past() {
        let cancelled = Rc::new(Booking { status: BookingStatus::Cancelled, ..(*on("CCCCC2", 5)).clone() });
        let bookings = [
            on("AAAAA2", 30),
            on("AAAAA3", -40),
            on("AAAAA4", 2),
            cancelled,
            on("AAAAA5", -3),
            on("AAAAA6", 9),
        ];
        let now = "2026-12-05T12:00:00Z".parse().unwrap();
        let groups = Groups::of(&bookings, now);
        assert_eq!(groups.next.as_ref().map(|next| next.record_locator.as_str()), Some("AAAAA4"));
        assert_eq!(locators(&groups.upcoming), ["AAAAA6", "AAAAA2"]);
        assert_eq!(locators(&groups.past), ["CCCCC2", "AAAAA5", "AAAAA3"]);
    }

    #[test]
    fn a_trip_under_way_is_not_over() {
        let groups = Groups::of(&[on("AAAAA2", 0)], "2026-12-06T00:00:00Z".parse().unwrap());
        assert!(groups.next.is_some() && groups.past.is_empty());
    }
}
