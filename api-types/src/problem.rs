//! Refusals: every 4xx and 5xx body is a [`Problem`].

use serde::{Deserialize, Serialize};

/// Why a request was refused, for programs. A code, once published, keeps its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemCode {
    /// One or more fields are missing or wrong: `errors` says which.
    InvalidRequest,
    /// The body is not JSON, or not of the asked-for shape.
    InvalidBody,
    /// The body is over 64 KiB.
    BodyTooLarge,
    /// The body's `Content-Type` is not `application/json`.
    UnsupportedMediaType,
    /// No valid access token came with the request.
    Unauthenticated,
    /// There is nothing under this path.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// Tern serves no airport or city of this code.
    UnknownAirport,
    /// Origin and destination are the same, or of the same city.
    SameOriginAndDestination,
    /// The date is over.
    DateInPast,
    /// The date is beyond the 330 days on sale.
    DateTooFar,
    /// More than nine passengers, or none.
    PartySize,
    /// More infants than adults who may hold one, or no adult.
    InfantWithoutAdult,
    /// The offer id was not made by this service.
    OfferInvalid,
    /// The offer's price has ended.
    OfferExpired,
    /// The flight or its price is no longer as offered.
    OfferChanged,
    /// The passengers are not those the offer was made for.
    OfferPartyMismatch,
    /// The offers don't make one trip.
    OffersDontMatch,
    /// A birth date contradicts the passenger's type.
    BirthDateMismatch,
    /// `Idempotency-Key` is missing.
    IdempotencyKeyMissing,
    /// `Idempotency-Key` is malformed or too long.
    IdempotencyKeyInvalid,
    /// `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// Not enough seats are left.
    SoldOut,
    /// The cursor is not one that this service gave.
    InvalidCursor,
    /// The caller has no booking of this record locator.
    BookingNotFound,
    /// No miles are known for this record locator (yet).
    MilesNotFound,
    /// Too much at once; try again shortly.
    Busy,
    /// Something went wrong here.
    Internal,
}

/// The body of every refusal: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI for the kind of problem: `urn:tern:problem:<code>`.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The kind of problem, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, for programs.
    pub code: ProblemCode,
    /// What is wrong this time, safe to show.
    pub detail: String,
    /// Which fields, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What to quote to support: the request's id in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where: `passengers[1].birth_date`, or the name of a query parameter.
    pub field: String,
    /// Why, for programs.
    pub code: ProblemCode,
    /// Why, safe to show.
    pub detail: String,
}

impl ProblemCode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.table().0
    }

    /// The HTTP status with which this refusal is sent.
    #[must_use]
    pub fn status(self) -> u16 {
        self.table().1
    }

    /// The kind of problem in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.table().2
    }

    /// Word, status and title of each code.
    #[rustfmt::skip] // a table reads best as one
    fn table(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid_request", 400, "The request is not valid"),
            Self::InvalidBody => ("invalid_body", 400, "The body can't be read"),
            Self::BodyTooLarge => ("body_too_large", 413, "The body is too large"),
            Self::UnsupportedMediaType => ("unsupported_media_type", 415, "The body must be JSON"),
            Self::Unauthenticated => ("unauthenticated", 401, "Sign in first"),
            Self::NotFound => ("not_found", 404, "There is nothing here"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "This method is not allowed here"),
            Self::UnknownAirport => ("unknown_airport", 400, "Tern doesn't fly there"),
            Self::SameOriginAndDestination => ("same_origin_and_destination", 400, "Origin and destination are the same"),
            Self::DateInPast => ("date_in_past", 400, "The date is over"),
            Self::DateTooFar => ("date_too_far", 400, "The date is not on sale yet"),
            Self::PartySize => ("party_size", 400, "One to nine people can book together"),
            Self::InfantWithoutAdult => ("infant_without_adult", 400, "Each infant needs an adult's lap"),
            Self::OfferInvalid => ("offer_invalid", 400, "This is not one of our offers"),
            Self::OfferExpired => ("offer_expired", 409, "This price has ended"),
            Self::OfferChanged => ("offer_changed", 409, "This offer has changed"),
            Self::OfferPartyMismatch => ("offer_party_mismatch", 409, "The offer was made for another party"),
            Self::OffersDontMatch => ("offers_dont_match", 400, "The offers don't make one trip"),
            Self::BirthDateMismatch => ("birth_date_mismatch", 400, "A birth date contradicts the passenger type"),
            Self::IdempotencyKeyMissing => ("idempotency_key_missing", 400, "Idempotency-Key is missing"),
            Self::IdempotencyKeyInvalid => ("idempotency_key_invalid", 400, "Idempotency-Key is not valid"),
            Self::IdempotencyKeyReused => ("idempotency_key_reused", 422, "Idempotency-Key was used for another request"),
            Self::SoldOut => ("sold_out", 409, "Not enough seats are left"),
            Self::InvalidCursor => ("invalid_cursor", 400, "The cursor is not valid"),
            Self::BookingNotFound => ("booking_not_found", 404, "There is no such booking"),
            Self::MilesNotFound => ("miles_not_found", 404, "No miles are known for this booking"),
            Self::Busy => ("busy", 503, "Too much at once"),
            Self::Internal => ("internal", 500, "Something went wrong on our side"),
        }
    }
}

impl Problem {
    /// The refusal `code`, with `detail` about this occurrence.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            problem_type: format!("urn:tern:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            request_id: None,
        }
    }

    /// The refusal of a request for `errors` (at least one): under the errors' own code where all agree,
    /// [`ProblemCode::InvalidRequest`] otherwise.
    #[must_use]
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        let first = errors.first().map(|error| error.code);
        let code = first
            .filter(|first| errors.iter().all(|error| error.code == *first))
            .unwrap_or(ProblemCode::InvalidRequest);
        let detail =
            errors.iter().map(|error| format!("{}: {}", error.field, error.detail)).collect::<Vec<_>>();
        Self { errors, ..Self::new(code, detail.join("; ")) }
    }
}

impl FieldError {
    /// What is wrong with `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_code_is_what_serde_writes() {
        for code in
            [ProblemCode::InvalidRequest, ProblemCode::SameOriginAndDestination, ProblemCode::OffersDontMatch]
        {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn errors_that_agree_lend_their_code() {
        let unknown = |field: &str| FieldError::new(field, ProblemCode::UnknownAirport, "no airport XQZ");
        assert_eq!(
            Problem::of_fields(vec![unknown("from"), unknown("to")]).code,
            ProblemCode::UnknownAirport
        );
        let mixed = vec![unknown("from"), FieldError::new("date", ProblemCode::DateInPast, "over")];
        assert_eq!(Problem::of_fields(mixed).code, ProblemCode::InvalidRequest);
    }
}
