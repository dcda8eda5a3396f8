use api_types::{Cabin, Estimate, FareClass, Iata, Tier};
use axum::extract::State;
use reference_data::earning;
use service_kit::http::{ApiError, Json, Parameters};

use crate::App;
use crate::estimate::{EstimateQuestion, estimate};

/// What one adult's seat on a flight would earn, by the rules that bookings are credited by.
#[utoipa::path(get, path = "/estimate", tag = "miles",
    params(
        ("from" = Iata, Query, description = "An airport"),
        ("to" = Iata, Query, description = "An airport"),
        ("cabin" = Cabin, Query, description = "The cabin"),
        ("fare_class" = FareClass, Query, description = "A class of that cabin"),
        ("tier" = Option<Tier>, Query, description = "coast if left out"),
    ),
    responses((status = 200, body = Estimate)))]
pub(super) async fn estimate_miles(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Estimate>, ApiError> {
    let question = EstimateQuestion {
        from: parameters.required("from"),
        to: parameters.required("to"),
        cabin: parameters.required("cabin"),
        fare_class: parameters.required("fare_class"),
        tier: parameters.optional("tier").unwrap_or_default(),
    };
    let chart = earning::charts().at(app.clock().now());
    parameters.finish_with(estimate(chart, &question)).map(Json)
}
