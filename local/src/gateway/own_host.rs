use std::net::IpAddr;

use api_types::ProblemCode;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, header};
use service_kit::http::ApiError;

/// Answers only who means this machine.
///
/// A page elsewhere can make a name of its own point at 127.0.0.1 (DNS rebinding) and would then be of the same origin
/// as ours, with a sign-in that asks for no password. Its requests still carry its own name.
///
/// Any page can also send a form to the loopback address. It can't read the answer, but the request would be done.
pub async fn only_own_host(request: Request, next: Next) -> Response {
    let detail = if !is_own(request.headers()) {
        "This machine is reached as localhost or by its loopback address only."
    } else if writes(request.method()) && is_of_another_page(request.headers()) {
        "Only Tern's own pages can send this."
    } else {
        return next.run(request).await;
    };
    ApiError::new(ProblemCode::NotFound, detail).into_response()
}

fn writes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser says that a page of another origin sends the request. Programs send no such header.
fn is_of_another_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
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
    use axum::body::Body;
    use axum::{Router, middleware};
    use http::StatusCode;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn another_page_can_link_here_and_write_nothing() {
        let anything = Router::new().fallback(async || ()).layer(middleware::from_fn(only_own_host));
        for (method, site, status) in [
            (Method::POST, None, StatusCode::OK), // a program
            (Method::POST, Some("same-origin"), StatusCode::OK),
            (Method::POST, Some("none"), StatusCode::OK),
            (Method::POST, Some("same-site"), StatusCode::NOT_FOUND), // another port of this machine
            (Method::POST, Some("cross-site"), StatusCode::NOT_FOUND),
            (Method::OPTIONS, Some("cross-site"), StatusCode::NOT_FOUND),
            (Method::GET, Some("cross-site"), StatusCode::OK),
            (Method::HEAD, Some("cross-site"), StatusCode::OK),
        ] {
            let request = Request::builder().method(&method).uri("/local/dead-letters/redrive");
            let request = request.header(header::HOST, "localhost:8080");
            let request = match site {
                Some(site) => request.header("sec-fetch-site", site),
                None => request,
            };
            let response = anything.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), status, "{method} {site:?}");
        }
    }

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
