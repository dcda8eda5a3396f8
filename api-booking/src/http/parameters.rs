//! What requests carry besides their bodies.

use std::str::FromStr;

use api_types::{FieldError, IdempotencyKey, ParseError, ProblemCode};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use service_kit::http::ApiError;

/// The client's `Idempotency-Key`.
pub(super) struct Idempotency(pub(super) IdempotencyKey);

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let refuse = |code, detail: &str| ApiError::field("Idempotency-Key", code, detail);
        let Some(value) = values.next() else {
            let detail = "send one that is new for each booking, such as a UUID";
            return Err(refuse(ProblemCode::IdempotencyKeyMissing, detail));
        };
        if values.next().is_some() {
            return Err(refuse(ProblemCode::IdempotencyKeyInvalid, "send one, not several"));
        }
        let key = value.to_str().unwrap_or_default().parse::<IdempotencyKey>();
        key.map(Self).map_err(|error| refuse(ProblemCode::IdempotencyKeyInvalid, &error.to_string()))
    }
}

/// Reads query parameters and keeps what is wrong with each of them.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) errors: Vec<FieldError>,
}

impl Parameters {
    /// The value of a parameter that must be there.
    pub(super) fn required<T: FromStr<Err = ParseError>>(
        &mut self,
        name: &str,
        text: Option<&str>,
    ) -> Option<T> {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.parsed(name, text),
            None => {
                self.refuse(name, "is missing");
                None
            }
        }
    }

    /// The value of a parameter that may be left out.
    pub(super) fn or_default<T: FromStr<Err = ParseError> + Default>(
        &mut self,
        name: &str,
        text: Option<&str>,
    ) -> T {
        text.and_then(|text| self.parsed(name, text)).unwrap_or_default()
    }

    /// How many, `unless_given` where it is left out. Above 255 it makes no difference how many too many.
    pub(super) fn count(&mut self, name: &str, text: Option<&str>, unless_given: u8) -> u8 {
        let Some(text) = text else { return unless_given };
        match text.parse::<u64>() {
            Ok(count) => u8::try_from(count).unwrap_or(u8::MAX),
            Err(_) => {
                self.refuse(name, "expected a number such as 1");
                unless_given
            }
        }
    }

    fn parsed<T: FromStr<Err = ParseError>>(&mut self, name: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error: ParseError| self.refuse(name, error.expected)).ok()
    }

    fn refuse(&mut self, name: &str, detail: &str) {
        self.errors.push(FieldError::new(name, ProblemCode::InvalidRequest, detail));
    }
}

/// The answer under `etag`: `reply`, or 304 if the client has it already.
pub(super) fn conditional(
    headers: &HeaderMap,
    etag: HeaderValue,
    reply: impl FnOnce() -> Response,
) -> Response {
    let mut response =
        if has_already(headers, &etag) { StatusCode::NOT_MODIFIED.into_response() } else { reply() };
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// Whether `If-None-Match` lists `etag`, compared weakly (RFC 9110, 13.1.2).
fn has_already(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let listed = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.trim_start_matches("W/").as_bytes() == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_tag_is_known() {
        for (listed, known) in [
            ("\"1\"", true),
            ("W/\"1\"", true),
            ("\"7\", \"1\"", true),
            ("*", true),
            ("\"11\"", false),
            ("1", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, listed.parse().unwrap())]);
            assert_eq!(has_already(&headers, &HeaderValue::from_static("\"1\"")), known, "{listed}");
        }
    }
}
