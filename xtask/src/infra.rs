//! `cargo xtask infra <verb>`: builds `infra-tool` and runs it. It is a program of its own so that `cargo xtask up`
//! builds nothing of it.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use clap::Args;
use xshell::Cmd;

use crate::project::{Project, become_};

/// What is passed on to `infra-tool`.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// render, check [FILE...], zip, emulate and more: see `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "VERB")]
    words: Vec<OsString>,
}

/// Builds `infra-tool` and becomes it, in the caller's folder: file names are relative to that.
pub(crate) fn infra(project: &Project, options: &Options) -> Result<()> {
    build(project)?;
    let mut tool = Command::from(command(project).args(&options.words));
    tool.current_dir(std::env::current_dir()?);
    become_(tool)
}

/// The built `infra-tool`.
pub(crate) fn command(project: &Project) -> Cmd<'_> {
    project.command(project.target().join("debug/infra-tool"))
}

pub(crate) fn build(project: &Project) -> Result<()> {
    Ok(project.cargo(["build", "--quiet", "--package", "infra-tool"]).quiet().run()?)
}
