//! Searching one bound: offers between two places on a day.

use api_types::{FareClass, FareFamily, Offer, Offers, UtcInstant};
use tracing::{Span, instrument};

use crate::App;
use crate::availability::SeatsLeft;
use crate::domain::signing::{OfferTerms, PRICE_HOLDS_SECS};
use crate::domain::{Itinerary, Quote, Schedule, SearchQuery};
use crate::store::StoreError;

/// The offers that `query` finds: for each itinerary with enough seats, one per fare family.
///
/// # Errors
/// When availability can't be read: nothing is offered on a guess.
#[instrument(skip_all, fields(offers))]
pub async fn search_flights(app: &App, query: &SearchQuery, now: UtcInstant) -> Result<Offers, StoreError> {
    let itineraries = Schedule::current().itineraries(query.from, query.to, query.date, now);
    let seats_left = SeatsLeft::count(app.store(), &itineraries, query.cabin).await?;
    let offers = itineraries.iter().flat_map(|itinerary| {
        let left = seats_left.on(itinerary, query.cabin);
        let enough = left > 0 && left >= u32::from(query.party.seats());
        let families = if enough { &FareFamily::ALL[..] } else { &[] };
        families.iter().filter_map(move |family| offer(app, query, itinerary, *family, left, now))
    });
    let offers: Vec<_> = offers.collect();
    Span::current().record("offers", offers.len());
    Ok(Offers { offers })
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
    let quote = Quote::of(itinerary, query.cabin, fare_family, &query.party, priced_at)?;
    let terms = OfferTerms {
        itinerary_id: itinerary.id(),
        cabin: query.cabin,
        fare_family,
        party: query.party,
        quote: quote.digest(),
        expires_at,
    };
    Some(Offer {
        offer_id: app.signer().sign(&terms),
        itinerary_id: terms.itinerary_id,
        segments: quote.segments,
        duration_minutes: quote.duration_minutes,
        cabin: query.cabin,
        fare_family,
        fare_class: FareClass::of(query.cabin, fare_family),
        conditions: quote.conditions,
        price: quote.price,
        seats_left,
        miles: quote.miles,
        expires_at,
    })
}
