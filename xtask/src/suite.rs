//! `cargo xtask test`: all checks, part by part, and a summary.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use indicatif::FormattedDuration;

use crate::browser;
use crate::contract;
use crate::infra;
use crate::limit;
use crate::output::show;
use crate::project::Project;
use crate::steps;
use crate::tools;
use crate::up;
use crate::web;

/// How long one test may take.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// How long one test may take that deploys into emulated accounts.
const DEPLOYING_LIMIT: Duration = Duration::from_secs(20 * 60);

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
    /// The code is formatted by rustfmt
    Format,
    /// No warnings, for this machine and for the browser's wasm32
    Clippy,
    /// Dependencies keep deny.toml: licences, sources, banned crates
    Licences,
    /// The tests of the whole workspace, and the examples in its documentation
    Rust,
    /// The committed contracts are up to date and break no consumer
    Contracts,
    /// The templates keep all rules for them
    Infra,
    /// The web app builds within its size budget
    Web,
    /// Deployed into emulated accounts: the journeys there, and deployments that fail
    Emulate,
    /// The journeys in a real browser, and axe on every page
    Browser,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.to_possible_value().expect("no part is hidden");
        write!(f, "{}: {}", part.get_name(), part.get_help().expect("each part is described"))
    }
}

/// The result of a part: the closing lines of its runners.
struct Outcome {
    part: Part,
    took: Duration,
    result: Result<Vec<String>>,
}

/// Runs the parts in order, the later ones even if an earlier one failed, and prints a summary.
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
        let rust_is_built = passed(Part::Rust);
        let result = match part {
            Part::Format => format(project),
            Part::Clippy => clippy(project),
            Part::Licences => licences(project),
            Part::Rust => rust(project),
            // The Rust part has run the services' contract tests.
            Part::Contracts => contract::check_all(project, rust_is_built),
            Part::Infra => templates(project, rust_is_built),
            Part::Web => web::build_within_budget(project).map(|()| Vec::new()),
            Part::Emulate => emulated(project, rust_is_built, passed(Part::Web)),
            Part::Browser => journeys(project, rust_is_built, &options.playwright),
        };
        let took = begun.elapsed();
        match &result {
            Ok(_) => println!("=== passed in {} ===", FormattedDuration(took)),
            Err(error) => println!("=== failed after {}: {error:#} ===", FormattedDuration(took)),
        }
        outcomes.push(Outcome { part, took, result });
    }
    summary(&outcomes, started.elapsed())
}

