//! The built web app, as CloudFront serves it in AWS: pre-compressed files, how long they keep, deep links.

mod csp;
mod headers;
mod page;
mod pages;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api_types::ProblemCode;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use service_kit::http::ApiError;
use tower::ServiceExt;
use tower_http::services::ServeDir;

pub use headers::secure;
use pages::Pages;

/// For a file whose name changes with its content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Cached, but revalidated each time.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// The folder of a built web app.
#[derive(Clone)]
pub struct WebApp(Arc<Inner>);

struct Inner {
    files: ServeDir,
    pages: Pages,
}

#[derive(Debug, thiserror::Error)]
pub enum WebAppError {
    #[error("The web app's folder {} doesn't exist: build it first (cargo xtask up does).", .0.display())]
    Missing(PathBuf),
    #[error(
        "The web app's folder {} has no index.html: build the web app first (cargo xtask up does).",
        .0.display()
    )]
    NoIndex(PathBuf),
    #[error("{} can't be read: {source}.", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl WebApp {
    /// The app built into `dist`.
    pub fn open(dist: &Path) -> Result<Self, WebAppError> {
        if !dist.is_dir() {
            return Err(WebAppError::Missing(dist.to_owned()));
        }
        let pages = Pages::open(dist)?;
        let files = ServeDir::new(dist)
            .append_index_html_on_directories(false)
            .redirect_to_trailing_slash(false)
            .precompressed_br()
            .precompressed_gzip();
        Ok(Self(Arc::new(Inner { files, pages })))
    }

    /// Answers with a file, or with the document of a view for a navigation there; anything else is not there.
    pub async fn serve(State(app): State<Self>, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        if is_api(&path) {
            return not_found();
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return ApiError::new(ProblemCode::MethodNotAllowed, "Files can be fetched only.")
                .with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD"))
                .into_response();
        }
        if path == "/" {
            return app.0.pages.of_view(&path).serve(request).await;
        }
        if let Some(page) = app.0.pages.named(&path) {
            return page.serve(request).await;
        }
        let navigates = is_view(&path) && is_navigation(request.headers());
        let (parts, _) = request.into_parts();
        let for_file = Request::from_parts(parts.clone(), Body::empty());
        match app.0.files.clone().oneshot(for_file).await {
            Ok(response) if response.status() != StatusCode::NOT_FOUND => {
                let mut response = response.map(Body::new);
                let keeps = if has_hash(&path) { IMMUTABLE } else { REVALIDATED };
                if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
                    response.headers_mut().insert(header::CACHE_CONTROL, keeps);
                }
                vary_by_encoding(&mut response);
                response
            }
            Ok(_) if navigates => {
                app.0.pages.of_view(&path).serve(Request::from_parts(parts, Body::empty())).await
            }
            Ok(_) => not_found(),
            Err(never) => match never {},
        }
    }
}

/// The same address gives different bytes to browsers of different abilities.
fn vary_by_encoding(response: &mut Response) {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
}

fn not_found() -> Response {
    ApiError::new(ProblemCode::NotFound, "Check the address.").into_response()
}

/// Paths that are never the web app's, even where no service has a route.
fn is_api(path: &str) -> bool {
    ["/api", "/local"].iter().any(|base| path == *base || path.starts_with(&format!("{base}/")))
}

/// A view of the app has no file's ending: `/trips/K7QZ4M`, but not `/app.js`.
fn is_view(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    !name.contains('.') && !path.starts_with("/assets/")
}

/// Whether a person is going somewhere, rather than a page fetching one of its parts.
fn is_navigation(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match header("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => header("accept").is_some_and(|accept| accept.contains("text/html")),
    }
}

/// Whether a file's name carries its content's hash, as trunk writes them: `frontend-1c48a3ba2ee0b2f9_bg.wasm`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| {
        (12..=64).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    // Snippets of JavaScript lie in a folder that carries the hash.
    name.split(['-', '_', '.']).any(is_hash)
        || (path.starts_with("/snippets/") && path.split(['/', '-']).any(is_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for (path, hashed) in [
            ("/frontend-1c48a3ba2ee0b2f9.js", true),
            ("/frontend-1c48a3ba2ee0b2f9_bg.wasm", true),
            ("/frontend-765badb3162f63.js", true), // leading zeros are left out
            ("/styles-9a3b1c48ee0b2f92.css", true),
            ("/snippets/yew-1c48a3ba2ee0b2f9/inline0.js", true),
            ("/favicon.svg", false),
            ("/fonts/inter-latin.woff2", false),
            ("/config.json", false),
            ("/facade-decade.js", false),
        ] {
            assert_eq!(has_hash(path), hashed, "{path}");
        }
    }

    #[test]
    fn views_are_paths_without_an_ending() {
        for (path, view) in [
            ("/trips/K7QZ4M", true),
            ("/miles", true),
            ("/search/", true),
            ("/app.js", false),
            ("/assets/x", false),
            ("/.env", false),
        ] {
            assert_eq!(is_view(path), view, "{path}");
        }
        assert!(is_api("/api") && is_api("/api/x") && is_api("/local/") && !is_api("/apiary"));
    }
}
