//! Why a request to book is refused.

use api_types::{FieldError, FlightNumber, LocalDate, ProblemCode};
use serde::{Deserialize, Serialize};

/// Why a request to book is refused for certain. It is stored in JSON where the same request must get it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Fields of the request are wrong: at least one.
    #[error("{} of the request's fields are wrong", .0.len())]
    Fields(Vec<FieldError>),
    /// Too few seats are left on a flight.
    #[error("{flight_number} on {departure_date} is sold out")]
    SoldOut {
        /// The flight.
        flight_number: FlightNumber,
        /// Its local date of departure.
        departure_date: LocalDate,
    },
}

impl Refusal {
    /// Whether the same request could have been accepted a moment earlier, or could be a moment later: an offer ended,
    /// a release changed it, or others bought the seats. Such a refusal is recorded under the request's key, so that
    /// every attempt under that key ends the same way.
    #[must_use]
    pub fn depends_on_time_or_stock(&self) -> bool {
        match self {
            Self::Fields(errors) => errors
                .iter()
                .any(|error| matches!(error.code, ProblemCode::OfferExpired | ProblemCode::OfferChanged)),
            Self::SoldOut { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_changed_and_sold_out_depend_on_the_moment() {
        let fields = |codes: &[ProblemCode]| {
            Refusal::Fields(codes.iter().map(|code| FieldError::new("offer_ids[0]", *code, "no")).collect())
        };
        let sold_out = Refusal::SoldOut {
            flight_number: "TN7".parse().unwrap(),
            departure_date: "2026-12-05".parse().unwrap(),
        };
        for (refusal, depends) in [
            (sold_out, true),
            (fields(&[ProblemCode::OfferExpired]), true),
            (fields(&[ProblemCode::OfferChanged]), true),
            (fields(&[ProblemCode::OfferInvalid, ProblemCode::OfferExpired]), true),
            (fields(&[ProblemCode::OfferInvalid]), false),
            (fields(&[ProblemCode::BirthDateMismatch]), false),
        ] {
            assert_eq!(refusal.depends_on_time_or_stock(), depends, "{refusal:?}");
            let stored = serde_json::to_string(&refusal).unwrap();
            assert_eq!(serde_json::from_str::<Refusal>(&stored).unwrap(), refusal, "{stored}");
        }
    }
}
