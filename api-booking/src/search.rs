//! Searching one bound: what can be booked between two places on a day.

use api_types::{FareClass, FareFamily, Miles, Offer, Offers, PassengerType, Segment, UtcInstant};
use reference_data::earning;

use crate::App;
use crate::availability::SeatsLeft;
use crate::domain::signing::{OfferTerms, PRICE_HOLDS_SECS};
use crate::domain::{Itinerary, Party, Schedule, SearchQuery, fares};
use crate::store::StoreError;

/// The offers that `query` finds: for each itinerary with enough seats, one per fare family.
///
/// # Errors
/// When availability can't be read: nothing is offered on a guess.
pub async fn search(app: &App, query: &SearchQuery, now: UtcInstant) -> Result<Offers, StoreError> {
    let itineraries = Schedule::current().itineraries(query.from, query.to, query.date, now);
    let seats_left = SeatsLeft::count(app.store(), &itineraries, query.cabin).await?;
    let offers = itineraries.iter().flat_map(|itinerary| {
        let left = seats_left.on(itinerary, query.cabin);
        let enough = left > 0 && left >= u32::from(query.party.seats());
        let families = if enough { &FareFamily::ALL[..] } else { &[] };
        families.iter().filter_map(move |family| offer(app, query, itinerary, *family, left, now))
    });
    Ok(Offers { offers: offers.collect() })
}

fn offer(
    app: &App,
    query: &SearchQuery,
    itinerary: &Itinerary,
    fare_family: FareFamily,
    seats_left: u32,
    now: UtcInstant,
) -> Option<Offer> {
    // Whole seconds, as the offer id holds them: booking prices it again as of the same instant.
    let expires_at = UtcInstant::from_epoch_secs(now.epoch_secs()).plus_secs(PRICE_HOLDS_SECS);
    let priced_at = expires_at.plus_secs(-PRICE_HOLDS_SECS);
    let price = fares::price(itinerary, query.cabin, fare_family, &query.party, priced_at)?;
    let fare_class = FareClass::of(query.cabin, fare_family);
    let segments = itinerary.segments();
    let miles = miles_of(&segments, fare_class, &query.party);
    let terms = OfferTerms {
        itinerary_id: itinerary.id(),
        cabin: query.cabin,
        fare_family,
        party: query.party,
        amount_minor: price.amount_minor,
        miles,
        fares_version: fares::FARES_VERSION.to_owned(),
        expires_at,
    };
    Some(Offer {
        offer_id: app.signer().sign(&terms),
        itinerary_id: terms.itinerary_id,
        segments,
        duration_minutes: itinerary.duration_minutes(),
        cabin: query.cabin,
        fare_family,
        fare_class,
        conditions: fares::conditions(query.cabin, fare_family),
        price,
        seats_left,
        miles,
        expires_at,
    })
}

/// What the party earns on `segments` before any tier bonus.
fn miles_of(segments: &[Segment], fare_class: FareClass, party: &Party) -> Miles {
    let chart = earning::chart();
    let base = |segment: &Segment| chart.base_miles(segment.distance_mi, fare_class).0;
    let each = |passenger_type, base: i64| base * i64::from(chart.passenger_percent(passenger_type)) / 100;
    let line = |segment| {
        let base = base(segment);
        PassengerType::ALL.map(|of| i64::from(party.count(of)) * each(of, base)).iter().sum::<i64>()
    };
    Miles(segments.iter().map(line).sum())
}
