//! A stub of the Lambda Runtime API.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API", version 2018-06-01.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::TIMEOUT;

/// One function's Runtime API, on a loopback port.
pub(crate) struct RuntimeApi {
    address: String,
    events: mpsc::Sender<String>,
    replies: Mutex<mpsc::Receiver<Result<Bytes, Bytes>>>,
    polled: mpsc::Receiver<()>,
    server: JoinHandle<()>,
}

struct Shared {
    events: Mutex<mpsc::Receiver<String>>,
    replies: mpsc::Sender<Result<Bytes, Bytes>>,
    polled: mpsc::Sender<()>,
    number: AtomicU64,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, events_to_send) = mpsc::channel(1);
        let (replies_sent, replies) = mpsc::channel(1);
        let (polled_now, polled) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            events: Mutex::new(events_to_send),
            replies: replies_sent,
            polled: polled_now,
            number: AtomicU64::new(1),
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error))
            .with_state(shared);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                eprintln!("the Runtime API stub broke off: {error}");
            }
        });
        Ok(Self { address, events, replies: Mutex::new(replies), polled, server })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until the function polls for its first event, which ends its start.
    pub(crate) async fn first_poll(&mut self) -> Result<()> {
        timeout(TIMEOUT, self.polled.recv()).await.context("the function did not start")?;
        Ok(())
    }

    /// Sends an event; returns the function's reply.
    pub(crate) async fn invoke(&self, event: String) -> Result<Bytes> {
        let mut replies = self.replies.lock().await;
        self.events.send(event).await?;
        match timeout(TIMEOUT, replies.recv()).await.context("the function did not reply")? {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(error)) => bail!("the function failed: {}", String::from_utf8_lossy(&error)),
            None => bail!("the Runtime API stub has ended"),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    shared.polled.try_send(()).ok(); // only the first is waited for
    let event = shared.events.lock().await.recv().await;
    let number = shared.number.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = now + TIMEOUT;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", format!("00000000-0000-0000-0000-{number:012}")),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:111111111111:function:booking-http".to_owned(),
        ),
        ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ] {
        headers.insert(name, value.parse().expect("plain ASCII makes a header value"));
    }
    match event {
        Some(event) => (StatusCode::OK, headers, event),
        None => (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), String::new()),
    }
}

async fn response(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    accepted(shared.replies.send(Ok(body)).await.is_ok())
}

async fn error(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    accepted(shared.replies.send(Err(body)).await.is_ok())
}

fn accepted(waited_for: bool) -> StatusCode {
    if waited_for { StatusCode::ACCEPTED } else { StatusCode::GONE }
}
