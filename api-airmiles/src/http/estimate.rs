use api_types::Estimate;
use service_kit::http::{ApiError, Json, Parameters};

use crate::estimate::{EstimateQuestion, estimate};

/// The miles of one adult's seat on a flight. Public: it tells nothing about anybody.
pub(super) async fn estimate_miles(mut parameters: Parameters) -> Result<Json<Estimate>, ApiError> {
    let question = EstimateQuestion {
        from: parameters.required("from"),
        to: parameters.required("to"),
        cabin: parameters.required("cabin"),
        fare_class: parameters.required("fare_class"),
        tier: parameters.optional("tier").unwrap_or_default(),
    };
    parameters.finish_with(estimate(&question)).map(Json)
}
