//! `cargo xtask <verb>`: what a developer repeats, without anything installed outside the project's folder
//! (the wasm target, which rustup keeps, and a browser for the journey excepted).
//!
//! | module | what it knows |
//! |---|---|
//! | [`up`] | the way from a clone to a running Tern |
//! | [`suite`] | every check there is, and the summary |
//! | [`contract`] | the contracts, and whether a release would break who reads them |
//! | [`bench`] | the figures Tern promises, measured |
//! | [`infra`] | the templates' own tool, built and called |
//! | [`tools`], [`browser`] | which tools at which version, and how they come here |
//! | [`web`], [`sizes`] | building the web app, compressing it, holding it to its budget |
//! | [`run`], [`steps`] | running a command and saying how far it is |
//! | [`project`] | where things lie |

mod bench;
mod browser;
mod contract;
mod deny;
mod infra;
mod project;
mod run;
mod sizes;
mod steps;
mod suite;
mod tools;
mod up;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a developer of Tern repeats")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what is missing, build everything and start Tern on this machine
    Up(up::Options),
    /// Run every check: Rust, contracts, templates, wasm, the web app's size, journeys in emulated accounts and in a browser
    Test(suite::Options),
    /// Build the web app into frontend/dist, compressed, and hold it to its size budget
    Web,
    /// Write the contracts, check that a release breaks nobody who reads them, note a release
    Contract(contract::Options),
    /// Check licences, sources and banned crates with cargo-deny
    Deny,
    /// Render, check and zip what is deployed, or try it in emulated accounts
    Infra(infra::Options),
    /// Measure the figures Tern promises and print them with the machine's load
    Bench,
}

fn main() -> ExitCode {
    let done = Project::find().and_then(|project| match Cli::parse().verb {
        Verb::Up(options) => up::up(&project, &options),
        Verb::Test(options) => suite::test(&project, &options),
        Verb::Web => web::build_with_its_tools(&project),
        Verb::Contract(options) => contract::contract(&project, &options),
        Verb::Deny => deny::check(&project),
        Verb::Infra(options) => infra::infra(&project, &options),
        Verb::Bench => bench::bench(&project),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
