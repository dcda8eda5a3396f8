use std::sync::LazyLock;

use api_types::Airports;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::headers::conditional;
use crate::list_airports;

/// Served airports change with a release: a browser revalidates after an hour, and mostly gets 304.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The reply, written once per process.
static REPLY: LazyLock<(Vec<u8>, HeaderValue)> = LazyLock::new(|| {
    let body = serde_json::to_vec(&list_airports::list_airports()).expect("airports are text and numbers");
    let digest = ring::digest::digest(&ring::digest::SHA256, &body);
    let hex: String = digest.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let etag = HeaderValue::from_str(&format!("\"{hex}\"")).expect("hexadecimal digits fit a header");
    (body, etag)
});

/// The airports Tern serves.
#[utoipa::path(get, path = "/airports", tag = "search",
    responses((status = 200, body = Airports), (status = 304, description = "As the ETag said")))]
pub(super) async fn list_airports(headers: HeaderMap) -> Response {
    let (body, etag) = &*REPLY;
    let reply = || ([(header::CONTENT_TYPE, "application/json")], body.as_slice()).into_response();
    let mut response = conditional(&headers, etag.clone(), reply);
    response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    response
}