fn summary(outcomes: &[Outcome], took: Duration) -> Result<()> {
    println!("\n=== summary ===");
    for Outcome { part, took, result } in outcomes {
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!("{word}  {}  {part}", FormattedDuration(*took));
    }
    for outcome in outcomes {
        match &outcome.result {
            Ok(closing) => closing.iter().for_each(|line| println!("{line}")),
            Err(error) => println!("{}: {error:#}", outcome.part),
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    let passed = outcomes.len() - failed;
    println!("{passed} of {} parts passed in {}", outcomes.len(), FormattedDuration(took));
    if failed > 0 {
        bail!("{failed} of {} parts failed", outcomes.len());
    }
    Ok(())
}

fn format(project: &Project) -> Result<Vec<String>> {
    show(project.cargo(["fmt", "--all", "--check"]), |_| false)?.check("run `cargo fmt --all`")?;
    Ok(Vec::new())
}

fn clippy(project: &Project) -> Result<Vec<String>> {
    tools::need_c_compiler()?;
    steps::run([tools::wasm_target(project)])?;
    let wasm = ["--target", tools::WASM_TARGET, "--package", "api-types", "--package", "frontend"];
    let [workspace, browser] = [["--workspace", "--all-targets"].as_slice(), &wasm].map(|what| {
        let clippy = project.cargo(["clippy"]).args(what).args(["--", "--deny", "warnings"]);
        show(clippy, |_| false)?.check("clippy has warnings")
    });
    workspace.and(browser).map(|()| Vec::new())
}

/// Advisories are left out: their database is a git repository that not every build machine reaches. Where it is
/// reached, `cargo deny check advisories` checks them by the same file.
fn licences(project: &Project) -> Result<Vec<String>> {
    steps::run([tools::deny_step(project)])?;
    let options =
        ["--workspace", "--all-features", "--log-level", "error", "check", "--hide-inclusion-graph"];
    let deny = project.command("cargo-deny").args(options).args(["bans", "licenses", "sources"]);
    show(deny, |_| false)?.check("cargo-deny refuses a dependency")?;
    Ok(Vec::new())
}

fn rust(project: &Project) -> Result<Vec<String>> {
    tools::need_c_compiler()?;
    cargo_test(project, LIMIT, &["--workspace", "--no-fail-fast"])
}

fn templates(project: &Project, tool_is_built: bool) -> Result<Vec<String>> {
    if !tool_is_built {
        infra::build(project)?;
    }
    let mut closing = infra_tool(project, &["check".as_ref()], " rules kept")?;
    closing.extend(cargo_test(project, LIMIT, &["--workspace", "--test", "faulty", "--", "--ignored"])?);
    Ok(closing)
}

/// Deploys the functions that the Rust part built and tested, and the files of the web part.
fn emulated(project: &Project, rust_is_built: bool, web_app_is_built: bool) -> Result<Vec<String>> {
    if !web_app_is_built {
        steps::run(web::steps(project))?;
    }
    if !rust_is_built {
        tools::need_c_compiler()?;
        // As the Rust part builds it: other features would compile half of the dependencies a second time.
        steps::run([steps::Step::command(
            "infra-tool and the services",
            project.cargo(["test", "--workspace", "--no-run"]),
            project.tools().join("log/emulate.log"),
        )])?;
    }
    let binaries = project.target().join("debug");
    let emulate = ["emulate".as_ref(), "--binaries".as_ref(), binaries.as_path()];
    let mut closing = infra_tool(project, &emulate, "emulated deployment and its journeys")?;
    let test = ["--workspace", "--test", "emulated", "--", "--ignored"];
    closing.extend(cargo_test(project, DEPLOYING_LIMIT, &test)?);
    Ok(closing)
}

/// Runs a verb of `infra-tool`; the lines that contain `closing`, which has to print at least one.
fn infra_tool(project: &Project, verb: &[&Path], closing: &str) -> Result<Vec<String>> {
    let shown = show(infra::command(project).args(verb), |line| line.contains(closing))?;
    shown.check("infra-tool failed")?;
    if shown.kept.is_empty() {
        bail!("infra-tool printed no line with `{closing}`");
    }
    Ok(shown.kept)
}

/// `local_is_built`: by the Rust part, with the features of the whole workspace; asking cargo for `local` alone would
/// compile half of its dependencies a second time.
fn journeys(project: &Project, local_is_built: bool, more: &[String]) -> Result<Vec<String>> {
    let mut row = web::steps(project);
    row.push(browser::step(project));
    if !local_is_built {
        row.push(up::build_local(project, false));
    }
    steps::run(row)?;
    let _tests = project.enter("frontend/tests");
    let playwright = browser::with_chromium(project.command("playwright"))
        .arg("test")
        .env("TERN_LOCAL", up::local(project, false))
        .env("TERN_DIST", project.dist())
        .args(more);
    let shown = show(playwright, is_playwrights_closing_line)?;
    shown.check(&shown.kept.join(", "))?;
    if !shown.kept.iter().any(|line| line.contains(" passed")) {
        bail!("no journey ran");
    }
    let left_out = |line: &&String| line.contains(" skipped") || line.contains(" did not run");
    if let Some(left_out) = shown.kept.iter().find(left_out) {
        bail!("not every journey ran: {left_out}");
    }
    Ok(shown.kept)
}

/// `  42 passed (1.2m)` and its like.
fn is_playwrights_closing_line(line: &str) -> bool {
    let Some((count, outcome)) = line.trim().split_once(' ') else { return false };
    count.bytes().all(|byte| byte.is_ascii_digit())
        && ["passed", "failed", "flaky", "skipped", "did not run", "interrupted"]
            .iter()
            .any(|word| outcome.starts_with(word))
}

/// `cargo test` with a limit for each test.
fn cargo_test(project: &Project, limit: Duration, arguments: &[&str]) -> Result<Vec<String>> {
    // A link to this program: a test may build xtask anew, and cargo then replaces it for a moment.
    let folder = tempfile::tempdir_in(project.target())?;
    let runner = folder.path().join("xtask");
    fs::hard_link(std::env::current_exe()?, &runner)?;
    let test = project.cargo(["test"]).args(limit::cargo_arguments(&runner, limit)).args(arguments);
    let shown = show(test, |line| {
        line.starts_with("test result: ")
            || line.starts_with(limit::ENDED)
            || line.starts_with("test ") && line.ends_with(" FAILED")
    })?;
    let (results, failures): (Vec<_>, Vec<_>) =
        shown.kept.iter().cloned().partition(|line| line.starts_with("test result: "));
    let (passed, total) = total(&results);
    shown.check(&failures.into_iter().chain([total.clone()]).collect::<Vec<_>>().join("\n"))?;
    if passed == 0 {
        bail!("no test ran");
    }
    Ok(vec![total])
}

/// How many tests passed, and the closing lines of many test binaries as one.
fn total(lines: &[String]) -> (u64, String) {
    let mut counts = ["passed", "failed", "ignored", "measured", "filtered out"].map(|what| (what, 0));
    let mut secs = 0.0;
    for (number, what) in lines
        .iter()
        .filter_map(|line| line.split_once(". "))
        .flat_map(|(_, line)| line.split("; ").filter_map(|count| count.split_once(' ')))
    {
        match counts.iter_mut().find(|(word, _)| *word == what) {
            Some((_, sum)) => *sum += number.parse().unwrap_or(0),
            None => secs += what.trim_start_matches("in ").trim_end_matches('s').parse().unwrap_or(0.0),
        }
    }
    let word = if lines.iter().all(|line| line.starts_with("test result: ok. ")) { "ok" } else { "FAILED" };
    let counted = counts.map(|(what, sum)| format!("{sum} {what}")).join("; ");
    (counts[0].1, format!("test result: {word}. {counted}; finished in {secs:.2}s"))
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
        let sum = "15 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.75s";
        assert_eq!(total(&lines.map(str::to_owned)), (15, format!("test result: FAILED. {sum}")));
    }

    #[test]
    fn playwrights_closing_lines_are_recognised() {
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
        assert!(summary(&[fine()], Duration::ZERO).is_ok());
        let broken = outcome(Part::Web, Err(anyhow::anyhow!("too large")));
        assert!(summary(&[fine(), broken], Duration::ZERO).is_err());
    }
}
