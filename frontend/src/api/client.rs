//! Sends requests and parses replies; the only module with HTTP.

use std::{future::Future, pin::Pin, rc::Rc};

use gloo_net::http::{Request, RequestBuilder};
use serde::{Serialize, de::DeserializeOwned};
use yew::prelude::*;

use super::operations::{Ask, Service};
use super::{ApiFailure, Config};
use crate::{
    json,
    state::session::{Session, SignedIn},
};

/// A client of both services for the signed-in member, if any. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Api {
    config: Rc<Config>,
    signed_in: Option<Rc<SignedIn>>,
}

/// The client for the present configuration and session.
///
/// # Panics
/// Outside the app's providers; pages are always inside.
#[hook]
pub fn use_api() -> Api {
    let config = use_context::<Rc<Config>>().expect("the app provides its configuration to every page");
    let session = use_context::<Session>().expect("the app provides the session to every page");
    Api { config, signed_in: session.signed_in().cloned() }
}

impl Api {
    pub(super) async fn ask<T: DeserializeOwned>(&self, ask: Ask<T>) -> Result<T, ApiFailure> {
        read(sent(self.with_token(Request::get(&self.address(&ask))).build()).await?)
    }

    /// Sends a request with a body.
    pub(super) async fn ask_with<T: DeserializeOwned>(
        &self,
        ask: Ask<T>,
        body: &impl Serialize,
    ) -> Result<T, ApiFailure> {
        let mut request = self.with_token(Request::post(&self.address(&ask)));
        if let Some(key) = &ask.key {
            request = request.header("Idempotency-Key", key.as_str());
        }
        read(sent(request.json(body)).await?)
    }

    /// `GET` of a `/local` route, on a laptop only.
    pub(super) async fn get_local<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiFailure> {
        read(sent(self.with_token(Request::get(path)).build()).await?)
    }

    /// `POST` to a `/local` route, on a laptop only.
    pub(super) async fn post_local<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ApiFailure> {
        read(sent(self.with_token(Request::post(path)).json(body)).await?)
    }

    fn address<T>(&self, ask: &Ask<T>) -> String {
        let base = match ask.service {
            Service::Booking => &self.config.booking_api,
            Service::Airmiles => &self.config.airmiles_api,
        };
        format!("{base}{}", ask.address)
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.signed_in {
            Some(signed_in) => request.header("Authorization", &format!("Bearer {}", signed_in.access_token)),
            None => request,
        }
    }
}

/// A successful reply.
struct Reply {
    status: u16,
    body: String,
}

/// Sends, and separates success from refusal. One future for all types of reply, so it is compiled once.
fn sent(
    request: Result<Request, gloo_net::Error>,
) -> Pin<Box<dyn Future<Output = Result<Reply, ApiFailure>>>> {
    Box::pin(async move {
        let response =
            request.map_err(|_| ApiFailure::Unexpected(0))?.send().await.map_err(|_| ApiFailure::Offline)?;
        let status = response.status();
        let body = response.text().await.map_err(|_| ApiFailure::Offline)?;
        if response.ok() {
            return Ok(Reply { status, body });
        }
        let problem = json::from_str(&body).map_err(|_| ApiFailure::Unexpected(status))?;
        Err(ApiFailure::Problem(Rc::new(problem)))
    })
}

fn read<T: DeserializeOwned>(reply: Reply) -> Result<T, ApiFailure> {
    json::from_str(&reply.body).map_err(|_| ApiFailure::Unexpected(reply.status))
}
