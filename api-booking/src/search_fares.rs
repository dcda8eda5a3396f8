//! The lowest fare on each of seven days.

use api_types::{DayFare, FareStrip, LocalDate, Money, UtcInstant};
use futures::future::try_join_all;

use crate::App;
use crate::availability::SeatsLeft;
use crate::domain::Schedule;
use crate::domain::fares;
use crate::domain::search::{SearchQuery, is_on_sale};
use crate::store::StoreError;

/// How many days are shown on each side of the requested day.
const DAYS_EACH_SIDE: i32 = 3;

/// The lowest price at which one adult can book on each of seven days, the day of `query` in the middle.
///
/// # Errors
/// When availability can't be read.
pub async fn search_fares(app: &App, query: &SearchQuery, now: UtcInstant) -> Result<FareStrip, StoreError> {
    let days = (-DAYS_EACH_SIDE..=DAYS_EACH_SIDE).filter_map(|days| query.date.plus_days(days));
    let fares = days.map(async |date| {
        Ok::<_, StoreError>(DayFare { date, lowest: lowest(app, query, date, now).await? })
    });
    Ok(FareStrip { days: try_join_all(fares).await? })
}

/// The lowest price on `date`. Availability is read for the cheapest itinerary first, which nearly always has a seat.
async fn lowest(
    app: &App,
    query: &SearchQuery,
    date: LocalDate,
    now: UtcInstant,
) -> Result<Option<Money>, StoreError> {
    if !is_on_sale(query.from, date, now) {
        return Ok(None);
    }
    let itineraries = Schedule::current().itineraries(query.from, query.to, date, now);
    let mut priced: Vec<_> = itineraries
        .iter()
        .filter_map(|itinerary| Some((fares::lowest_for_one_adult(itinerary, query.cabin, now)?, itinerary)))
        .collect();
    priced.sort_by_key(|(price, _)| price.amount_minor);
    for (price, itinerary) in priced {
        if SeatsLeft::count(app.store(), [itinerary], query.cabin).await?.on(itinerary, query.cabin) > 0 {
            return Ok(Some(price));
        }
    }
    Ok(None)
}
