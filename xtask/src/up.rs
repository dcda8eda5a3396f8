//! `cargo xtask up`: from a clone to a running Tern.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use indicatif::FormattedDuration;

use crate::project::{Project, become_};
use crate::steps::{self, Step};
use crate::tools;
use crate::web;

/// How [`up`] starts Tern.
#[derive(Args)]
pub(crate) struct Options {
    /// The loopback port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder that keeps bookings and miles
    #[arg(long, value_name = "DIR", default_value = ".tern/data")]
    data: PathBuf,
    /// Build the server as it is built for AWS: slow to build, fast to run
    #[arg(long)]
    release: bool,
}

/// Installs what is missing, builds the web app and `local`, and becomes `local`, whose exit code is this process's.
pub(crate) fn up(project: &Project, options: &Options) -> Result<()> {
    let begun = Instant::now();
    tools::need_c_compiler()?;
    let mut row = web::steps(project);
    row.push(build_local(project, options.release));
    steps::run(row)?;
    println!("ready to start after {}", FormattedDuration(begun.elapsed()));

    let local = project
        .command(local(project, options.release))
        .args(["--port".to_owned(), options.port.to_string(), "--data".to_owned()])
        .arg(project.path(&options.data))
        .arg("--web")
        .arg(project.dist());
    become_(local.into())
}

/// Builds `local`, unoptimised unless `release`: the dev profile (with SQLite optimised) shares its crates with `cargo
/// test` and rebuilds in seconds; the release profile takes minutes after each change.
pub(crate) fn build_local(project: &Project, release: bool) -> Step<'_> {
    let build = project.cargo(["build", "--package", "local"]).args(release.then_some("--release"));
    Step::command("local server", build, project.tools().join("log/local.log"))
}

/// The binary that [`build_local`] builds.
pub(crate) fn local(project: &Project, release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    project.target().join(profile).join("local")
}
