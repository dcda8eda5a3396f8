//! The time until `cargo xtask up` listens when nothing has changed.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::process::Command;

use crate::figure::{self, Limit};
use crate::tern::Server;

/// Runs it twice and prints the second time.
pub(crate) async fn measure() -> Result<()> {
    println!("cargo xtask up, when nothing has changed");
    let data = tempfile::tempdir()?;
    let mut took = Duration::ZERO;
    for _ in 0..2 {
        let mut up = Command::new("cargo");
        up.args(["xtask", "up", "--port", "0", "--data"]).arg(data.path().join("tern"));
        let begun = Instant::now();
        let server = Server::start(&mut up).await?;
        took = begun.elapsed();
        server.stop().await?;
    }
    figure::print("until it listens, the second time", took.as_secs_f64(), "s", Limit::AtMost(5.0));
    Ok(())
}
