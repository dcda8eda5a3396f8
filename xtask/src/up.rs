//! `cargo xtask up`: from a clone to a running Tern.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::project::Project;
use crate::run;
use crate::steps::{Steps, Ticker, seconds};
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
    /// Build the server as it is built for AWS: slow to build, quick to answer
    #[arg(long)]
    release: bool,
}

/// Installs what is missing, builds the web app and `local`, and becomes `local`.
///
/// # Errors
/// When a tool is missing or something doesn't build. Once `local` runs, its end is this process's end.
pub(crate) fn up(project: &Project, options: &Options) -> Result<()> {
    tools::need_c_compiler()?;
    tools::need_node()?;
    let mut steps = Steps::new(tools::WEB_STEPS + web::STEPS + 1);
    tools::prepare_web(project, &mut steps)?;
    web::build(project, &mut steps)?;
    steps.step("local server", |ticker| build_local(project, options.release, ticker))?;
    println!("ready to start after {}", seconds(steps.elapsed()));

    let mut local = project.command(local(project, options.release));
    local
        .arg("--port")
        .arg(options.port.to_string())
        .arg("--data")
        .arg(project.path(&options.data))
        .arg("--web")
        .arg(project.dist());
    become_(local)
}

/// Builds `local`, unoptimised unless `release`: the dev profile (with SQLite optimised) shares its crates with `cargo
/// test` and rebuilds in seconds; the release profile takes minutes after each change.
///
/// # Errors
/// When it doesn't build.
pub(crate) fn build_local(project: &Project, release: bool, ticker: &mut Ticker) -> Result<String> {
    let mut build = project.cargo();
    build.args(["build", "--package", "local"]);
    if release {
        build.arg("--release");
    }
    run::quietly(build, &project.tools().join("log/local.log"), ticker)?;
    Ok("built".to_owned())
}

/// Where cargo puts `local`.
pub(crate) fn local(project: &Project, release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    project.target().join(profile).join(format!("local{}", std::env::consts::EXE_SUFFIX))
}

/// Replaces this process by `command`, so that signals (`kill -9` included) reach it directly and its exit code is ours.
#[cfg(unix)]
pub(crate) fn become_(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(error).with_context(|| format!("starting {}", command.get_program().to_string_lossy()))
}

/// Runs `command` and ends as it ends: a console's Ctrl-C reaches both.
#[cfg(not(unix))]
pub(crate) fn become_(mut command: Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("starting {}", command.get_program().to_string_lossy()))?;
    std::process::exit(status.code().unwrap_or(1));
}
