use std::error::Error;

use api_types::{FieldError, Problem, ProblemCode};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::telemetry::in_one_line;

/// A refusal on its way out: a [`Problem`] and the headers that go with it.
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    /// The refusal `code`; `detail` is shown to the caller.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    /// The refusal of a request for what is wrong with its fields.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Problem::of_fields(errors).into()
    }

    /// The refusal of a request for what is wrong with one of its fields.
    #[must_use]
    pub fn field(field: impl Into<String>, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, code, detail)])
    }

    /// Something failed that the caller can't mend. `cause` goes to the log, here and once, with its sources.
    pub fn internal(cause: impl Error) -> Self {
        tracing::error!(cause = %in_one_line(&cause), "a request failed on our side");
        Self::new(ProblemCode::Internal, "It has been noted. Trying again is safe.")
    }

    /// The store or a queue asks for patience; the caller should come back in a second.
    pub fn busy(cause: impl Error) -> Self {
        tracing::warn!(cause = %in_one_line(&cause), "a request gave way to load");
        Self::new(ProblemCode::Busy, "Please try again in a second.")
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// The same refusal with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What the caller will read.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), headers: Vec::new() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = *self.problem;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (status, [content_type], body).into_response();
        response.headers_mut().extend(self.headers);
        // The middleware adds the request's id.
        response.extensions_mut().insert(problem);
        response
    }
}
