//! `cargo xtask test`: every check there is, part by part, and what came of each.

use std::fmt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::browser;
use crate::contract;
use crate::infra;
use crate::project::Project;
use crate::run;
use crate::steps::{Steps, seconds};
use crate::tools;
use crate::up;
use crate::web;

/// What [`test`] runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Run these parts only; without a name, all of them
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Passed on to Playwright, after `--`
    #[arg(last = true)]
    playwright: Vec<String>,
}

/// One part of the suite. They run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Unit, store, HTTP, event, Lambda and journey tests, and the examples in the documentation
    Rust,
    /// The wire's types with their generators: the committed contracts are what the types say, and break no reader
    Contracts,
    /// The templates keep every rule there is for them
    Infra,
    /// What the browser runs compiles for wasm32
    Wasm,
    /// The web app builds and keeps its size budget
    Web,
    /// Every service in an emulated account of its own: the journeys there, and deployments that go wrong
    Emulate,
    /// The journeys in a real browser, and axe on every page
    Browser,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rust => "rust: cargo test of the whole workspace",
            Self::Contracts => "contracts: fresh, and break no reader",
            Self::Infra => "infra: the templates keep every rule",
            Self::Wasm => "wasm: api-types and frontend for wasm32",
            Self::Web => "web: the app builds within its budget",
            Self::Emulate => "emulate: deployed into emulated accounts",
            Self::Browser => "browser: Playwright and axe in Chromium",
        })
    }
}

/// What came of a part: said in the summary.
struct Outcome {
    part: Part,
    took: Duration,
    result: Result<Vec<String>>,
}

/// Runs the parts in order, the later ones even if an earlier one failed, and sums up.
///
/// # Errors
/// When a part failed or could not run.
pub(crate) fn test(project: &Project, options: &Options) -> Result<()> {
    let chosen: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| options.parts.is_empty() || options.parts.contains(part))
        .collect();
    let started = Instant::now();
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(chosen.len());
    for (place, part) in chosen.iter().copied().enumerate() {
        println!("\n=== {}/{} {part} ===", place + 1, chosen.len());
        let begun = Instant::now();
        let passed = |part| outcomes.iter().any(|outcome| outcome.part == part && outcome.result.is_ok());
        let (whole_rust_built, web_app_built) = (passed(Part::Rust), passed(Part::Web));
        let result = match part {
            Part::Rust => rust(project),
            Part::Contracts => contracts(project),
            Part::Infra => templates(project, whole_rust_built),
            Part::Wasm => wasm(project),
            Part::Web => web_app(project),
            Part::Emulate => emulated(project, whole_rust_built, web_app_built),
            Part::Browser => journeys(project, whole_rust_built, &options.playwright),
        };
        let took = begun.elapsed();
        match &result {
            Ok(_) => println!("=== passed in {} ===", seconds(took)),
            Err(error) => println!("=== failed after {}: {error:#} ===", seconds(took)),
        }
        outcomes.push(Outcome { part, took, result });
    }
    sum_up(&outcomes, started.elapsed())
}

fn sum_up(outcomes: &[Outcome], took: Duration) -> Result<()> {
    println!("\n=== summary ===");
    for outcome in outcomes {
        let word = if outcome.result.is_ok() { "passed" } else { "FAILED" };
        println!("{word}  {:<42} {:>12}", outcome.part, seconds(outcome.took));
    }
    for outcome in outcomes {
        match &outcome.result {
            Ok(closing) => closing.iter().for_each(|line| println!("{line}")),
            Err(error) => println!("{}: {error:#}", outcome.part),
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    println!("{} of {} parts passed in {}", outcomes.len() - failed, outcomes.len(), seconds(took));
    if failed > 0 {
        bail!("{failed} of {} parts failed", outcomes.len());
    }
    Ok(())
}

fn rust(project: &Project) -> Result<Vec<String>> {
    tools::need_c_compiler()?;
    let mut test = project.cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]);
    cargo_tests(test)
}

