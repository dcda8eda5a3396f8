//! `local` as a process of its own, and a client of it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use journeys::Traveller;
use serde_json::Value;
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
    /// A member, signed in.
    pub(crate) traveller: Traveller,
    _data: TempDir,
}

impl Tern {
    /// Starts it and signs a member in.
    pub(crate) async fn start(local: &Path, web: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let server = Server::start(&mut Server::local(local, web, &data.path().join("tern"))).await?;
        let traveller = Traveller::sign_in(&server.url, MEMBER).await;
        Ok(Self { server, traveller, _data: data })
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.server.stop().await
    }
}

/// The nonstop offers among `offers`: one seat of one flight each.
pub(crate) fn nonstop(offers: &Value) -> impl Iterator<Item = &Value> {
    let offers = offers.as_array().into_iter().flatten();
    offers.filter(|offer| offer["segments"].as_array().is_some_and(|segments| segments.len() == 1))
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
