//! `cargo xtask infra <verb>`: the templates rendered, checked, zipped and tried. What there is to say about them is
//! known to `infra-tool`; it is a program of its own so that `cargo xtask up` builds nothing of it.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::project::Project;
use crate::up;

/// What is passed on to `infra-tool`.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// render, check [FILE...], zip, emulate; `--help` says more
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "VERB")]
    words: Vec<OsString>,
}

/// Builds `infra-tool` and becomes it, in the folder in which it was called: files are named from there.
///
/// # Errors
/// When it doesn't build.
pub(crate) fn infra(project: &Project, options: &Options) -> Result<()> {
    build(project)?;
    let mut tool = command(project);
    tool.current_dir(std::env::current_dir().context("finding the folder this was called in")?);
    tool.args(&options.words);
    up::become_(tool)
}

/// The built `infra-tool`, to be told what to do.
pub(crate) fn command(project: &Project) -> Command {
    let name = format!("infra-tool{}", std::env::consts::EXE_SUFFIX);
    project.command(project.target().join("debug").join(name))
}

/// Builds `infra-tool`.
///
/// # Errors
/// When it doesn't build.
pub(crate) fn build(project: &Project) -> Result<()> {
    let mut build = project.cargo();
    build.args(["build", "--quiet", "--package", "infra-tool"]);
    if !build.status().context("starting cargo")?.success() {
        bail!("infra-tool doesn't build");
    }
    Ok(())
}
