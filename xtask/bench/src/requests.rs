//! The whole search request over HTTP, with availability read from the store.

use std::time::Instant;

use anyhow::{Result, bail};
use http::Method;
use journeys::traveller::day;

use crate::figure;
use crate::samples::Samples;
use crate::search::CITY_PAIRS;
use crate::tern::Tern;

const REQUESTS: usize = 2_000;

/// Searches flights one request after the other and times each to its last byte.
pub(crate) async fn measure(tern: &Tern) -> Result<()> {
    println!("search request, one after the other over loopback HTTP");
    let mut samples = Samples::default();
    let mut bytes = 0;
    for round in 0..REQUESTS + 50 {
        let (from, to) = CITY_PAIRS[round % CITY_PAIRS.len()];
        let date = day(1 + i32::try_from(round * 7 % 300)?);
        let path = format!("/api/booking/flights?from={from}&to={to}&date={date}&adults=1&cabin=economy");
        let request = tern.traveller.request(Method::GET, &path).header("accept-encoding", "br, gzip");
        let begun = Instant::now();
        let reply = request.send().await?;
        let status = reply.status();
        let body = reply.bytes().await?;
        let took = begun.elapsed();
        if !status.is_success() {
            bail!("{from} to {to} on {date} returned {status}: {}", String::from_utf8_lossy(&body));
        }
        if round >= 50 {
            samples.add(took); // the first requests warm connections and caches
            bytes += body.len();
        }
    }
    samples.print("whole request with availability", 5.0, 15.0);
    figure::note(&format!(
        "{} requests, {} bytes each on average, compressed",
        samples.count(),
        bytes / samples.count()
    ));
    Ok(())
}
