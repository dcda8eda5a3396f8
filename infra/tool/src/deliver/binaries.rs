//! A service's binaries, the same bytes from the same commit on every machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{built, cargo, run};

/// Builds the binaries of `package` as they are shipped; where they lie.
///
/// # Errors
/// When they can't be built, or there is no Rust to build them with.
pub(super) fn build(package: &str) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--release", "--locked", "--package", package, "--bins"]);
    build.env("CARGO_ENCODED_RUSTFLAGS", machines_forgotten()?);
    // The allocator's C code uses `__DATE__` and `__TIME__`: a fixed value keeps builds reproducible.
    build.env("SOURCE_DATE_EPOCH", "0");
    run(build)?;
    built("release")
}

/// Makes the compiler leave out where this machine keeps Rust and the registry: panics name the files that they come from, and
/// those names are part of a binary. Our own are relative to the project and the same everywhere.
fn machines_forgotten() -> Result<String> {
    let about = said_by_rustc(&["--version", "--verbose"])?;
    let commit = about.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let commit =
        commit.context("rustc doesn't say which commit it was built from: use a released toolchain")?;
    let sysroot = said_by_rustc(&["--print", "sysroot"])?;
    Ok(flags(&registry()?, Path::new(sysroot.trim()), commit))
}

/// The flags, separated as `CARGO_ENCODED_RUSTFLAGS` has them.
fn flags(registry: &Path, sysroot: &Path, commit: &str) -> String {
    let library = sysroot.join("lib/rustlib/src/rust");
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // Where the library's source isn't installed, the compiler names it by its commit.
    [remap(registry, "/cargo"), remap(&library, &format!("/rustc/{commit}"))].join("\u{1f}")
}

fn said_by_rustc(arguments: &[&str]) -> Result<String> {
    let rustc = Command::new("rustc").args(arguments).output().context("starting rustc")?;
    if !rustc.status.success() {
        bail!("rustc {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&rustc.stderr).trim());
    }
    Ok(String::from_utf8(rustc.stdout)?)
}

/// Where cargo keeps what it fetched.
fn registry() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.context("cargo's home is unknown: set CARGO_HOME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_rust_and_the_registry_lie_is_left_out() {
        let flags = flags(Path::new("/home/a/.cargo"), Path::new("/opt/rust"), "c0ffee");
        assert_eq!(
            flags.split('\u{1f}').collect::<Vec<_>>(),
            [
                "--remap-path-prefix=/home/a/.cargo=/cargo",
                "--remap-path-prefix=/opt/rust/lib/rustlib/src/rust=/rustc/c0ffee",
            ]
        );
    }

    #[test]
    fn this_machine_can_be_forgotten() {
        let flags = machines_forgotten().unwrap();
        assert_eq!(flags.matches("--remap-path-prefix=").count(), 2, "{flags}");
    }
}
