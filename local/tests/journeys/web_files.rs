//! The web app as it is served: files, views and their headers.

use crate::common::{Laptop, Traveller};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};

const NAVIGATION: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

async fn fetch(
    traveller: &Traveller,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = traveller.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.unwrap();
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn files_views_and_what_is_not_there() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let traveller = Traveller::unknown(&running.base);

    for (path, header, status, content_type) in [
        ("/", NAVIGATION, 200, "text/html"),
        ("/", ("accept", "*/*"), 200, "text/html"),
        ("/index.html", NAVIGATION, 200, "text/html"),
        ("/trips/K7QZ4M", NAVIGATION, 200, "text/html"),
        ("/search?from=SFO&to=NRT", NAVIGATION, 200, "text/html"),
        ("/miles", ("sec-fetch-mode", "navigate"), 200, "text/html"),
        ("/miles", ("sec-fetch-mode", "cors"), 404, "application/problem+json"),
        ("/miles", ("accept", "application/json"), 404, "application/problem+json"),
        ("/frontend-0123456789abcdef.js", ("accept", "*/*"), 200, "text/javascript"),
        ("/frontend-0123456789abcdef_bg.wasm", ("accept", "*/*"), 200, "application/wasm"),
        ("/favicon.svg", ("accept", "image/*"), 200, "image/svg+xml"),
        ("/gone.js", NAVIGATION, 404, "application/problem+json"),
        ("/assets/x.js", NAVIGATION, 404, "application/problem+json"),
        ("/assets/x", NAVIGATION, 404, "application/problem+json"),
        ("/api", NAVIGATION, 404, "application/problem+json"),
        ("/api/nobody/knows", NAVIGATION, 404, "application/problem+json"),
        ("/api/booking/nowhere", NAVIGATION, 404, "application/problem+json"),
        ("/api/airmiles/nowhere", NAVIGATION, 404, "application/problem+json"),
        ("/local/nowhere", NAVIGATION, 404, "application/problem+json"),
        ("/../../etc/passwd", ("accept", "*/*"), 404, "application/problem+json"),
        ("/%2e%2e/%2e%2e/etc/passwd", ("accept", "*/*"), 404, "application/problem+json"),
    ] {
        let (answered, headers, body) = fetch(&traveller, path, &[header]).await;
        let said = headers["content-type"].to_str().unwrap();
        assert_eq!(
            (answered.as_u16(), said.split(';').next().unwrap()),
            (status, content_type),
            "{path} {header:?}"
        );
        if status == 404 {
            assert!(body.contains(r#""code":"not_found""#), "{path}: {body}");
        }
    }
    // Another name that was made to point here is another's.
    for path in ["/", "/config.json", "/local/members", "/api/booking/airports"] {
        let headers = [("host", "rebound.example"), NAVIGATION];
        let (status, _, body) = fetch(&traveller, path, &headers).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {body}");
    }
    let response = traveller.request(Method::POST, "/trips").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_browser_is_told_what_to_keep_and_what_to_allow() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let traveller = Traveller::unknown(&running.base);
    let header = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();

    let (_, page, _) = fetch(&traveller, "/trips", &[NAVIGATION]).await;
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert_eq!(
        header(&page, "content-security-policy"),
        "default-src 'none'; script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=' \
         'wasm-unsafe-eval'; style-src 'self' 'sha256-IAdwN3biDCQ3brrgp1m8kBEsPQYyqfREKOEfeoREopc='; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    for (path, cached) in [
        ("/frontend-0123456789abcdef.js", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "no-cache"),
        ("/local/members", "no-store"),
        ("/config.json", "no-store"),
    ] {
        let (_, headers, _) = fetch(&traveller, path, &[]).await;
        assert_eq!(header(&headers, "cache-control"), cached, "{path}");
        assert_eq!(header(&headers, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&headers, "x-frame-options"), "DENY", "{path}");
        assert_eq!(
            header(&headers, "content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
    }

    // A rebuild under a running process: the page and its policy change together.
    std::fs::write(laptop.web.join("index.html"), "<!doctype html><title>Another</title>").unwrap();
    let (_, page, body) = fetch(&traveller, "/", &[NAVIGATION]).await;
    assert!(body.contains("Another"));
    assert!(header(&page, "content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval'"));
}

#[tokio::test]
async fn each_view_comes_with_the_document_of_its_app_and_that_documents_policy() {
    let laptop = Laptop::new();
    for name in ["book", "member"] {
        let document = format!("<!doctype html><title>{name}</title><script>let app = '{name}';</script>");
        std::fs::write(laptop.web.join(format!("{name}.html")), document).unwrap();
    }
    let running = laptop.start();
    let traveller = Traveller::unknown(&running.base);
    let mut policies = Vec::new();
    for (title, views) in [
        ("Tern", ["/", "/flights/SFO-TYO/2026-12-05", "/nowhere", "/index.html"]),
        ("book", ["/book/a.b-c/travellers", "/book/a~b/check", "/book", "/book.html"]),
        ("member", ["/trips/K7QZ4M?new=1", "/miles/statement", "/sign-in?next=/trips", "/member.html"]),
    ] {
        for view in views {
            let (status, headers, body) = fetch(&traveller, view, &[NAVIGATION]).await;
            assert_eq!(status, StatusCode::OK, "{view}");
            assert!(body.contains(&format!("<title>{title}</title>")), "{view}: {body}");
            assert_eq!(headers["cache-control"], "no-cache", "{view}");
            policies.push(headers["content-security-policy"].to_str().unwrap().to_owned());
        }
    }
    policies.dedup();
    assert_eq!(policies.len(), 3, "one policy for each document's own script: {policies:#?}");
    let (status, _, _) = fetch(&traveller, "/trips/gone.js", &[NAVIGATION]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_compressed_beforehand_is_sent_so_and_large_answers_are_compressed() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let traveller = Traveller::unknown(&running.base);
    let script = "/frontend-0123456789abcdef.js";
    for (accepted, encoding, body) in [
        ("br, gzip", Some("br"), "as brotli"),
        ("gzip", Some("gzip"), "as gzip"),
        ("identity", None, "export {};"),
    ] {
        let (_, headers, sent) = fetch(&traveller, script, &[("accept-encoding", accepted)]).await;
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), encoding);
        assert_eq!(
            (sent.as_str(), &headers["vary"], &headers["content-type"]),
            (body, &"accept-encoding".parse().unwrap(), &"text/javascript".parse().unwrap())
        );
    }
    let compressed = [("accept-encoding", "gzip, br")];
    let (status, headers, _) = fetch(&traveller, "/api/booking/airports", &compressed).await;
    assert_eq!((status.as_u16(), &headers["content-encoding"]), (200, &"br".parse().unwrap()));
    let (_, headers, _) = fetch(&traveller, "/config.json", &compressed).await;
    assert!(!headers.contains_key("content-encoding"), "too small to gain");
}
