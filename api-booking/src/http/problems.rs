//! The one table from what went wrong to how it is told.

use api_types::ProblemCode;
use service_kit::http::ApiError;

use crate::book::BookError;
use crate::my_bookings::RetrieveError;
use crate::store::StoreError;

/// A refusal on its way out of a handler.
pub(super) struct Refusal(pub(super) ApiError);

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        self.0.into_response()
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(match error {
            StoreError::Busy { .. } => ApiError::busy(error),
            StoreError::Failed { .. } | StoreError::Unreadable { .. } => ApiError::internal(error),
        })
    }
}

impl From<BookError> for Refusal {
    fn from(error: BookError) -> Self {
        Self(match error {
            BookError::Refused(errors) => ApiError::fields(errors),
            BookError::SoldOut(_) => ApiError::new(
                ProblemCode::SoldOut,
                format!("{error}: too few seats are left for all of you."),
            ),
            BookError::KeyReused => ApiError::new(
                ProblemCode::IdempotencyKeyReused,
                "This Idempotency-Key belongs to another request. Use a new one for a new booking.",
            ),
            BookError::Contended => ApiError::busy(error),
            BookError::Store(cause) => return cause.into(),
        })
    }
}

impl From<RetrieveError> for Refusal {
    fn from(error: RetrieveError) -> Self {
        Self(match error {
            RetrieveError::NotFound => not_found(),
            RetrieveError::Store(cause) => return cause.into(),
        })
    }
}

/// The same words for a locator that is unknown, malformed or somebody else's.
pub(super) fn not_found() -> ApiError {
    ApiError::new(ProblemCode::BookingNotFound, "You have no booking of this record locator.")
}