fn contracts(project: &Project) -> Result<Vec<String>> {
    let mut test = project.cargo();
    test.args(["test", "--package", "api-types", "--features", "openapi", "--no-fail-fast"]);
    let mut closing = cargo_tests(test)?;
    closing.extend(contract::check_all(project)?);
    Ok(closing)
}

fn cargo_tests(test: std::process::Command) -> Result<Vec<String>> {
    let heard = run::aloud(test, |line| line.starts_with("test result: "))?;
    let tally = Tally::of(&heard.kept);
    ended_well(heard.status, &tally.to_string())?;
    if tally.passed == 0 {
        bail!("no test ran");
    }
    Ok(vec![tally.to_string()])
}

fn wasm(project: &Project) -> Result<Vec<String>> {
    let mut steps = Steps::new(tools::WEB_STEPS);
    tools::prepare_web(project, &mut steps)?;
    let mut check = project.cargo();
    check.args([
        "check",
        "--target",
        "wasm32-unknown-unknown",
        "--package",
        "api-types",
        "--package",
        "frontend",
    ]);
    ended_well(check.status()?, "cargo check")?;
    Ok(Vec::new())
}

fn web_app(project: &Project) -> Result<Vec<String>> {
    let mut steps = Steps::new(tools::WEB_STEPS + web::STEPS);
    tools::prepare_web(project, &mut steps)?;
    let sizes = web::build(project, &mut steps)?;
    sizes.within_budget()?;
    Ok(Vec::new())
}

fn templates(project: &Project, tool_is_built: bool) -> Result<Vec<String>> {
    if !tool_is_built {
        infra::build(project)?;
    }
    let mut check = infra::command(project);
    check.arg("check");
    let heard = run::aloud(check, |line| line.contains(" rules kept"))?;
    ended_well(heard.status, "infra check")?;
    if heard.kept.is_empty() {
        bail!("no template was checked");
    }
    let mut said = heard.kept;
    said.extend(with_tools(project, "faulty")?);
    Ok(said)
}

/// The functions that are deployed are those that the Rust part has just built and tested, the web app's files those of
/// the web part.
fn emulated(project: &Project, whole_rust_is_built: bool, web_app_is_built: bool) -> Result<Vec<String>> {
    let web_steps = if web_app_is_built { 0 } else { tools::WEB_STEPS + web::STEPS };
    let mut steps = Steps::new(web_steps + usize::from(!whole_rust_is_built));
    if !web_app_is_built {
        tools::prepare_web(project, &mut steps)?;
        web::build(project, &mut steps)?;
    }
    if !whole_rust_is_built {
        tools::need_c_compiler()?;
        // As the Rust part builds it: other features would compile half of the dependencies a second time.
        steps.step("infra-tool and the services", |ticker| {
            let mut build = project.cargo();
            build.args(["test", "--workspace", "--no-run"]);
            run::quietly(build, &project.tools().join("log/emulate.log"), ticker)?;
            Ok("built".to_owned())
        })?;
    }
    let mut emulate = infra::command(project);
    emulate.arg("emulate").arg("--binaries").arg(project.target().join("debug"));
    let heard = run::aloud(emulate, |line| line.starts_with("emulated deployment and its journeys"))?;
    ended_well(heard.status, "infra emulate")?;
    if heard.kept.is_empty() {
        bail!("nothing was deployed");
    }
    let mut said = heard.kept;
    said.extend(with_tools(project, "mishaps")?);
    said.extend(with_tools(project, "deliver")?);
    Ok(said)
}

/// Tests of `infra-tool` that need tools which `cargo test` alone doesn't install.
fn with_tools(project: &Project, tests: &str) -> Result<Vec<String>> {
    let mut test = project.cargo();
    test.args(["test", "--workspace", "--test", tests, "--", "--ignored"]);
    cargo_tests(test)
}

