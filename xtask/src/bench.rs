//! `cargo xtask bench`: builds what is shipped and measures it; the measurements are the package `bench`.

use anyhow::Result;

use crate::browser;
use crate::project::Project;
use crate::steps::{self, Step};
use crate::up;
use crate::web;

/// Prints each figure beside its limit. A missed limit is printed, not an error: figures depend on the machine and
/// its load.
pub(crate) fn bench(project: &Project) -> Result<()> {
    let mut row = web::steps(project);
    row.push(browser::step(project));
    // One by one: a package built together with others would get their features too.
    for (name, arguments) in [
        ("booking-http", "--package api-booking --bin booking-http"),
        ("the least function", "--package service-kit --example least-function"),
        ("local", "--package local"),
        ("the measurements", "--package bench"),
    ] {
        let build = project.cargo(["build", "--release"]).args(arguments.split(' '));
        row.push(Step::command(name, build, project.tools().join("log/bench.log")));
    }
    steps::run(row)?;

    web::first_loads(project)?.iter().for_each(|load| println!("{load}"));
    let release = project.target().join("release");
    let bench = browser::with_chromium(project.command(release.join("bench")))
        .arg("--local")
        .arg(up::local(project, true))
        .arg("--web")
        .arg(project.dist())
        .arg("--booking-http")
        .arg(release.join("booking-http"))
        .arg("--least-function")
        .arg(release.join("examples/least-function"));
    Ok(bench.run()?)
}
