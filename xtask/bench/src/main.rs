//! Measures the servers' promised figures, and prints each beside its limit.
//!
//! Not a test: figures depend on the machine and its load. Timed assertions fail on busy machines, get looser limits, and
//! then say nothing. Only sizes of the web app are tested, since bytes are the same on every machine.
//!
//! | module | figure |
//! |---|---|
//! | [`search`] | itineraries and prices of a city pair and day, computing only |
//! | [`requests`] | the same over HTTP, availability read |
//! | [`bookings`] | bookings a second against bare transactions of the same four items |
//! | [`miles`] | from the booking's reply to its miles |
//! | [`heading`] | until the web app's first heading on a slow phone |
//! | [`up`] | until a second `cargo xtask up` listens |
//! | [`lambda`] | the size, start and warm call of `booking-http` |
//! | [`samples`], [`figure`] | percentiles, and how a figure is printed |

mod bookings;
mod figure;
mod heading;
mod lambda;
mod miles;
mod requests;
mod samples;
mod search;
mod tern;
mod up;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};

#[derive(Parser)]
#[command(name = "bench")]
struct Cli {
    /// The release build of `local`
    #[arg(long)]
    local: PathBuf,
    /// The built web app, which `local` serves
    #[arg(long)]
    web: PathBuf,
    /// The release build of `booking-http`
    #[arg(long)]
    booking_http: PathBuf,
    /// The release build of `service-kit`'s example `least-function`
    #[arg(long)]
    least_function: PathBuf,
    /// Measure these only; without a name, all of them
    #[arg(long, value_enum, value_name = "WHAT")]
    only: Vec<What>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Search,
    Requests,
    Miles,
    Bookings,
    Lambda,
    Heading,
    Up,
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(cli: &Cli) -> Result<()> {
    println!("\n{}", machine()?);
    let wanted = |what| cli.only.is_empty() || cli.only.contains(&what);
    if wanted(What::Heading) {
        heading::measure(&cli.local, &cli.web).await?;
    }
    if wanted(What::Search) {
        search::measure();
    }
    if wanted(What::Requests) || wanted(What::Miles) {
        let tern = tern::Tern::start(&cli.local, &cli.web).await?;
        if wanted(What::Requests) {
            requests::measure(&tern).await?;
        }
        if wanted(What::Miles) {
            miles::measure(&tern).await?;
        }
        tern.stop().await?;
    }
    if wanted(What::Bookings) {
        bookings::measure().await?;
    }
    if wanted(What::Lambda) {
        lambda::measure(&cli.booking_http, &cli.least_function).await?;
    }
    if wanted(What::Up) {
        up::measure().await?;
    }
    println!("\nload at the end: {}", load()?);
    Ok(())
}

fn machine() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let (_, model) = model.unwrap_or(("", "unknown processor"));
    Ok(format!(
        "release build; {} cores of {model}; load at the start: {}",
        available_parallelism()?,
        load()?
    ))
}

/// The load averages of one, five and fifteen minutes.
fn load() -> Result<String> {
    let load = fs::read_to_string("/proc/loadavg").context("reading the load needs Linux")?;
    Ok(load.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}
