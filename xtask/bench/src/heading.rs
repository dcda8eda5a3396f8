//! The time until the web app's first heading on a slow phone.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::Command;

use crate::figure::{self, Limit};
use crate::tern::Server;

/// Loads the first page in a throttled Chromium: `frontend/tests/first-heading.mjs`.
pub(crate) async fn measure(local: &Path, web: &Path) -> Result<()> {
    println!("web app on a slow phone: CPU 4 times slower, 1.6 Mbit/s, 150 ms a round trip, nothing cached");
    let data = tempfile::tempdir()?;
    let server = Server::start(&mut Server::local(local, web, &data.path().join("tern"))).await?;
    let measured = loads(&server.url).await;
    server.stop().await?;
    let measured = measured?;
    let number = |load: &str, what: &str| measured[load][what].as_f64().unwrap_or(f64::NAN);
    figure::print("first heading, median", number("median", "heading_ms"), "ms", Limit::AtMost(800.0));
    figure::note(&format!(
        "slowest of {} loads {:.0} ms; first paint {:.0} ms; {:.1} KB over the wire with headers and data",
        measured["loads"],
        number("slowest", "heading_ms"),
        number("median", "paint_ms"),
        number("median", "bytes") / 1000.0
    ));
    Ok(())
}

async fn loads(url: &str) -> Result<Value> {
    let node = Command::new("node")
        .current_dir("frontend/tests")
        .arg("first-heading.mjs")
        .arg(format!("{url}/"))
        .output()
        .await
        .context("starting node")?;
    if !node.status.success() {
        bail!("the page can't be measured: {}", String::from_utf8_lossy(&node.stderr));
    }
    Ok(serde_json::from_slice(&node.stdout)?)
}