/// `local_is_built`: the part before has just built it, with the features that testing everything needs;
/// asking cargo again would compile half of its dependencies a second time.
fn journeys(project: &Project, local_is_built: bool, more: &[String]) -> Result<Vec<String>> {
    let mut steps =
        Steps::new(browser::HARNESS_STEPS + tools::WEB_STEPS + web::STEPS + usize::from(!local_is_built));
    browser::bring_harness(project, &mut steps)?;
    tools::prepare_web(project, &mut steps)?;
    web::build(project, &mut steps)?;
    if !local_is_built {
        steps.step("local server", |ticker| up::build_local(project, false, ticker))?;
    }
    let mut playwright = browser::playwright(project, &up::local(project, false));
    playwright.args(more);
    let heard = run::aloud(playwright, is_playwrights_closing_line)?;
    ended_well(heard.status, &heard.kept.join(", "))?;
    if !heard.kept.iter().any(|line| line.contains(" passed")) {
        bail!("no journey ran");
    }
    if let Some(skipped) =
        heard.kept.iter().find(|line| line.contains(" skipped") || line.contains(" did not run"))
    {
        bail!("not every journey ran: {skipped}");
    }
    Ok(heard.kept)
}

fn ended_well(status: ExitStatus, said: &str) -> Result<()> {
    if !status.success() {
        bail!("{said} ({status})");
    }
    Ok(())
}

/// `  42 passed (1.2m)` and its like.
fn is_playwrights_closing_line(line: &str) -> bool {
    let line = line.trim();
    let Some((count, outcome)) = line.split_once(' ') else { return false };
    count.bytes().all(|byte| byte.is_ascii_digit())
        && ["passed", "failed", "flaky", "skipped", "did not run", "interrupted"]
            .iter()
            .any(|word| outcome.starts_with(word))
}

/// The closing lines of many test binaries as one.
#[derive(Default, Debug, PartialEq)]
struct Tally {
    failed_binaries: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    measured: u64,
    filtered: u64,
    secs: f64,
}

impl Tally {
    fn of(lines: &[String]) -> Self {
        let mut tally = Self::default();
        for line in lines {
            let Some((word, counts)) = line.trim_start_matches("test result: ").split_once(". ") else {
                continue;
            };
            tally.failed_binaries += u64::from(word != "ok");
            for count in counts.split("; ") {
                if let Some(secs) = count.strip_prefix("finished in ") {
                    tally.secs += secs.trim_end_matches('s').parse().unwrap_or(0.0);
                    continue;
                }
                let Some((number, what)) = count.split_once(' ') else { continue };
                let number = number.parse().unwrap_or(0);
                match what {
                    "passed" => tally.passed += number,
                    "failed" => tally.failed += number,
                    "ignored" => tally.ignored += number,
                    "measured" => tally.measured += number,
                    "filtered out" => tally.filtered += number,
                    _ => {} // a count that a later cargo may add
                }
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failed_binaries, passed, failed, ignored, measured, filtered, secs } = self;
        let word = if *failed_binaries == 0 { "ok" } else { "FAILED" };
        write!(
            f,
            "test result: {word}. {passed} passed; {failed} failed; {ignored} ignored; {measured} measured; \
             {filtered} filtered out; finished in {secs:.2}s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_many_binaries_become_one() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.50s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s",
        ];
        assert_eq!(
            Tally::of(&lines.map(str::to_owned)).to_string(),
            "test result: FAILED. 15 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.75s"
        );
    }

    #[test]
    fn playwrights_closing_lines_are_told_from_its_others() {
        for (line, closing) in [
            ("  42 passed (1.2m)", true),
            ("  1 failed", true),
            ("  2 did not run", true),
            ("Running 42 tests using 2 workers", false),
            ("  ok  1 [phone-light] > journey.spec.ts:5:1 > a traveller passed (3s)", false),
        ] {
            assert_eq!(is_playwrights_closing_line(line), closing, "{line}");
        }
    }

    #[test]
    fn a_part_that_failed_fails_the_suite() {
        let outcome = |part, result| Outcome { part, took: Duration::ZERO, result };
        let fine = || outcome(Part::Rust, Ok(Vec::new()));
        assert!(sum_up(&[fine()], Duration::ZERO).is_ok());
        let broken = outcome(Part::Web, Err(anyhow::anyhow!("too large")));
        assert!(sum_up(&[fine(), broken], Duration::ZERO).is_err());
    }
}
