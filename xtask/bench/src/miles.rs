//! The time from a booking's reply until its miles are visible.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use http::{Method, StatusCode};
use serde_json::Value;

use crate::figure;
use crate::samples::Samples;
use crate::tern::{Tern, nonstop};

const BOOKINGS: usize = 200;

/// After this the miles count as lost.
const LOST: Duration = Duration::from_secs(30);

/// Books, then polls for the booking's miles every millisecond until they are there.
pub(crate) async fn measure(tern: &Tern) -> Result<()> {
    println!("booking confirmed until its miles are visible");
    let mut samples = Samples::default();
    let mut day = 20;
    let mut offers = Vec::new();
    for booking in 0..BOOKINGS {
        while offers.is_empty() {
            let found = Value::from(tern.traveller.offers("SFO", "TYO", day, 1).await);
            offers = nonstop(&found).cloned().collect();
            day += 1;
        }
        let offer = offers.pop().context("offers were just found")?;
        let key = format!("bench-miles-{booking}-0123456789abcdef");
        let (status, booked) = tern.traveller.try_book(&offer, 1, &key).await.context("no reply")?;
        let begun = Instant::now();
        ensure!(status == StatusCode::CREATED, "a booking returned {status}: {booked}");
        let locator = booked["record_locator"].as_str().context("a booking has a record locator")?;
        samples.add(visible(tern, locator, begun).await?);
    }
    samples.print("booking confirmed -> miles visible", 50.0, 250.0);
    figure::note(&format!("{} bookings one after the other, looked for every millisecond", samples.count()));
    Ok(())
}

async fn visible(tern: &Tern, locator: &str, begun: Instant) -> Result<Duration> {
    loop {
        let reply =
            tern.traveller.request(Method::GET, &format!("/api/airmiles/airmiles/{locator}")).send().await?;
        let took = begun.elapsed();
        match reply.status() {
            StatusCode::OK => return Ok(took),
            StatusCode::NOT_FOUND if took < LOST => tokio::time::sleep(Duration::from_millis(1)).await,
            status => {
                bail!("the miles of {locator} returned {status} after {took:?}: {}", reply.text().await?)
            }
        }
    }
}
