//! What the journeys share: the real binary on a data folder of its own, and someone who uses it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use api_types::LocalDate;
use aws_sdk_dynamodb::types::AttributeValue;
use local::store::EmbeddedStore;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use service_kit::Clock;

/// The page that the tests serve as the web app.
pub(crate) const INDEX: &str = "<!doctype html><title>Tern</title><style>body{margin:0}</style>\
    <link rel=stylesheet href=/styles-0123456789abcdef.css><script>alert('Hello, world.');</script>";

/// A built web app as small as can be; every file with its pre-compressed sisters where a build makes them.
pub(crate) fn web_app() -> tempfile::TempDir {
    let dist = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("index.html", INDEX),
        ("frontend-0123456789abcdef.js", "export {};"),
        ("frontend-0123456789abcdef.js.br", "as brotli"),
        ("frontend-0123456789abcdef.js.gz", "as gzip"),
        ("frontend-0123456789abcdef_bg.wasm", "\0asm"),
        ("styles-0123456789abcdef.css", "body{}"),
        ("favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ] {
        std::fs::write(dist.path().join(name), content).unwrap();
    }
    dist
}

/// The command line of the binary.
pub(crate) fn command(data: &Path, web: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.arg("--data").arg(data).arg("--web").arg(web).args(more);
    command.env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned()));
    command
}

/// The binary, running; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) base: String,
}

impl Running {
    /// Starts it on a free port and waits for its one line.
    pub(crate) fn start(data: &Path, web: &Path) -> Self {
        let mut child = command(data, web, &["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { base: base.to_owned(), child }
    }

    /// Ends it without a chance to put anything right.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has; gives what it said after its first line.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        (status, rest)
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, member_id: &str) -> Traveller {
        let traveller = Traveller::unknown(&self.base);
        let (status, reply) =
            traveller.send(Method::POST, "/local/sign-in", Some(json!({ "member_id": member_id }))).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        let token = reply["access_token"].as_str().unwrap().to_owned();
        Traveller { token: Some(token), ..traveller }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) && self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}

/// Someone who uses it, signed in or not.
#[derive(Clone)]
pub(crate) struct Traveller {
    client: Client,
    base: String,
    pub(crate) token: Option<String>,
}

impl Traveller {
    pub(crate) fn unknown(base: &str) -> Self {
        Self { client: Client::new(), base: base.to_owned(), token: None }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    /// What is offered for `adults` in economy, one way.
    pub(crate) async fn offers(&self, from: &str, to: &str, days_ahead: i32, adults: u32) -> Vec<Value> {
        let date = day(days_ahead);
        let query = format!(
            "/api/booking/flights?from={from}&to={to}&date={date}&adults={adults}&children=0&infants=0&cabin=economy"
        );
        let (status, reply) = self.get(&query).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        reply["offers"].as_array().unwrap().clone()
    }

    /// Asks for a booking of `offer`; `None`: there was no answer.
    pub(crate) async fn try_book(
        &self,
        offer: &Value,
        adults: u32,
        key: &str,
    ) -> Option<(StatusCode, Value)> {
        let passenger = |number: u32| {
            json!({ "given_name": "Zoë", "family_name": format!("O’Hara {}", "I".repeat(number as usize + 1)),
                "birth_date": "1988-04-12", "type": "adult" })
        };
        let body = json!({
            "offer_ids": [offer["offer_id"]],
            "passengers": (0..adults).map(passenger).collect::<Vec<_>>(),
            "contact": { "email": "zoe@example.com" },
        });
        let request = self.request(Method::POST, "/api/booking/bookings").header("idempotency-key", key);
        let response = request.json(&body).send().await.ok()?;
        let status = response.status();
        Some((status, response.json().await.ok()?))
    }

    /// The miles of a booking, once they are there.
    pub(crate) async fn miles_within(&self, locator: &str, limit: Duration) -> Option<Value> {
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

/// The date so many days from today, in UTC.
pub(crate) fn day(ahead: i32) -> LocalDate {
    let today: LocalDate = Clock::system().now().to_string()[..10].parse().unwrap();
    today.plus_days(ahead).unwrap()
}

/// A data folder that goes with the test, and its path.
pub(crate) fn data_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    (folder, path)
}

/// How many seats are taken on all flights, by Booking's own table.
pub(crate) async fn seats_taken(booking: &EmbeddedStore) -> usize {
    let scan = booking
        .client()
        .scan()
        .table_name("booking")
        .filter_expression("begins_with(pk, :flight) AND begins_with(sk, :seat)")
        .expression_attribute_values(":flight", AttributeValue::S("FLIGHT#".to_owned()))
        .expression_attribute_values(":seat", AttributeValue::S("SEAT#".to_owned()))
        .into_paginator()
        .items()
        .send();
    scan.collect::<Result<Vec<_>, _>>().await.unwrap().len()
}
