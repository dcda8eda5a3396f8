use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use crate::http::Caller;

/// A router's reply to [`call`].
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

/// Calls `router` with `request`, as `member` if one is given.
///
/// # Panics
/// When `member` is no member id, or the body is not text.
pub async fn call(router: &Router, member: Option<&str>, mut request: Request<Body>) -> Reply {
    if let Some(member) = member {
        let member_id = member.parse().unwrap_or_else(|error| panic!("{member}: {error}"));
        request.extensions_mut().insert(Caller { member_id });
    }
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.expect("a body in memory can be read").to_bytes();
    Reply { status, headers, text: String::from_utf8(body.to_vec()).expect("bodies are text") }
}

/// `GET path`.
///
/// # Panics
/// When `path` is no path.
#[must_use]
pub fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `POST path` with a JSON body and `headers`.
///
/// # Panics
/// When `path` or one of the headers is none.
#[must_use]
pub fn post(path: &str, headers: &[(&str, &str)], body: &Value) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body.to_string())).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Reply {
    /// The body as a `T`.
    ///
    /// # Panics
    /// With serde's reason when it is none.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        self.read()
    }

    /// The value of a header that must be there.
    ///
    /// # Panics
    /// When it is not, or is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {:?}", self.headers));
        value.to_str().unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The status and the problem's code, for comparing refusals.
    #[must_use]
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The problem without its `request_id`, pretty-printed for snapshots.
    ///
    /// # Panics
    /// When the reply is no problem, or its problem has no `request_id`.
    #[must_use]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let mut problem = self.json();
        let request_id = problem.as_object_mut().and_then(|problem| problem.remove("request_id"));
        assert!(request_id.is_some(), "{}", self.text);
        serde_json::to_string_pretty(&problem).expect("a problem is JSON")
    }
}
