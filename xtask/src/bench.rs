//! `cargo xtask bench`: what Tern promises to be fast and small, measured on this machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::project::Project;
use crate::run;
use crate::sizes::{FIRST_LOAD_BUDGET, Sizes, WASM_BUDGET};
use crate::steps::{Steps, seconds};
use crate::tools;
use crate::up;
use crate::web;

/// What the first heading may take on a slow phone, in milliseconds.
const FIRST_HEADING_LIMIT_MS: f64 = 800.0;

/// What a second `up` may take until it listens.
const SECOND_UP_LIMIT: Duration = Duration::from_secs(5);

/// Builds everything as it is shipped and prints each figure beside its limit. A missed limit is printed, not an
/// error: figures belong to a machine and its load.
///
/// # Errors
/// When something doesn't build or run: then there is no figure.
pub(crate) fn bench(project: &Project) -> Result<()> {
    let mut steps = Steps::new(tools::WEB_STEPS + web::STEPS + browser::HARNESS_STEPS + 3);
    tools::prepare_web(project, &mut steps)?;
    let sizes = web::build(project, &mut steps)?;
    browser::bring_harness(project, &mut steps)?;
    // By itself: built together with the others, it would get their features too and be larger than it is.
    steps.step("booking-http as shipped", |ticker| {
        let mut build = project.cargo();
        build.args(["build", "--release", "--package", "api-booking", "--bin", "booking-http"]);
        run::quietly(build, &project.tools().join("log/booking-http.log"), ticker)?;
        Ok("built".to_owned())
    })?;
    steps.step("the least function", |ticker| {
        let mut build = project.cargo();
        build.args(["build", "--release", "--package", "service-kit", "--example", "least-function"]);
        run::quietly(build, &project.tools().join("log/least-function.log"), ticker)?;
        Ok("built".to_owned())
    })?;
    steps.step("local and the measurements", |ticker| {
        let mut build = project.cargo();
        build.args(["build", "--release", "--package", "local", "--package", "bench"]);
        run::quietly(build, &project.tools().join("log/bench.log"), ticker)?;
        Ok("built".to_owned())
    })?;

    println!("\n{}", machine(project)?);
    web_app(&sizes);
    first_heading(project)?;
    let release = project.target().join("release");
    let mut bench = project.command(release.join("bench"));
    bench
        .arg("--local")
        .arg(up::local(project, true))
        .arg("--web")
        .arg(project.dist())
        .arg("--booking-http")
        .arg(release.join("booking-http"))
        .arg("--least-function")
        .arg(release.join("examples/least-function"));
    if !bench.status()?.success() {
        bail!("the servers could not be measured");
    }
    second_up(project)?;
    println!("\nload at the end: {}", load()?);
    Ok(())
}

fn machine(project: &Project) -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let mut rustc = project.command("rustc");
    rustc.arg("--version");
    Ok(format!(
        "release build, {}; {} cores of {model}; load at the start: {}",
        run::output(rustc)?.trim(),
        available_parallelism()?,
        load()?
    ))
}

/// The load averages of one, five and fifteen minutes.
fn load() -> Result<String> {
    let load = fs::read_to_string("/proc/loadavg").context("reading the load needs Linux")?;
    Ok(load.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}

fn web_app(sizes: &Sizes) {
    println!("web app, brotli");
    print("wasm", sizes.largest_wasm() as f64 / 1000.0, "KB", WASM_BUDGET as f64 / 1000.0);
    print(
        "everything for the first load",
        sizes.largest_total() as f64 / 1000.0,
        "KB",
        FIRST_LOAD_BUDGET as f64 / 1000.0,
    );
}

fn first_heading(project: &Project) -> Result<()> {
    println!("web app on a slow phone: CPU 4 times slower, 1.6 Mbit/s, 150 ms a round trip, nothing cached");
    let data = scratch(project, "first-heading")?;
    let mut local = project.command(up::local(project, true));
    local.args(["--port", "0", "--data"]).arg(&data).arg("--web").arg(project.dist());
    let (server, address) = listening(local)?;
    let measured = measure_heading(project, &address);
    stop(project, server)?;
    fs::remove_dir_all(&data)?;
    let measured = measured?;
    let number = |load: &str, what: &str| measured[load][what].as_f64().unwrap_or(f64::NAN);
    print("first heading, median", number("median", "heading_ms"), "ms", FIRST_HEADING_LIMIT_MS);
    println!(
        "      slowest of {} loads {:.0} ms; first paint {:.0} ms; {:.1} KB over the wire with headers and data",
        measured["loads"],
        number("slowest", "heading_ms"),
        number("median", "paint_ms"),
        number("median", "bytes") / 1000.0
    );
    Ok(())
}

fn measure_heading(project: &Project, address: &str) -> Result<serde_json::Value> {
    let mut node = project.command("node");
    node.current_dir(project.path("frontend/tests")).arg("first-heading.mjs").arg(format!("{address}/"));
    if let Some(chromium) = browser::find() {
        node.env("CHROMIUM", chromium);
    }
    Ok(serde_json::from_str(&run::output(node)?)?)
}

fn second_up(project: &Project) -> Result<()> {
    println!("cargo xtask up, when nothing has changed");
    let data = scratch(project, "second-up")?;
    let mut took = Duration::ZERO;
    for _ in 0..2 {
        let mut up = project.cargo();
        up.args(["xtask", "up", "--port", "0", "--data"]).arg(&data);
        let begun = Instant::now();
        let (server, _) = listening(up)?;
        took = begun.elapsed();
        stop(project, server)?;
    }
    fs::remove_dir_all(&data)?;
    print("until it listens, the second time", took.as_secs_f64(), "s", SECOND_UP_LIMIT.as_secs_f64());
    Ok(())
}

/// An empty folder for one measurement's data.
fn scratch(project: &Project, name: &str) -> Result<std::path::PathBuf> {
    let data = project.target().join("bench").join(name);
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    Ok(data)
}

/// Starts a server and waits until it says where it listens.
fn listening(mut command: Command) -> Result<(Child, String)> {
    let mut server = command.env("RUST_LOG", "warn").stdout(Stdio::piped()).spawn()?;
    let said = server.stdout.take().context("its standard output is piped")?;
    let begun = Instant::now();
    let mut lines = BufReader::new(said).lines();
    for line in lines.by_ref() {
        if let Some(address) = line?.strip_prefix("listening on ") {
            let address = address.trim().to_owned();
            // Read on, or the server would block on a full pipe.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok((server, address));
        }
    }
    let status = server.wait()?;
    bail!("a server ended ({status}) after {} without listening", seconds(begun.elapsed()))
}

/// Asks the server to stop and waits until it has.
fn stop(project: &Project, mut server: Child) -> Result<()> {
    let mut kill = project.command("kill");
    kill.args(["-TERM", &server.id().to_string()]);
    run::output(kill)?;
    let status = server.wait()?;
    if !status.success() {
        bail!("a server stopped badly ({status})");
    }
    Ok(())
}

fn print(what: &str, value: f64, unit: &str, at_most: f64) {
    let word = if value <= at_most { "kept" } else { "MISSED" };
    println!("  {what:<58} {value:>9.3} {unit:<9} <= {at_most:<7} {word}");
}
