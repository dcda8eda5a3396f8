//! `cargo xtask <verb>`: a developer's repeated work, with all tools installed inside the project's folder (the wasm
//! target, which rustup keeps, and a browser excepted).
//!
//! | module | content |
//! |---|---|
//! | [`up`] | from a clone to a running Tern |
//! | [`suite`], [`limit`] | all checks with a summary, and the limit for each test |
//! | [`contract`] | the contracts, and whether a release would break a consumer |
//! | [`bench`] | the promised figures, measured |
//! | [`infra`] | the templates' own program, built and called |
//! | [`operate`] | operators' commands for a running Tern |
//! | [`tools`], [`browser`] | the tools, their versions and installation |
//! | [`web`], [`sizes`] | building the web app, and its size budget |
//! | [`output`], [`steps`] | running commands and showing their progress |
//! | [`project`] | paths and the environment of commands |

mod bench;
mod browser;
mod contract;
mod infra;
mod limit;
mod operate;
mod output;
mod project;
mod sizes;
mod steps;
mod suite;
mod tools;
mod up;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "A developer's repeated work on Tern")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what is missing, build everything and start Tern on this machine
    Up(up::Options),
    /// Run all checks: formatting, clippy, licences, Rust tests, contracts, templates, web app, emulated accounts, browser
    Test(suite::Options),
    /// Build the web app into frontend/dist, compressed, and check its size budget
    Web,
    /// Generate the contracts, check that a release breaks no consumer, record a release
    Contract(contract::Options),
    /// Render, check and zip what is deployed, or try it in emulated accounts
    Infra(infra::Options),
    /// Measure the promised figures
    Bench,
    /// Give every dead letter of the running Tern one more attempt
    Redrive(operate::Server),
    /// Publish the current events of bookings again; lists them unless --yes
    Republish(operate::Republish),
    /// Compare all bookings with Airmiles; fails when there is a difference
    Compare(operate::Server),
    /// Run one test binary for cargo, with a limit for each test
    #[command(hide = true)]
    RunTests(limit::Options),
}

fn main() -> ExitCode {
    run(&Cli::parse().verb).unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(verb: &Verb) -> Result<ExitCode> {
    match verb {
        Verb::Up(options) => up::up(&Project::find()?, options)?,
        Verb::Test(options) => suite::test(&Project::find()?, options)?,
        Verb::Web => web::build_within_budget(&Project::find()?)?,
        Verb::Contract(options) => contract::contract(&Project::find()?, options)?,
        Verb::Infra(options) => infra::infra(&Project::find()?, options)?,
        Verb::Bench => bench::bench(&Project::find()?)?,
        Verb::Redrive(server) => operate::redrive(server)?,
        Verb::Republish(options) => operate::republish(options)?,
        Verb::Compare(server) => operate::compare(server)?,
        Verb::RunTests(options) => return limit::run_tests(options),
    }
    Ok(ExitCode::SUCCESS)
}
