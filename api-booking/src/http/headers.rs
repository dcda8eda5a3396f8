//! The headers that requests carry: idempotency keys and entity tags.

use api_types::{IdempotencyKey, ProblemCode};
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

/// The reply with `etag`, or 304 if the client has it already.
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
    fn any_listed_tag_matches() {
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
