use api_types::{Cabin, FareStrip, FieldError, Iata, LocalDate, Offers, UtcInstant};
use axum::extract::State;
use serde::Deserialize;
use service_kit::http::{ApiError, Json, Query};
use service_kit::station;

use super::parameters::Parameters;
use super::problems::Refusal;
use crate::App;
use crate::domain::search::{SearchQuery, SearchRequest};
use crate::metrics::SEARCHES;
use crate::{fare_strip, search};

/// What may stand after the `?`. Texts, as all that is wrong is told at once and not the first of it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchParameters {
    from: Option<String>,
    to: Option<String>,
    date: Option<String>,
    adults: Option<String>,
    children: Option<String>,
    infants: Option<String>,
    cabin: Option<String>,
}

/// Priced itineraries of one or two segments for one bound; a return trip searches twice.
#[utoipa::path(get, path = "/flights", tag = "search",
    params(
        ("from" = Iata, Query, description = "An airport or a metro code"),
        ("to" = Iata, Query, description = "An airport or a metro code"),
        ("date" = LocalDate, Query, description = "The local day of departure, today to 330 days ahead"),
        ("adults" = Option<u8>, Query, description = "12 years or older; 1 if left out", minimum = 1, maximum = 9),
        ("children" = Option<u8>, Query, description = "2 to 11 years", minimum = 0, maximum = 8),
        ("infants" = Option<u8>, Query, description = "Under 2 years, each on an adult's lap", minimum = 0, maximum = 4),
        ("cabin" = Option<Cabin>, Query, description = "economy if left out"),
    ),
    responses((status = 200, body = Offers)))]
pub(super) async fn search_flights(
    State(app): State<App>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<Offers>, Refusal> {
    let now = app.clock().now();
    let query = parameters.check(now).map_err(ApiError::fields)?;
    let found = search::search(&app, &query, now).await?;
    station::count(SEARCHES);
    station::note("offers", found.offers.len());
    Ok(Json(found))
}

/// The lowest price on each of the seven days around a date.
#[utoipa::path(get, path = "/fares", tag = "search",
    params(
        ("from" = Iata, Query, description = "An airport or a metro code"),
        ("to" = Iata, Query, description = "An airport or a metro code"),
        ("date" = LocalDate, Query, description = "The day in the middle"),
        ("cabin" = Option<Cabin>, Query, description = "economy if left out"),
    ),
    responses((status = 200, body = FareStrip)))]
pub(super) async fn search_fares(
    State(app): State<App>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<FareStrip>, Refusal> {
    let now = app.clock().now();
    // A price for one adult, whatever party the search names.
    let for_one = SearchParameters { adults: None, children: None, infants: None, ..parameters };
    let query = for_one.check(now).map_err(ApiError::fields)?;
    Ok(Json(fare_strip::fare_strip(&app, &query, now).await?))
}

impl SearchParameters {
    /// The search that is meant, or everything that is wrong with it.
    fn check(&self, now: UtcInstant) -> Result<SearchQuery, Vec<FieldError>> {
        let mut read = Parameters::default();
        let from = read.required("from", self.from.as_deref());
        let to = read.required("to", self.to.as_deref());
        let date = read.required("date", self.date.as_deref());
        let adults = read.count("adults", self.adults.as_deref(), 1);
        let children = read.count("children", self.children.as_deref(), 0);
        let infants = read.count("infants", self.infants.as_deref(), 0);
        let cabin = read.or_default("cabin", self.cabin.as_deref());
        let mut errors = read.errors;
        if let (Some(from), Some(to), Some(date)) = (from, to, date) {
            let request = SearchRequest { from, to, date, adults, children, infants, cabin };
            match SearchQuery::validate(&request, now) {
                Ok(query) if errors.is_empty() => return Ok(query),
                Ok(_) => {}
                Err(found) => errors.extend(found),
            }
        }
        Err(errors)
    }
}
