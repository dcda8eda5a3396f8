//! The refusals of Airmiles, in one table. Those of the store are in `service_kit::store`.

use api_types::{ProblemCode, RecordLocator};
use service_kit::http::ApiError;

/// The caller has no booking of this locator, or Airmiles has not received it yet. Only its owner may know which.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no miles yet, or is not your booking.")]
pub(super) struct MilesNotFound(pub(super) RecordLocator);

impl From<MilesNotFound> for ApiError {
    fn from(error: MilesNotFound) -> Self {
        Self::new(ProblemCode::MilesNotFound, error.to_string())
    }
}
