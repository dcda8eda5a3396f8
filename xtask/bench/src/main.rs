//! Measures what Tern promises of its servers, and prints each figure beside its limit.
//!
//! Not a test: figures depend on the machine and on what else it does, so nothing fails by them.
//!
//! | module | figure |
//! |---|---|
//! | [`search`] | itineraries and prices of a city pair and day, computing only |
//! | [`requests`] | the same asked over HTTP, availability read |
//! | [`bookings`] | bookings a second against bare transactions of the same four items |
//! | [`miles`] | from the booking's answer to its miles |
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

use anyhow::Result;
use clap::Parser;

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
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    search::measure();
    let tern = tern::Tern::start(&cli.local, &cli.web).await?;
    requests::measure(&tern).await?;
    miles::measure(&tern).await?;
    tern.stop().await?;
    bookings::measure().await?;
    lambda::measure(&cli.booking_http).await
}
