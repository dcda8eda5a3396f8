//! A real browser for the journey: the machine's own Chromium, or Debian's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::project::{Project, on_path};
use crate::run;
use crate::steps::Ticker;

/// Names under which a Chromium is found, the plainest first.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Where a Mac keeps it.
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The Chromium of this machine: `CHROMIUM` if that is set, else the first one found.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    PROGRAMS
        .iter()
        .find_map(|program| on_path(program))
        .or_else(|| Some(PathBuf::from(MAC)).filter(|mac| mac.is_file()))
}

/// Finds a Chromium or installs Debian's where that needs no password.
///
/// # Errors
/// When there is none and none can be installed: says what to do.
pub(crate) fn bring(project: &Project, ticker: &mut Ticker) -> Result<String> {
    if let Some(found) = find() {
        if !found.is_file() {
            bail!("CHROMIUM names {}, which is not there", found.display());
        }
        return Ok(found.display().to_string());
    }
    let by_hand = "install Chromium or Chrome, or name one in the variable CHROMIUM";
    if on_path("apt-get").is_none() {
        bail!("no Chromium was found for the browser journey: {by_hand}");
    }
    let Some(as_root) = root(project) else {
        bail!(
            "no Chromium was found and apt-get needs a password here: {by_hand} (`sudo apt-get install chromium`)"
        );
    };
    ticker.announce("installing Debian's chromium with apt-get, once");
    for words in [
        ["update", "--quiet"].as_slice(),
        ["install", "--yes", "--quiet", "--no-install-recommends", "chromium"].as_slice(),
    ] {
        let mut command = as_root("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        run::quietly(command, &project.tools().join("log/chromium.log"), ticker)?;
    }
    match find() {
        Some(found) => Ok(format!("installed {}", found.display())),
        None => bail!("apt-get installed chromium, but no program of that name is on the path: {by_hand}"),
    }
}

/// How to run a command as root without being asked for anything, if that is possible.
fn root(project: &Project) -> Option<impl Fn(&str) -> Command + '_> {
    let mut ask = project.command("id");
    ask.arg("-u");
    let is_root = run::output(ask).is_ok_and(|id| id.trim() == "0");
    let sudo = !is_root && {
        let mut ask = project.command("sudo");
        ask.args(["-n", "true"]);
        run::output(ask).is_ok()
    };
    (is_root || sudo).then_some(move |program: &str| {
        if is_root {
            return project.command(program);
        }
        let mut command = project.command("sudo");
        command.args(["-n", program]);
        command
    })
}

/// How many steps [`bring_harness`] takes.
pub(crate) const HARNESS_STEPS: usize = 2;

/// Brings the browser and the npm packages of `frontend/tests`.
///
/// # Errors
/// When either can't be had.
pub(crate) fn bring_harness(project: &Project, steps: &mut crate::steps::Steps) -> Result<()> {
    steps.step("Chromium", |ticker| bring(project, ticker))?;
    steps.step("Playwright and axe", |ticker| packages(project, ticker))
}

/// Installs what `frontend/tests/package-lock.json` names, unless that very lock is installed.
fn packages(project: &Project, ticker: &mut Ticker) -> Result<String> {
    let tests = project.path("frontend/tests");
    let wanted = std::fs::read(tests.join("package-lock.json"))?;
    let stamp = tests.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok("already here".to_owned());
    }
    crate::tools::need_node()?;
    ticker.announce("installing from npm into frontend/tests/node_modules");
    let mut install = npm(project, &tests);
    install.args(["ci", "--no-audit", "--no-fund"]);
    run::quietly(install, &project.tools().join("log/playwright.log"), ticker)?;
    std::fs::write(stamp, wanted)?;
    Ok("installed".to_owned())
}

fn npm(project: &Project, folder: &Path) -> Command {
    let mut command = project.command("npm");
    // The machine's browser is used; Playwright's own download would be a second one.
    command.current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

/// Playwright's command in `frontend/tests`, told which browser, which server and which web app to use.
pub(crate) fn playwright(project: &Project, local: &Path) -> Command {
    let tests = project.path("frontend/tests");
    let mut command = project.command(tests.join("node_modules/.bin/playwright"));
    command.current_dir(tests).arg("test").env("TERN_LOCAL", local).env("TERN_DIST", project.dist());
    if let Some(chromium) = find() {
        command.env("CHROMIUM", chromium);
    }
    command
}
