//! What a pipeline's steps do with a service: test it, build its release once, hand that to each environment.
//!
//! | module | what it knows |
//! |---|---|
//! | [`binaries`] | building functions, the same bytes on every machine |
//! | [`bundle`] | a release as a folder: template, parameters for each environment, zips or files, and its name |
//! | [`triggers`] | which changed files start a service's pipeline |
//! | [`facts`] | the facts of an environment, as parameters of a template |
//!
//! The steps themselves are in `infra/pipelines/steps/`; a test holds them to the verbs that there are. What speaks to AWS
//! is `python/deliver.py`.

mod binaries;
mod bundle;
mod facts;
#[cfg(test)]
mod steps;
pub(crate) mod triggers;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::project;
use crate::python::{self, Tools};

pub(crate) use bundle::{Options, release};

/// A step's calls of AWS.
#[derive(clap::Subcommand, Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub(crate) enum Delivery {
    /// Fetch what the last releases brought inline, for `release` to allow that too
    Former {
        /// Which service
        service: String,
        /// The bucket of releases beside the service's stack
        #[arg(long)]
        bucket: String,
        /// Where that bucket is
        #[arg(long)]
        region: String,
        /// The file to write
        #[arg(long)]
        into: PathBuf,
    },
    /// Put a release's zips and template into the bucket of releases, where nothing is ever overwritten
    Upload {
        /// The folder that `release` made
        folder: PathBuf,
        /// The bucket of releases beside the service's stack
        #[arg(long)]
        bucket: String,
        /// Where that bucket is
        #[arg(long)]
        region: String,
    },
    /// Put the web app's files where the distribution reads them, documents last
    Publish {
        /// The folder that `release` made
        folder: PathBuf,
        /// Into which environment
        #[arg(long)]
        environment: String,
        /// The web app's account there
        #[arg(long)]
        account: String,
        /// The region of its stack
        #[arg(long)]
        region: String,
    },
    /// Sign new members up and in, and print where the journeys find them
    SignIn {
        /// What is known of the environment: the text of /tern/environments/<environment>
        #[arg(long)]
        facts: String,
        /// Which environment that is; prod's pool lets nobody do this
        #[arg(long, default_value = "qa")]
        environment: String,
        /// The file to write, for `journeys`
        #[arg(long)]
        into: PathBuf,
    },
}

/// Does it.
///
/// # Errors
/// When AWS refuses; said in a sentence.
pub(crate) fn deliver(delivery: &Delivery) -> Result<()> {
    let mut command = Command::new(Tools::Lint.bring()?.join("python3"));
    command.arg("-B").arg(python::script("deliver.py")).arg(serde_json::to_string(delivery)?);
    if !command.status().context("starting deliver.py")?.success() {
        bail!("it was not delivered");
    }
    Ok(())
}

/// Holds a service's own code to clippy and its tests.
///
/// # Errors
/// When there is no such service, or its code fails them.
pub(crate) fn test(service: &str) -> Result<()> {
    let Some(package) = &project::services()?.get(service)?.package else {
        println!("{service} has no code of its own");
        return Ok(());
    };
    run(cargo(&["clippy", "--locked", "--package", package, "--all-targets", "--", "-D", "warnings"]))?;
    run(cargo(&["test", "--locked", "--package", package]))
}

/// `cargo` with these arguments, in the project.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(project::root()).args(arguments);
    cargo
}

/// Runs `command`, its output shown.
///
/// # Errors
/// When it fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let said = format!("{command:?}").replace('"', "");
    if !command.status().with_context(|| format!("starting {said}"))?.success() {
        bail!("{said} failed");
    }
    Ok(())
}

/// Where `cargo` puts what it builds.
///
/// # Errors
/// When there is no such place.
pub(crate) fn built(profile: &str) -> Result<PathBuf> {
    Ok(project::output().parent().map(Path::to_path_buf).context("the output lies in target/")?.join(profile))
}
