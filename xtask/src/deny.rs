//! `cargo xtask deny`: may we use and ship what we depend on?

use anyhow::{Result, bail};

use crate::project::Project;
use crate::steps::Steps;
use crate::tools::CARGO_DENY;

/// Checks licences, sources and banned crates by `deny.toml`.
///
/// Advisories are left out: their database is a git repository that not every build machine reaches. Where it is
/// reached, `cargo deny check advisories` checks them by the same file.
///
/// # Errors
/// When cargo-deny can't be installed, or finds something.
pub(crate) fn check(project: &Project) -> Result<()> {
    Steps::new(1).step(&CARGO_DENY.name(), |ticker| CARGO_DENY.bring(project, ticker))?;
    let mut deny = project.command(project.tools().join("bin/cargo-deny"));
    deny.args([
        "--workspace",
        "--all-features",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]);
    if !deny.status()?.success() {
        bail!("cargo-deny refuses a dependency");
    }
    Ok(())
}
