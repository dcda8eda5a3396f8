//! `local` as a process of its own, and a client of it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The member of these measurements.
const MEMBER: &str = "noor-haddad";

/// The timeout for start and stop; a first `cargo xtask up` builds.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A process that prints `listening on URL`; killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
}

impl Server {
    /// `local` on a free port, with its data in `data`.
    pub(crate) fn local(program: &Path, web: &Path, data: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(["--port", "0", "--data"]).arg(data).arg("--web").arg(web);
        command
    }

    /// Starts `command` and waits until it listens.
    pub(crate) async fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .env("RUST_LOG", "warn") // a log line per request would measure the terminal
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {:?}", command.as_std().get_program()))?;
        let output = process.stdout.take().context("its standard output is piped")?;
        let url = timeout(TIMEOUT, address(output)).await.context("the server printed no address")??;
        Ok(Self { process, url })
    }

    /// Stops it and waits until it has exited.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = self.process.id().context("the server runs")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        let status = timeout(TIMEOUT, self.process.wait()).await.context("the server did not stop")??;
        if !status.success() {
            bail!("the server stopped badly: {status}");
        }
        Ok(())
    }
}

/// A running `local` with an empty data folder of its own.
pub(crate) struct Tern {
    server: Server,
    token: String,
    client: Client,
    _data: TempDir,
}

impl Tern {
    /// Starts it and signs a member in.
    pub(crate) async fn start(local: &Path, web: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let server = Server::start(&mut Server::local(local, web, &data.path().join("tern"))).await?;
        let client = Client::builder().no_proxy().build()?;
        let sign_in =
            client.post(format!("{}/local/sign-in", server.url)).json(&json!({ "member_id": MEMBER }));
        let signed_in = reply_of(sign_in).await?;
        let token = signed_in["access_token"].as_str().context("a sign-in returns a token")?.to_owned();
        Ok(Self { server, token, client, _data: data })
    }

    /// A request to one of the services, as a signed-in member's browser sends it.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client
            .get(format!("{}{path}", self.server.url))
            .bearer_auth(&self.token)
            .header("accept-encoding", "br, gzip")
    }

    /// A booking of `offer_id` for one adult.
    pub(crate) fn book(&self, offer_id: &str, idempotency_key: &str) -> RequestBuilder {
        self.client
            .post(format!("{}/api/booking/bookings", self.server.url))
            .bearer_auth(&self.token)
            .header("idempotency-key", idempotency_key)
            .json(&booking_of(offer_id))
    }

    /// Offers of one adult on `date` between two places.
    pub(crate) async fn offers(&self, from: &str, to: &str, date: &str) -> Result<Vec<String>> {
        let path = format!("/api/booking/flights?from={from}&to={to}&date={date}&adults=1&cabin=economy");
        let found = reply_of(self.client.get(format!("{}{path}", self.server.url))).await?;
        Ok(offer_ids(&found))
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.server.stop().await
    }
}

/// The body of a booking of `offer_id` for one adult.
pub(crate) fn booking_of(offer_id: &str) -> Value {
    json!({
        "offer_ids": [offer_id],
        "passengers": [{
            "given_name": "Noor", "family_name": "Haddad", "birth_date": "1988-04-17", "type": "adult",
        }],
        "contact": { "email": "noor@example.com" },
    })
}

/// The ids of nonstop offers in a search's reply: one seat of one flight each.
pub(crate) fn offer_ids(found: &Value) -> Vec<String> {
    let offers = found["offers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let nonstop = |offer: &&Value| offer["segments"].as_array().is_some_and(|segments| segments.len() == 1);
    offers.iter().filter(nonstop).filter_map(|offer| offer["offer_id"].as_str().map(str::to_owned)).collect()
}

/// The JSON of a successful reply.
pub(crate) async fn reply_of(request: RequestBuilder) -> Result<Value> {
    let reply = request.send().await?;
    let (status, url) = (reply.status(), reply.url().clone());
    let body = reply.text().await?;
    if !status.is_success() {
        bail!("{url} returned {status}: {body}");
    }
    Ok(serde_json::from_str(&body)?)
}

async fn address(output: tokio::process::ChildStdout) -> Result<String> {
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.strip_prefix("listening on ") {
            let url = url.trim().to_owned();
            // Keep reading, or the server blocks on a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(url);
        }
    }
    bail!("the server ended before it listened")
}
