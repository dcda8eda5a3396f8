//! The one table from errors to refusals.

use api_types::ProblemCode;
use service_kit::http::ApiError;

use crate::create_booking::CreateBookingError;
use crate::domain::Refusal;

impl From<CreateBookingError> for ApiError {
    fn from(error: CreateBookingError) -> Self {
        match error {
            CreateBookingError::Refused(Refusal::Fields(errors)) => Self::fields(errors),
            CreateBookingError::Refused(sold_out @ Refusal::SoldOut { .. }) => {
                Self::new(ProblemCode::SoldOut, format!("{sold_out}: too few seats are left for all of you."))
            }
            CreateBookingError::KeyReused => Self::new(
                ProblemCode::IdempotencyKeyReused,
                "This Idempotency-Key belongs to another request. Use a new one for a new booking.",
            ),
            CreateBookingError::Contended => Self::busy(error),
            CreateBookingError::Store(cause) => cause.into(),
        }
    }
}

/// The same text for a locator that is unknown, malformed or another member's.
pub(super) fn not_found() -> ApiError {
    ApiError::new(ProblemCode::BookingNotFound, "You have no booking of this record locator.")
}
