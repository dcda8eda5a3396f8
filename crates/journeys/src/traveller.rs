//! A client that uses Tern as the web app does.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use api_types::{LocalDate, UtcInstant};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::Origin;

/// A client of Tern, signed in or not.
#[derive(Clone, Debug)]
pub struct Traveller {
    client: Client,
    origin: Origin,
    pub token: Option<String>,
}

impl Traveller {
    /// A traveller without a token.
    #[must_use]
    pub fn unknown(origin: impl Into<Origin>) -> Self {
        Self { client: Client::new(), origin: origin.into(), token: None }
    }

    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The member `id` of the laptop at `base`, where sign-in needs no password.
    pub async fn sign_in(base: &str, id: &str) -> Self {
        let traveller = Self::unknown(base);
        let (status, reply) =
            traveller.send(Method::POST, "/local/sign-in", Some(json!({ "member_id": id }))).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        traveller.with_token(reply["access_token"].as_str().unwrap())
    }

    /// A request, not yet sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.origin.url(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Status and body of the reply.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let (status, _, body) = self.answer(path, request).await;
        (status, body)
    }

    /// As [`send`](Self::send), without a body.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    /// Status, headers and body of the reply to `request`; a body that isn't JSON is a string.
    pub async fn answer(&self, path: &str, request: RequestBuilder) -> (StatusCode, HeaderMap, Value) {
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        (status, headers, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Offers for `adults` in economy, one way.
    pub async fn offers(&self, from: &str, to: &str, days_ahead: i32, adults: u32) -> Vec<Value> {
        let date = day(days_ahead);
        let query = format!(
            "/api/booking/flights?from={from}&to={to}&date={date}&adults={adults}&children=0&infants=0&cabin=economy"
        );
        let (status, reply) = self.get(&query).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        reply["offers"].as_array().unwrap().clone()
    }

    /// Books `offer`; `None` without a reply.
    pub async fn try_book(&self, offer: &Value, adults: u32, key: &str) -> Option<(StatusCode, Value)> {
        self.try_post(&booking_request(offer, adults), Some(key)).await
    }

    /// Posts the booking `body`; `None` without a reply.
    pub async fn try_post(&self, body: &Value, key: Option<&str>) -> Option<(StatusCode, Value)> {
        let mut request = self.request(Method::POST, "/api/booking/bookings");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request.json(body).send().await.ok()?;
        let status = response.status();
        Some((status, response.json().await.ok()?))
    }

    /// The miles of a booking, once they are there.
    ///
    /// # Panics
    /// When they are refused for another reason than not being there yet.
    pub async fn miles_within(&self, locator: &str, limit: Duration) -> Option<Value> {
        let until = Instant::now() + limit;
        loop {
            let (status, reply) = self.get(&format!("/api/airmiles/airmiles/{locator}")).await;
            if status == StatusCode::OK {
                return Some(reply);
            }
            assert_eq!(reply["code"], "miles_not_found", "{reply}");
            if Instant::now() > until {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The request body that books `offer` for `adults`.
#[must_use]
pub fn booking_request(offer: &Value, adults: u32) -> Value {
    let passenger = |number: u32| {
        json!({ "given_name": "Zoë", "family_name": format!("O’Hara {}", "I".repeat(number as usize + 1)),
            "birth_date": "1988-04-12", "type": "adult" })
    };
    json!({
        "offer_ids": [offer["offer_id"]],
        "passengers": (0..adults).map(passenger).collect::<Vec<_>>(),
        "contact": { "email": "zoe@example.com" },
    })
}

/// The date so many days from today, in UTC.
#[must_use]
pub fn day(ahead: i32) -> LocalDate {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let today = UtcInstant::from_epoch_secs(now.as_secs().cast_signed()).to_string()[..10].to_owned();
    today.parse::<LocalDate>().unwrap().plus_days(ahead).unwrap()
}
