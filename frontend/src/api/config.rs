//! `/config.json`: the addresses of the services, and how members sign in.

use gloo_net::http::Request;
use serde::Deserialize;

use super::ApiFailure;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Base address of Booking, without a slash at its end.
    pub booking_api: String,
    /// Base address of Airmiles, without a slash at its end.
    pub airmiles_api: String,
    pub sign_in: SignInKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignInKind {
    /// On a laptop: pick one of the fixed members.
    Local,
    /// In AWS: the authorization code grant with PKCE at a Cognito user pool.
    Cognito {
        /// The user pool's domain, with scheme.
        domain: String,
        client_id: String,
    },
}

impl Config {
    /// Fetches it from the server of the page.
    ///
    /// # Errors
    /// When there is no reply, or a malformed one.
    pub async fn fetch() -> Result<Self, ApiFailure> {
        let response = Request::get("/config.json").send().await.map_err(|_| ApiFailure::Offline)?;
        let body = response.text().await.map_err(|_| ApiFailure::Offline)?;
        crate::json::from_str(&body).map_err(|_| ApiFailure::Unexpected(response.status()))
    }
}
