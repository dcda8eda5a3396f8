use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use api_types::ProblemCode;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use service_kit::http::ApiError;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::{REVALIDATED, WebAppError, csp, vary_by_encoding};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A document of the app and the policy it runs under.
pub(super) struct Page {
    document: PathBuf,
    file: ServeFile,
    policy: Mutex<Policy>,
}

/// The policy of the page as it was at `modified`: a rebuild while we run gives it another.
#[derive(Clone)]
struct Policy {
    modified: Option<SystemTime>,
    header: Arc<HeaderValue>,
}

impl Page {
    pub(super) fn open(dist: &Path, name: &str) -> Result<Self, WebAppError> {
        let document = dist.join(name);
        if !document.is_file() {
            return Err(WebAppError::NoIndex(dist.to_owned()));
        }
        let policy =
            Policy::read(&document).map_err(|source| WebAppError::Io { path: document.clone(), source })?;
        let file = ServeFile::new(&document).precompressed_br().precompressed_gzip();
        Ok(Self { document, file, policy: Mutex::new(policy) })
    }

    /// The document, for every view.
    pub(super) async fn serve(&self, request: Request) -> Response {
        let policy = match self.current_policy() {
            Ok(policy) => policy,
            Err(error) => {
                tracing::warn!(%error, document = %self.document.display(), "a document can't be read: is the web app being built?");
                let detail = "The web app is not there just now. It may be in the middle of a build.";
                return ApiError::new(ProblemCode::Busy, detail).into_response();
            }
        };
        match self.file.clone().oneshot(request).await {
            Ok(response) => {
                let mut response = response.map(Body::new);
                let headers = response.headers_mut();
                if headers.contains_key(header::CONTENT_TYPE) {
                    headers.insert(header::CONTENT_TYPE, HTML);
                }
                headers.insert(header::CACHE_CONTROL, REVALIDATED);
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::clone(&policy));
                vary_by_encoding(&mut response);
                response
            }
            Err(never) => match never {},
        }
    }

    fn current_policy(&self) -> std::io::Result<Arc<HeaderValue>> {
        let modified = std::fs::metadata(&self.document)?.modified().ok();
        let mut policy = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        if policy.modified != modified {
            *policy = Policy::read(&self.document)?;
        }
        Ok(Arc::clone(&policy.header))
    }
}

impl Policy {
    fn read(document: &Path) -> std::io::Result<Self> {
        let modified = std::fs::metadata(document)?.modified().ok();
        let html = std::fs::read_to_string(document)?;
        let header = HeaderValue::from_str(&csp::policy(&html)).map_err(std::io::Error::other)?;
        Ok(Self { modified, header: Arc::new(header) })
    }
}
