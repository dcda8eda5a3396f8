//! A flight card. The visual part is hidden from screen readers, which get one sentence.

use api_types::{Offer, Segment};
use yew::prelude::*;

use super::{
    itinerary::{Itinerary, per_adult},
    sky,
};
use crate::{format, hooks::Places};

/// The callbacks of a flight card.
pub(super) struct CardActions {
    pub(super) choose: Callback<MouseEvent>,
    /// The card is hovered or focused.
    pub(super) look: Callback<()>,
}

pub(super) fn flight_card(
    itinerary: &Itinerary<'_>,
    places: &Places,
    party: u8,
    actions: CardActions,
) -> Html {
    let offer = itinerary.cheapest();
    let price = format::money(&per_adult(offer));
    let heading = format!("flight-{}", itinerary.id());
    html! {
        <li class="flight-card" key={itinerary.id()} onmouseenter={actions.look.reform(|_: MouseEvent| ())}
            onfocusin={actions.look.reform(|_: FocusEvent| ())}>
            { sky_strip(itinerary) }
            <div class="flight-card__inside">
                <h3 class="visually-hidden" id={heading.clone()}>{ sentence(itinerary, places) }</h3>
                <div class="flight-card__flight" aria-hidden="true">
                    { flight_line(itinerary) }
                    <p class="flight-card__meta">{ meta(offer) }</p>
                </div>
                <div class="flight-card__buy">
                    <p class="flight-card__price" aria-hidden="true">
                        <strong><bdi>{ &price }</bdi></strong>
                        <small>{ "per adult, all taxes in" }</small>
                        if party > 1 {
                            <small><bdi>{ format::money_minor(offer.price.amount_minor, offer.price.currency.as_str()) }</bdi>{ " for all " }{ party }</small>
                        }
                        <span class="miles-earned">{ "Earn " }{ format::miles(offer.miles) }</span>
                    </p>
                    <button type="button" class="button" aria-describedby={heading} onclick={actions.choose}>
                        { "Choose" }
                    </button>
                </div>
            </div>
        </li>
    }
}

/// Times, airports and the line between: also on the fare page.
pub(crate) fn flight_line(itinerary: &Itinerary<'_>) -> Html {
    let (first, last) = (itinerary.first(), itinerary.last());
    let days = itinerary.days_later();
    html! {
        <div class="flight-line">
            <div>
                <div class="flight-line__time">{ format::time(first.departure.local) }</div>
                <div class="flight-line__airport"><bdi>{ first.from.as_str() }</bdi></div>
            </div>
            <div class="flight-line__way">
                <bdi>{ format::duration(itinerary.cheapest().duration_minutes) }</bdi>
                { line(itinerary) }
                <span>{ stops_short(itinerary.segments()) }</span>
            </div>
            <div class="flight-line__end">
                <div class="flight-line__time">
                    { format::time(last.arrival.local) }
                    if days != 0 {
                        <sup>{ if days > 0 { format!("+{days}") } else { format!("\u{2212}{}", -days) } }</sup>
                    }
                </div>
                <div class="flight-line__airport"><bdi>{ last.to.as_str() }</bdi></div>
            </div>
        </div>
    }
}

/// The line with an open and a filled end, and a ring at the position of the stop.
fn line(itinerary: &Itinerary<'_>) -> Html {
    let total = itinerary.cheapest().duration_minutes.max(1);
    let stop = match itinerary.segments() {
        [first, _, ..] => Some(8 + (first.duration_minutes.min(total) * 84 / total)),
        _ => None,
    };
    html! {
        <svg class="flight-line__line" height="10" focusable="false" aria-hidden="true">
            <line x1="5" y1="5" x2="100%" y2="5" />
            <svg x="0" overflow="visible"><circle class="flight-line__start" cx="5" cy="5" r="4" /></svg>
            <svg x="100%" overflow="visible"><circle class="flight-line__stop-end" cx="-5" cy="5" r="5" /></svg>
            if let Some(percent) = stop {
                <circle class="flight-line__stop" cx={format!("{percent}%")} cy="5" r="4" />
            }
        </svg>
    }
}

fn sky_strip(itinerary: &Itinerary<'_>) -> Html {
    let hour = |local: api_types::LocalDateTime| local.hour();
    let lights = sky::lights(
        hour(itinerary.first().departure.local),
        hour(itinerary.last().arrival.local),
        itinerary.cheapest().duration_minutes,
    );
    let id = format!("sky-{}", itinerary.id());
    html! {
        <svg class="flight-card__sky" height="5" width="100%" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <linearGradient id={id.clone()}>
                <stop offset="0" class={lights[0]} />
                <stop offset="0.33" class={lights[1]} />
                <stop offset="0.67" class={lights[2]} />
                <stop offset="1" class={lights[3]} />
            </linearGradient>
            <rect width="100%" height="5" fill={format!("url(#{id})")} />
        </svg>
    }
}

