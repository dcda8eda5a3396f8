use api_types::Estimate;
use serde::Deserialize;
use service_kit::http::{ApiError, Json, Query};

use super::error::RequestError;
use crate::estimate::{EstimateQuestion, estimate};

#[derive(Debug, Deserialize)]
pub(super) struct EstimateQuery {
    from: Option<String>,
    to: Option<String>,
    cabin: Option<String>,
    fare_class: Option<String>,
    tier: Option<String>,
}

/// What one adult's seat on a flight would earn. Public: it tells nothing about anybody.
pub(super) async fn estimate_miles(Query(query): Query<EstimateQuery>) -> Result<Json<Estimate>, ApiError> {
    let EstimateQuery { from, to, cabin, fare_class, tier } = query;
    let question = EstimateQuestion { from, to, cabin, fare_class, tier };
    Ok(Json(estimate(&question).map_err(RequestError::Fields)?))
}
