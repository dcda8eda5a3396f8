use api_types::{FareStrip, FieldError, Offers, UtcInstant};
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

/// `GET /flights`
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

/// `GET /fares`: for one adult, whoever else is asked for.
pub(super) async fn show_fares(
    State(app): State<App>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<FareStrip>, Refusal> {
    let now = app.clock().now();
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
