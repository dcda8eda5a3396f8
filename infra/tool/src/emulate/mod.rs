//! `emulate`: the real templates, translated, and the real zips in emulated accounts on loopback, and the journeys against them.
//!
//! | module | what it knows |
//! |---|---|
//! | [`plan`] | which stack goes into which account with which parameters |
//! | [`gaps`] | what the emulator can't do, and how a run goes round it |
//!
//! The emulator is Python's, so Python makes the stacks; see `python/emulate.py`.

mod gaps;
mod plan;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde_json::Value;

use crate::folder::Folder;
use crate::python::{self, Tools};
use crate::release;
use crate::{check, deliver, outputs, project};

/// How [`emulate`] deploys.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder that the functions' binaries are in; without it they are built as `cargo xtask test` builds them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Run once only, with roles and policies enforced; otherwise once without and once with
    #[arg(long)]
    enforced_only: bool,
    /// Deploy this service alone, with its account's baseline, and make no journeys; can be given more than once
    #[arg(long, value_name = "SERVICE", value_parser = clap::builder::PossibleValuesParser::new(plan::services()))]
    only: Vec<String>,
    /// Deploy into the emulator that runs there, as --stay left it, rather than into a fresh one
    #[arg(long, value_name = "URL", conflicts_with = "stay")]
    at: Option<String>,
    /// Leave the emulator and what is deployed in it until this is interrupted
    #[arg(long)]
    stay: bool,
    /// Give a stack's parameter this value
    #[arg(long, value_name = "SERVICE.NAME=VALUE")]
    parameter: Vec<String>,
    /// Deploy this rendered template in place of the service's own
    #[arg(long, value_name = "SERVICE=FILE")]
    template: Vec<String>,
}

/// Deploys every service into an account of its own and makes the journeys: once without and once with roles and policies
/// enforced.
///
/// # Errors
/// When a binary or the web app is missing, a contract is stale, a stack can't be made, or a journey goes wrong.
pub(crate) fn emulate(options: &Options) -> Result<()> {
    let started = Instant::now();
    let folder = Folder::make("emulate")?;
    let binaries = match &options.binaries {
        Some(binaries) => binaries.clone(),
        None => build()?,
    };
    outputs::write(true)?;
    gaps::print();
    let releases = release::make(&binaries, release::Purpose::Try)?;
    let translated =
        check::translate_own(&releases, folder.path(), &plan::given_templates(&options.template)?)?;
    let mut plan = plan::plan(&folder, &releases, &translated, options)?;
    // An emulator that stays, or runs already, is one that enforces.
    let once = options.enforced_only || options.stay || options.at.is_some();
    for enforce in [false, true] {
        if enforce || !once {
            println!("{} roles and policies enforced:", if enforce { "with" } else { "without" });
            plan["enforce"] = enforce.into();
            run(&plan, folder.path())?;
        }
    }
    folder.remove()?;
    let what = if options.only.is_empty() { "deployment and its journeys" } else { "deployment" };
    println!("emulated {what}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn run(plan: &Value, folder: &Path) -> Result<()> {
    let path = folder.join("plan.json");
    project::write_json(&path, plan)?;
    // Its output is shown as it happens; it ends when the pipe to its standard input closes.
    let mut deployment = Command::new(Tools::Emulator.bring()?.join("python3"))
        .arg("-B")
        .arg(python::script("emulate.py"))
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .context("starting the emulated deployment")?;
    let held = deployment.stdin.take();
    let status = deployment.wait()?;
    drop(held);
    if status.success() {
        return Ok(());
    }
    match std::fs::read_to_string(plan::failure_file(folder)) {
        Ok(sentence) => Err(anyhow!(sentence)),
        Err(_) => bail!(
            "the emulated deployment ended with {status}; the emulator's log is in {}",
            folder.display()
        ),
    }
}

/// The services' binaries for this machine, as the suite builds them: other features would compile half of their
/// dependencies a second time.
fn build() -> Result<PathBuf> {
    deliver::run(deliver::cargo(&["test", "--quiet", "--workspace", "--no-run"]))?;
    deliver::built("debug")
}
