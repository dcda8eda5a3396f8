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
//! | [`lambda`] | the size, start and warm call of `booking-http` |
//! | [`samples`], [`figure`] | percentiles, and how a figure is printed |

mod bookings;
mod figure;
mod lambda;
mod miles;
mod requests;
mod samples;
mod search;
mod tern;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
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
    let wanted = |what| cli.only.is_empty() || cli.only.contains(&what);
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
    Ok(())
}
