//! Refusals to HTTP, in one table.

use api_types::{ProblemCode, RecordLocator};
use service_kit::http::ApiError;

use crate::store::StoreError;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// The caller has no booking of this locator, or Airmiles has not heard of it yet. Which of the two, only its
    /// owner may know.
    #[error("{0} has no miles yet, or is not your booking.")]
    MilesNotFound(RecordLocator),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::MilesNotFound(_) => Self::new(ProblemCode::MilesNotFound, error.to_string()),
            RequestError::Store(cause) => Self::internal(cause),
        }
    }
}