fn layover_minutes(before: &Segment, after: &Segment) -> u32 {
    u32::try_from(before.arrival.utc.minutes_until(after.departure.utc)).unwrap_or(0)
}

/// `Nonstop`, `1 stop, SEA 2 h 05`: there is no room for the unit of what follows the hours.
fn stops_short(segments: &[Segment]) -> String {
    match segments {
        [before, after, ..] => {
            let layover = format::duration(layover_minutes(before, after));
            let short = if layover.contains(" h ") { layover.trim_end_matches(" min") } else { &layover };
            ["1 stop, ", before.to.as_str(), " ", short].concat()
        }
        _ => "Nonstop".to_owned(),
    }
}

/// `TN 231 and TN 17, Boeing 737 and 787-9. 3 seats left.`
fn meta(offer: &Offer) -> String {
    let numbers = offer
        .segments
        .iter()
        .map(|segment| [segment.flight_number.airline(), "\u{a0}", segment.flight_number.number()].concat())
        .collect::<Vec<_>>()
        .join(" and ");
    let mut aircraft: Vec<&str> = offer.segments.iter().map(|segment| segment.aircraft.as_str()).collect();
    aircraft.dedup();
    let seats = match offer.seats_left {
        few @ 1..=9 => format!(" {} left.", format::counted(u64::from(few), "seat")),
        _ => String::new(),
    };
    format!("{numbers}, {}.{seats}", aircraft.join(" and "))
}

/// The whole card in one sentence.
pub(super) fn sentence(itinerary: &Itinerary<'_>, places: &Places) -> String {
    let (first, last, offer) = (itinerary.first(), itinerary.last(), itinerary.cheapest());
    let arrives_on = match itinerary.days_later() {
        0 => String::new(),
        1 => " next day".to_owned(),
        -1 => " the day before".to_owned(),
        days => format!(" {days} days later"),
    };
    let stops = match itinerary.segments() {
        [before, after, ..] => format!(
            "1 stop in {} for {}",
            places.city(before.to),
            format::duration_spoken(layover_minutes(before, after))
        ),
        _ => "nonstop".to_owned(),
    };
    let seats = match offer.seats_left {
        few @ 1..=9 => format!(", {} left", format::counted(u64::from(few), "seat")),
        _ => String::new(),
    };
    format!(
        "Departs {} {}, arrives {} {}{arrives_on}, {}, {stops}, {} per adult, earns {}{seats}.",
        places.city_and_code(first.from),
        format::time(first.departure.local),
        places.city_and_code(last.to),
        format::time(last.arrival.local),
        format::duration_spoken(offer.duration_minutes),
        format::money(&per_adult(offer)),
        format::miles(offer.miles),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn shown(offers: &[Offer], party: u8) -> Html {
        let itineraries = Itinerary::group(offers);
        let actions = CardActions { choose: Callback::noop(), look: Callback::noop() };
        flight_card(&itineraries[0], &Places::default(), party, actions)
    }

    #[tokio::test]
    async fn a_card_says_the_same_to_eyes_and_ears() {
        let words = testing::words(shown(&[testing::offer()], 3)).await;
        for said in [
            "Departs SFO 11:05, arrives NRT 15:30 next day, 11 hours 25 minutes, nonstop, $712 per adult, earns 15,372 miles, 9 seats left.",
            "11:05 SFO 11 h 25 min Nonstop 15:30 +1 NRT",
            "TN\u{a0}7, Boeing 787-9. 9 seats left.".replace('\u{a0}', " ").as_str(),
            "$712 per adult, all taxes in $1,999 for all 3 Earn 15,372 miles Choose",
        ] {
            assert!(words.replace('\u{a0}', " ").contains(said), "{said} is not in: {words}");
        }
    }

    #[tokio::test]
    async fn a_stop_is_named_with_its_length() {
        let mut offer = testing::offer();
        let mut onward = offer.segments[0].clone();
        offer.segments[0].to = "SEA".parse().unwrap();
        offer.segments[0].arrival.utc = "2026-12-05T21:05:00Z".parse().unwrap();
        onward.from = "SEA".parse().unwrap();
        onward.departure.utc = "2026-12-05T23:10:00Z".parse().unwrap();
        offer.segments.push(onward);
        let words = testing::words(shown(&[offer], 1)).await;
        assert!(words.contains("1 stop, SEA 2 h 05 15:30"), "{words}");
        assert!(words.contains("1 stop in SEA for 2 hours 5 minutes"), "{words}");
        assert!(!words.contains("for all"), "{words}");
    }
}
