//! Sending, and reading the answer: the one place that knows of HTTP.

use std::{future::Future, pin::Pin, rc::Rc};

use gloo_net::http::{Request, RequestBuilder};
use serde::{Serialize, de::DeserializeOwned};
use yew::prelude::*;

use super::{ApiFailure, Config};
use crate::{
    json,
    state::session::{Session, SignedIn},
};

/// A client of both services on behalf of whoever is signed in. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Api {
    config: Rc<Config>,
    signed_in: Option<Rc<SignedIn>>,
}

/// The client for the present configuration and session.
///
/// # Panics
/// Outside the app's providers: pages are always within.
#[hook]
pub fn use_api() -> Api {
    let config = use_context::<Rc<Config>>().expect("the app provides its configuration to every page");
    let session = use_context::<Session>().expect("the app provides the session to every page");
    Api { config, signed_in: session.signed_in().cloned() }
}

impl Api {
    /// An address of Booking.
    pub(super) fn booking_address(&self, path: &str) -> String {
        format!("{}{path}", self.config.booking_api)
    }

    /// An address of Airmiles.
    pub(super) fn airmiles_address(&self, path: &str) -> String {
        format!("{}{path}", self.config.airmiles_api)
    }

    /// `GET`s a reply.
    pub(super) async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, ApiFailure> {
        read(sent(self.with_token(Request::get(address)).build()).await?)
    }

    /// `POST`s a body with further headers.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: &impl Serialize,
    ) -> Result<T, ApiFailure> {
        let request = headers
            .iter()
            .fold(self.with_token(Request::post(address)), |request, (name, value)| {
                request.header(name, value)
            })
            .json(body);
        read(sent(request).await?)
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.signed_in {
            Some(signed_in) => request.header("Authorization", &format!("Bearer {}", signed_in.access_token)),
            None => request,
        }
    }
}

/// What came back with success.
struct Reply {
    status: u16,
    body: String,
}

/// Sends, and tells success from refusal. One future for all types of reply: it is compiled once.
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
