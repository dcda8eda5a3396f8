//! Renders, checks and tries Tern's CloudFormation templates without AWS.
//!
//! | module | what it knows |
//! |---|---|
//! | [`template`], [`yaml`] | a folder of YAML files becomes one template |
//! | [`fragments`] | YAML with Jinja's statements, filled from the services' descriptors |
//! | [`openapi`] | a committed contract becomes a gateway's body |
//! | [`alarms`], [`dashboard`] | which alarms every resource must have, and where a service is seen at a glance |
//! | [`check`], [`python`] | all checks in a row, and the tools they run |
//! | [`rules`], [`jq`] | what must hold in every template, and the language that says it |
//! | [`stack_role`] | whether CloudFormation may make what a service's stack holds |
//! | [`release`] | zips, and the digest that names them |
//! | [`outputs`] | what stacks put out for each other, as contracts |
//! | [`deliver`] | what a pipeline's steps do with a service: test, build once, hand on |
//! | [`web`] | the web app's files, and how long browsers keep them |
//! | [`emulate`] | the templates and zips in emulated accounts, and journeys against them |
//! | [`project`], [`folder`] | where things lie, and where a run keeps its own |

mod alarms;
mod check;
mod dashboard;
mod deliver;
#[cfg(test)]
mod edge;
mod emulate;
mod folder;
mod fragments;
mod jq;
mod openapi;
#[cfg(test)]
mod operations;
mod outputs;
mod project;
mod python;
mod release;
mod rules;
mod stack_role;
mod template;
mod web;
mod yaml;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

#[derive(Parser)]
#[command(
    name = "infra-tool",
    bin_name = "cargo xtask infra",
    about = "Renders, checks and tries Tern's templates without AWS"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Render each stack's folder to one self-contained SAM template
    Render,
    /// Check rendered templates, the project's own if none is named: offline, without credentials
    Check {
        /// Rendered templates to check in place of the project's
        files: Vec<PathBuf>,
    },
    /// Write what each stack puts out for others into api-types/contracts
    Outputs {
        /// Write nothing; fail if what is committed is stale
        #[arg(long)]
        check: bool,
    },
    /// Zip the functions' binaries, the same bytes from the same binaries, and name the release
    Zip {
        /// The folder that the binaries are in
        binaries: PathBuf,
    },
    /// Hold a service's own code to clippy and its tests
    Test {
        /// Which service
        service: String,
    },
    /// Build a service's release once, for every environment
    Release(deliver::Options),
    #[command(flatten)]
    Deliver(deliver::Delivery),
    /// Deploy every service into an emulated account of its own and run the journeys against that
    Emulate(emulate::Options),
    /// Make the shared journeys in a deployment, as the emulated deployment or `sign-in` describes it
    Journeys {
        /// What the journeys need to know of it
        deployment: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Render => render(),
        Verb::Check { files } => check::check(&files),
        Verb::Outputs { check } => outputs::write(check),
        Verb::Zip { binaries } => release::print(&binaries),
        Verb::Test { service } => deliver::test(&service),
        Verb::Release(options) => deliver::release(&options),
        Verb::Deliver(delivery) => deliver::deliver(&delivery),
        Verb::Emulate(options) => emulate::emulate(&options),
        Verb::Journeys { deployment } => travel(&deployment),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn render() -> Result<()> {
    for stack in template::all()? {
        write_rendered(&format!("{stack}.json"), &template::render(stack)?)?;
    }
    for service in project::services()?.iter() {
        let parameters = json!({ "Parameters": deliver::triggers::parameters(service)? });
        write_rendered(&format!("pipelines/{}.json", service.name), &parameters)?;
    }
    Ok(())
}

fn write_rendered(name: &str, content: &Value) -> Result<()> {
    let path = project::output().join("rendered").join(name);
    project::write_json(&path, content)?;
    println!("{}", path.display());
    Ok(())
}

fn travel(deployment: &Path) -> Result<()> {
    let deployment = project::read_json(deployment)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(journeys::run_all(&deployment)).map_err(anyhow::Error::msg)
}
