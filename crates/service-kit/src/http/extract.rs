//! Extractors whose rejections are problems that name the field.

use api_types::{FieldError, ProblemCode};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::ApiError;
use crate::json::{self, JsonError};

/// A JSON body, in and out.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// The query string.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

/// The parameters in the path. What doesn't parse names nothing: a 404.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !says_json(request.headers()) {
            return Err(ApiError::new(
                ProblemCode::UnsupportedMediaType,
                "Send the body as JSON, with Content-Type: application/json.",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::new(ProblemCode::BodyTooLarge, "The body may have up to 64 KiB.")
            } else {
                ApiError::new(ProblemCode::InvalidBody, "The body broke off.")
            }
        })?;
        parse_json(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map(Self).map_err(
            |error| {
                let path = error.path().to_string();
                let (field, detail) = field_and_detail(&path, &error.inner().to_string());
                ApiError::fields(vec![FieldError::new(field, ProblemCode::InvalidRequest, detail)])
            },
        )
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::new(ProblemCode::NotFound, "Check the address.")),
        }
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    json::from_slice(body).map_err(|JsonError { path, cause }| {
        if cause.is_data() {
            let (field, detail) = field_and_detail(&path, &cause.to_string());
            ApiError::field(field, ProblemCode::InvalidRequest, detail)
        } else {
            not_json(&cause)
        }
    })
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::new(ProblemCode::InvalidBody, format!("The body is not JSON that can be read: {error}."))
}

/// Where and what, from serde's words: a missing field is named in the message, not in the path.
fn field_and_detail(path: &str, message: &str) -> (String, String) {
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    match message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(missing) if path.is_empty() => (missing.to_owned(), "is missing".to_owned()),
        // Some deserializers already put the missing field into the path.
        Some(missing) if path == missing || path.ends_with(&format!(".{missing}")) => {
            (path.to_owned(), "is missing".to_owned())
        }
        Some(missing) => (format!("{path}.{missing}"), "is missing".to_owned()),
        None if path.is_empty() => ("body".to_owned(), message.to_owned()),
        None => (path.to_owned(), message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use api_types::BookingRequest;

    use super::*;

    #[test]
    fn a_bad_field_is_named_with_its_path() {
        let passenger = r#"{"family_name":"Mori","birth_date":"1990-04-01","type":"adult"}"#;
        let body = |passengers: &str| {
            format!(
                r#"{{"offer_ids":["a"],"passengers":[{passengers}],"contact":{{"email":"k@example.com"}}}}"#
            )
        };
        for (body, code, field) in [
            (
                body(&passenger.replace("1990-04-01", "1990-02-30")),
                "invalid_request",
                "passengers[0].birth_date",
            ),
            (
                body(&passenger.replace("\"family_name\":\"Mori\",", "")),
                "invalid_request",
                "passengers[0].family_name",
            ),
            (body(&passenger.replace("adult", "pilot")), "invalid_request", "passengers[0].type"),
            (body(passenger).replace("k@example.com", "k"), "invalid_request", "contact.email"),
            (body(passenger).replace("[\"a\"]", "7"), "invalid_request", "offer_ids"),
            ("{}".to_owned(), "invalid_request", "offer_ids"),
            ("[]".to_owned(), "invalid_request", "offer_ids"),
        ] {
            let refused = parse_json::<BookingRequest>(body.as_bytes()).unwrap_err();
            let problem = refused.problem();
            assert_eq!(problem.code.as_str(), code, "{body}");
            let first = problem.errors.first().map(|error| error.field.as_str());
            assert!(first == Some(field) || first == Some("body"), "{body}: {problem:?}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_as_such() {
        let deep = "[".repeat(10_000);
        for body in ["", "{", "nonsense", "{} {}", "\u{0}", &deep] {
            let refused = parse_json::<serde_json::Value>(body.as_bytes()).unwrap_err();
            assert_eq!(refused.problem().code, ProblemCode::InvalidBody, "{}", &body[..body.len().min(20)]);
        }
    }
}
