//! The Chromium that the browser tests and measurements run in: the machine's own, or Debian's.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::Cmd;

use crate::project::Project;
use crate::steps::{Progress, Step};

const PROGRAMS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const BY_HAND: &str = "install Chromium or Chrome, or name one in the variable CHROMIUM";

/// `CHROMIUM` if it is set, else the first one found.
fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| PROGRAMS.iter().find_map(|program| which::which(program).ok()))
}

/// Finds a Chromium, or installs Debian's where that needs no password.
pub(crate) fn step(project: &Project) -> Step<'_> {
    Step::new("Chromium", |progress| {
        if find().is_none() {
            progress.announce("installing Debian's chromium with apt-get, once");
            install(project, progress).context(BY_HAND)?;
        }
        match find() {
            Some(found) if found.is_file() => Ok(found.display().to_string()),
            Some(found) => bail!("CHROMIUM names {}, which doesn't exist", found.display()),
            None => bail!("apt-get installed no program named chromium: {BY_HAND}"),
        }
    })
}

/// Sets `CHROMIUM` for Playwright.
pub(crate) fn with_chromium(command: Cmd<'_>) -> Cmd<'_> {
    match find() {
        Some(chromium) => command.env("CHROMIUM", chromium),
        None => command,
    }
}

fn install(project: &Project, progress: &Progress) -> Result<()> {
    let root = project.command("id").arg("-u").quiet().read()? == "0";
    for arguments in [
        ["update", "--quiet"].as_slice(),
        ["install", "--yes", "--quiet", "--no-install-recommends", "chromium"].as_slice(),
    ] {
        let command = if root { project.command("env") } else { project.command("sudo").arg("-n") };
        let command = command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
        progress.run(command, &project.tools().join("log/chromium.log"))?;
    }
    Ok(())
}
