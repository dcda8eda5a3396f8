//! `booking-http` as a Lambda: its size, the CPU time of its start and of a warm call with one read.
//!
//! The binary runs unmodified. Its peers are in this process, so that the CPU time of its own process is
//! all its own: a simulated Runtime API, and the embedded store behind DynamoDB's protocol.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use embedded_dynamo::{EmbeddedDynamo, LoopbackServer};
use journeys::traveller::{booking_request, day};
use lambda_simulator::{InvocationBuilder, Simulator, SimulatorPhase};
use serde_json::Value;
use service_kit::testing::gateway_request;
use tokio::process::{Child, Command};

use crate::figure::{self, Limit};
use crate::tern::nonstop;

const TABLE: &str = "booking";

const STARTS: usize = 15;

const WARM_CALLS: u32 = 1_000;

const ROUNDS: u32 = 5;

/// The timeout of every step.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Linux counts a process' CPU in nanoseconds per thread here.
const NANOS_A_MICRO: f64 = 1_000.0;

/// Measures `booking-http`, and its call beside that of the least function that reads the same item.
pub(crate) async fn measure(binary: &Path, least: &Path) -> Result<()> {
    println!("booking-http behind a simulated Runtime API");
    let size = std::fs::metadata(binary).with_context(|| format!("looking at {}", binary.display()))?.len();
    figure::print("size, stripped", size as f64 / 1e6, "MB", Limit::AtMost(7.0));

    let database = EmbeddedDynamo::in_memory()?;
    api_booking::store::create_table(&database.client(), TABLE).await?;
    let store = database.serve().await;

    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let function = Function::start(binary, &store).await?;
        starts.push(function.cpu_nanos()?);
        function.end().await?;
    }
    starts.sort_unstable();
    figure::print(
        "init, CPU until the first poll for a call, median",
        starts[STARTS / 2] as f64 / NANOS_A_MICRO / 1_000.0,
        "ms",
        Limit::AtMost(3.0),
    );
    figure::note(&format!(
        "{STARTS} starts, {:.2} to {:.2} ms",
        starts[0] as f64 / 1e6,
        starts[STARTS - 1] as f64 / 1e6
    ));

    let function = Function::start(binary, &store).await?;
    let locator = book(&function).await?;
    let read = request("GET", &format!("/bookings/{locator}"), &[], None);
    let least = Function::start(least, &store).await?;
    let (mut ours, mut theirs) = (0, 0);
    for _ in 0..ROUNDS {
        // Alternating, so that other load affects both.
        ours += spent_on(&function, &read).await?;
        theirs += spent_on(&least, &read).await?;
    }
    function.end().await?;
    least.end().await?;
    let a_call = |nanos: u64| nanos as f64 / f64::from(ROUNDS * WARM_CALLS) / NANOS_A_MICRO;
    let ratio = 100.0 * ours as f64 / theirs as f64;
    figure::print("warm call with one read, CPU, of the least function's", ratio, "%", Limit::AtMost(130.0));
    figure::note(&format!(
        "{:.1} us and {:.1} us; {ROUNDS} times {WARM_CALLS} GET /bookings/{{record_locator}}, one after the other",
        a_call(ours),
        a_call(theirs)
    ));
    Ok(())
}

/// The CPU time of warm calls, in nanoseconds.
async fn spent_on(function: &Function, read: &Value) -> Result<u64> {
    for _ in 0..200 {
        function.invoke(read, 200).await?; // warms connections and caches
    }
    let before = function.cpu_nanos()?;
    for _ in 0..WARM_CALLS {
        function.invoke(read, 200).await?;
    }
    Ok(function.cpu_nanos()? - before)
}

/// The binary, running as Lambda runs it.
struct Function {
    process: Child,
    simulator: Simulator,
}

impl Function {
    /// Starts it and waits until it polls for its first event.
    async fn start(binary: &Path, store: &LoopbackServer) -> Result<Self> {
        let simulator = Simulator::builder().function_name("booking-http").build().await?;
        let process = Command::new(binary)
            .env_clear()
            .envs(simulator.lambda_env_vars())
            .envs([
                ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true"),
                ("AWS_ACCESS_KEY_ID", "bench"),
                ("AWS_SECRET_ACCESS_KEY", "bench"),
                ("AWS_ENDPOINT_URL", store.endpoint()),
                ("TABLE_NAME", TABLE),
                ("OFFER_SIGNING_KEYS", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let function = Self { process, simulator };
        function.simulator.wait_for_phase(SimulatorPhase::Ready, TIMEOUT).await?;
        Ok(function)
    }

    /// Invokes the function; the JSON of its reply, which must have that status.
    async fn invoke(&self, event: &Value, status: u64) -> Result<Value> {
        let mut invocation = InvocationBuilder::new().payload(event.clone()).build()?;
        invocation.trace_id.push_str(";Sampled=0"); // as most are
        let id = self.simulator.enqueue(invocation).await;
        let state = self.simulator.wait_for_invocation_complete(&id, TIMEOUT).await?;
        let reply =
            state.response.with_context(|| format!("the function failed: {:?}", state.error))?.payload;
        ensure!(reply["statusCode"].as_u64() == Some(status), "the function returned {reply}");
        let body = reply["body"].as_str().with_context(|| format!("a reply without a body: {reply}"))?;
        Ok(serde_json::from_str(body)?)
    }

    /// The CPU its threads have spent so far, in nanoseconds.
    fn cpu_nanos(&self) -> Result<u64> {
        let pid = self.process.id().context("the function runs")?;
        let threads =
            std::fs::read_dir(format!("/proc/{pid}/task")).context("reading CPU times needs Linux")?;
        let mut nanos = 0;
        for thread in threads {
            let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let first = spent.split_whitespace().next().context("a schedstat begins with the time on CPU")?;
            nanos += first.parse::<u64>()?;
        }
        Ok(nanos)
    }

    async fn end(mut self) -> Result<()> {
        self.process.kill().await?;
        Ok(())
    }
}

/// Books through the function; returns the record locator.
async fn book(function: &Function) -> Result<String> {
    let date = day(40).to_string();
    let search = [("from", "SFO"), ("to", "TYO"), ("date", &*date), ("adults", "1"), ("cabin", "economy")];
    let found = function.invoke(&request("GET", "/flights", &search, None), 200).await?;
    let offer = nonstop(&found["offers"]).next().context("no flight has a seat")?;
    let booking = request("POST", "/bookings", &[], Some(&booking_request(offer, 1)));
    let booked = function.invoke(&booking, 201).await?;
    Ok(booked["record_locator"].as_str().context("a booking has a record locator")?.to_owned())
}

/// An event of the gateway. Without `traceparent`, as most callers send none.
fn request(method: &str, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Value {
    let mut event = gateway_request(method, path, query, Some("noor-haddad"), body);
    for headers in ["headers", "multiValueHeaders"] {
        event[headers].as_object_mut().and_then(|headers| headers.remove("traceparent"));
    }
    event
}
