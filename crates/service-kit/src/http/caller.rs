use api_types::{MemberId, ProblemCode};
use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request::Parts};

use super::ApiError;

/// The member who calls, as the gateway established it.
///
/// The gateway (API Gateway's authorizer in AWS, `local`'s on a laptop) checks the token and puts this into the
/// request's extensions; a handler that takes it is thereby closed to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who it is.
    pub member_id: MemberId,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            ApiError::new(ProblemCode::Unauthenticated, "Send a valid access token as Authorization: Bearer.")
                .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        })
    }
}
