//! The tools that building the web app and checking licences needs: which version, and how each comes into `.tools/`.
//!
//! Versions are exact because the parts must fit: wasm-bindgen's command refuses the output of any other version of
//! its crate, so two checkouts would fight over one global installation. They are built unoptimised: trunk installs in
//! under 2.5 minutes on two cores instead of 8 and builds the app as fast. Trunk's own downloads have no checksum of
//! ours, so it runs offline. The wasm target (rustup) and Chromium (the system) can't live in the project's folder.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, on_path};
use crate::run;
use crate::steps::{Steps, Ticker};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A tool that cargo builds from its sources.
pub(crate) struct CargoTool {
    package: &'static str,
    version: &'static str,
    /// The program to install and to ask for its version.
    program: &'static str,
    /// What `cargo install` needs besides.
    options: &'static [&'static str],
    /// What installing it took on two cores.
    takes: &'static str,
}

const TRUNK: CargoTool = CargoTool {
    package: "trunk",
    version: "0.22.1",
    program: "trunk",
    // It asks for rustc 1.96.1 and builds with ours. rustls: no OpenSSL headers on the machine.
    options: &["--locked", "--ignore-rust-version", "--no-default-features", "--features", "rustls"],
    takes: "about 2 minutes",
};

/// The same version as the crate `wasm-bindgen` in the workspace's Cargo.toml.
const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    version: "0.2.130",
    program: "wasm-bindgen",
    // Its own lock file asks for versions that are not everywhere to be had.
    options: &["--no-default-features"],
    takes: "about 1 minute",
};

pub(crate) const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    options: &["--locked", "--no-default-features"],
    takes: "about 1 minute",
};

/// wasm-opt comes with this npm package. Debian's own is too old for today's wasm.
const BINARYEN: &str = "132.0.0";

/// How many steps [`prepare_web`] takes.
pub(crate) const WEB_STEPS: usize = 4;

/// Brings what building the web app needs: the wasm target, trunk, wasm-bindgen, wasm-opt.
///
/// # Errors
/// One sentence that says what is missing on the machine, or how an installation failed.
pub(crate) fn prepare_web(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.step("wasm target", |ticker| wasm_target(project, ticker))?;
    for tool in [&TRUNK, &WASM_BINDGEN] {
        steps.step(&tool.name(), |ticker| tool.bring(project, ticker))?;
    }
    steps.step(&format!("wasm-opt {BINARYEN}"), |ticker| wasm_opt(project, ticker))
}

/// Names, for a build's fingerprint, everything above.
pub(crate) fn web_versions() -> String {
    format!("{} {} wasm-opt {BINARYEN}", TRUNK.name(), WASM_BINDGEN.name())
}

/// Adds to a trunk command what it must know of the tools: their versions, so that it takes no others.
pub(crate) fn tell_trunk(command: &mut Command) {
    let binaryen = BINARYEN.split('.').next().unwrap_or(BINARYEN);
    command
        .env("TRUNK_TOOLS_WASM_BINDGEN", WASM_BINDGEN.version)
        .env("TRUNK_TOOLS_WASM_OPT", format!("version_{binaryen}"));
}

/// Refuses to go on without a C compiler: SQLite and ring are C.
///
/// # Errors
/// When there is none.
pub(crate) fn need_c_compiler() -> Result<()> {
    if std::env::var_os("CC").is_none() && on_path("cc").is_none() {
        bail!(
            "no C compiler (`cc`) was found: install one, for example with `apt-get install gcc libc6-dev`"
        );
    }
    Ok(())
}

/// Refuses to go on without Node: wasm-opt, compressing and the browser journey run on it.
///
/// # Errors
/// When `node` or `npm` is missing.
pub(crate) fn need_node() -> Result<()> {
    for program in ["node", "npm"] {
        if on_path(program).is_none() {
            bail!("`{program}` was not found: install Node.js 20 or newer together with npm");
        }
    }
    Ok(())
}

impl CargoTool {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.program, self.version)
    }

    /// Installs the tool unless that very version is there already.
    ///
    /// # Errors
    /// When cargo can't fetch or build it.
    pub(crate) fn bring(&self, project: &Project, ticker: &mut Ticker) -> Result<String> {
        if self.is_there(project) {
            return Ok("already here".to_owned());
        }
        need_c_compiler()?;
        ticker.announce(&format!("installing into .tools, once; takes {}", self.takes));
        let workshop = project.target().join("tools");
        let mut install = project.cargo();
        install
            .args(["install", self.package, "--version", self.version, "--bin", self.program, "--force"])
            .args(self.options)
            .arg("--root")
            .arg(project.tools())
            // Unoptimised: it installs in a quarter of the time and builds the app as fast.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "64")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_TARGET_DIR", &workshop);
        run::quietly(install, &project.tools().join(format!("log/{}.log", self.program)), ticker)?;
        if !self.is_there(project) {
            bail!("{} was installed but doesn't say that it is version {}", self.program, self.version);
        }
        std::fs::remove_dir_all(&workshop).ok(); // only disk space is lost if it stays
        Ok("installed".to_owned())
    }

    fn is_there(&self, project: &Project) -> bool {
        let program = project.tools().join("bin").join(self.program);
        let mut ask = project.command(program);
        ask.arg("--version");
        run::output(ask).is_ok_and(|said| said.split_whitespace().nth(1) == Some(self.version))
    }
}

fn wasm_target(project: &Project, ticker: &mut Ticker) -> Result<String> {
    let mut ask = project.command("rustc");
    ask.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let libraries = run::output(ask).context("asking rustc where its libraries are")?;
    let is_there = || std::path::Path::new(libraries.trim()).is_dir();
    if is_there() {
        return Ok("already here".to_owned());
    }
    if on_path("rustup").is_none() {
        bail!(
            "rustup was not found: the target {WASM_TARGET} comes through it, install it from https://rustup.rs"
        );
    }
    ticker.announce("adding it to the toolchain with rustup");
    let mut add = project.command("rustup");
    add.args(["target", "add", WASM_TARGET]);
    run::quietly(add, &project.tools().join("log/wasm-target.log"), ticker)?;
    if !is_there() {
        bail!("rustup added {WASM_TARGET} to another toolchain than the one in use ({})", libraries.trim());
    }
    Ok("added".to_owned())
}

fn wasm_opt(project: &Project, ticker: &mut Ticker) -> Result<String> {
    let home = project.tools().join("npm");
    let manifest = home.join("node_modules/binaryen/package.json");
    let is_there = || -> Option<bool> {
        let package: serde_json::Value = serde_json::from_slice(&std::fs::read(&manifest).ok()?).ok()?;
        Some(
            package.get("version")?.as_str()? == BINARYEN && home.join("node_modules/.bin/wasm-opt").exists(),
        )
    };
    if is_there() == Some(true) {
        return Ok("already here".to_owned());
    }
    need_node()?;
    ticker.announce("installing into .tools, once; 104 MB");
    std::fs::create_dir_all(&home)?;
    let mut install = project.command("npm");
    install
        .args(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"])
        .arg("--prefix")
        .arg(&home)
        .arg(format!("binaryen@{BINARYEN}"));
    run::quietly(install, &project.tools().join("log/wasm-opt.log"), ticker)?;
    if is_there() != Some(true) {
        bail!("npm installed binaryen without the wasm-opt {BINARYEN} that was asked for");
    }
    Ok("installed".to_owned())
}
