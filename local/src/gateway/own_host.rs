use std::net::IpAddr;

use api_types::ProblemCode;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use service_kit::http::ApiError;

/// Answers only who means this machine.
///
/// A page elsewhere can make a name of its own point at 127.0.0.1 (DNS rebinding) and would then be of the same origin
/// as ours, with a sign-in that asks for no password. Its requests still carry its own name.
pub async fn only_own_host(request: Request, next: Next) -> Response {
    if is_own(request.headers()) {
        return next.run(request).await;
    }
    let detail = "This machine is reached as localhost or by its loopback address only.";
    ApiError::new(ProblemCode::NotFound, detail).into_response()
}

fn is_own(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true }; // browsers always send it
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_our_own_name() {
        for (host, own) in [
            ("127.0.0.1:8080", true),
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("tern.localhost:8080", true),
            ("[::1]:8080", true),
            ("127.0.0.1.example.com:8080", false),
            ("rebound.example:8080", false),
            ("notlocalhost", false),
            ("10.0.0.7", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert_eq!(is_own(&headers), own, "{host}");
        }
        assert!(is_own(&HeaderMap::new()));
    }
}
