use api_types::{Cabin, FareStrip, Iata, LocalDate, Offers, UtcInstant};
use axum::extract::State;
use service_kit::http::{ApiError, Json, Parameters};
use service_kit::metrics;

use crate::App;
use crate::domain::search::{SearchQuery, SearchRequest};
use crate::metrics::SEARCHES;
use crate::{search_fares as fares, search_flights as flights};

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
    parameters: Parameters,
) -> Result<Json<Offers>, ApiError> {
    let now = app.clock().now();
    let party = |parameters: &mut Parameters| {
        [("adults", 1), ("children", 0), ("infants", 0)]
            .map(|(name, default)| parameters.count(name, default))
    };
    let query = read(parameters, party, now)?;
    let found = flights::search_flights(&app, &query, now).await?;
    metrics::count(SEARCHES);
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
    parameters: Parameters,
) -> Result<Json<FareStrip>, ApiError> {
    let now = app.clock().now();
    let query = read(parameters, |_| [1, 0, 0], now)?;
    Ok(Json(fares::search_fares(&app, &query, now).await?))
}

/// The search for the adults, children and infants of `party`, or everything that is wrong with it.
fn read(
    mut parameters: Parameters,
    party: impl Fn(&mut Parameters) -> [u8; 3],
    now: UtcInstant,
) -> Result<SearchQuery, ApiError> {
    let (from, to, date) =
        (parameters.required("from"), parameters.required("to"), parameters.required("date"));
    let [adults, children, infants] = party(&mut parameters);
    let cabin: Cabin = parameters.optional("cabin").unwrap_or_default();
    // Without all three their errors say enough.
    let (Some(from), Some(to), Some(date)) = (from, to, date) else {
        return parameters.finish_with(Err(Vec::new()));
    };
    let request = SearchRequest { from, to, date, adults, children, infants, cabin };
    parameters.finish_with(SearchQuery::validate(&request, now))
}
