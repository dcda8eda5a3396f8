//! The tools that building the web app and checking licences need, and how each is installed.
//!
//! Versions are exact: wasm-bindgen's command refuses the output of any other version of its crate, and a tool that
//! changes by itself changes the meaning of a commit. Trunk runs offline, since its own downloads have no checksum of
//! ours. The wasm target (rustup) and Chromium (the system) can't live in the project's folder.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::steps::{Progress, Step};

/// What the browser runs.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A tool that cargo builds from its sources into `.tools/`.
struct CargoTool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
    /// Further options of `cargo install`.
    options: &'static [&'static str],
}

const TRUNK: CargoTool = CargoTool {
    package: "trunk",
    version: "0.22.1",
    program: "trunk",
    // It requires rustc 1.96.1 and builds with ours. rustls: no OpenSSL headers on the machine.
    options: &["--locked", "--ignore-rust-version", "--no-default-features", "--features=rustls"],
};

/// The same version as the crate `wasm-bindgen` in the workspace's Cargo.toml.
const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    version: "0.2.130",
    program: "wasm-bindgen",
    // Its lock file names versions that not every mirror has.
    options: &["--no-default-features"],
};

const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    options: &["--locked", "--no-default-features"],
};

/// The tools for building the web app: the wasm target, trunk, wasm-bindgen, and the npm packages with wasm-opt.
pub(crate) fn web_steps(project: &Project) -> Vec<Step<'_>> {
    vec![wasm_target(project), TRUNK.step(project), WASM_BINDGEN.step(project), npm_packages(project)]
}

/// cargo-deny.
pub(crate) fn deny_step(project: &Project) -> Step<'_> {
    CARGO_DENY.step(project)
}

/// The versions of the web app's tools, for the fingerprint of a build; npm's are in its lock file.
pub(crate) fn web_versions() -> String {
    format!("{} {}", TRUNK.version, WASM_BINDGEN.version)
}

/// The version of wasm-bindgen that trunk has to take.
pub(crate) const WASM_BINDGEN_VERSION: &str = WASM_BINDGEN.version;

/// The version of wasm-opt that trunk has to take: that of npm's binaryen in `frontend/tests/package.json`.
pub(crate) const WASM_OPT_VERSION: &str = "version_132";

/// Fails without a C compiler: SQLite and ring are C.
pub(crate) fn need_c_compiler() -> Result<()> {
    if std::env::var_os("CC").is_none() && which::which("cc").is_err() {
        bail!(
            "no C compiler (`cc`) was found: install one, for example with `apt-get install gcc libc6-dev`"
        );
    }
    Ok(())
}

/// Fails without Node, which runs wasm-opt, the compression and the browser tests.
fn need_node() -> Result<()> {
    for program in ["node", "npm"] {
        if which::which(program).is_err() {
            bail!("`{program}` was not found: install Node.js 20 or newer together with npm");
        }
    }
    Ok(())
}

impl CargoTool {
    fn step<'a>(&'static self, project: &'a Project) -> Step<'a> {
        Step::new(format!("{} {}", self.program, self.version), |progress| self.install(project, progress))
    }

    fn install(&self, project: &Project, progress: &Progress) -> Result<String> {
        let program = project.tools().join("bin").join(self.program);
        let version = || project.command(&program).arg("--version").quiet().ignore_stderr().read();
        let installed = || version().is_ok_and(|text| text.split(' ').nth(1) == Some(self.version));
        if program.exists() && installed() {
            return Ok("installed".to_owned());
        }
        need_c_compiler()?;
        progress.announce("installing it into .tools, once; this takes 1 to 2 minutes");
        let build = project.target().join("tools");
        let install = project
            .cargo(["install", self.package, "--version", self.version, "--bin", self.program, "--force"])
            .args(self.options)
            .arg("--root")
            .arg(project.tools())
            // Unoptimised: it installs in a quarter of the time and builds the app as fast.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "64")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_TARGET_DIR", &build);
        progress.run(install, &project.tools().join(format!("log/{}.log", self.program)))?;
        if !installed() {
            bail!("cargo installed {} in another version than {}", self.program, self.version);
        }
        fs::remove_dir_all(&build).ok(); // only disk space is lost if it stays
        Ok("installed".to_owned())
    }
}

/// Adds the browser's target to the toolchain: rustup may be configured to install nothing by itself.
pub(crate) fn wasm_target(project: &Project) -> Step<'_> {
    Step::new("wasm target", |progress| {
        let libraries = ["--print", "target-libdir", "--target", WASM_TARGET];
        let libraries = project.command("rustc").args(libraries).quiet().read()?;
        if !Path::new(&libraries).is_dir() {
            if which::which("rustup").is_err() {
                bail!("rustup was not found; it installs the target {WASM_TARGET}: see https://rustup.rs");
            }
            let add = project.command("rustup").args(["target", "add", WASM_TARGET]);
            progress.run(add, &project.tools().join("log/wasm-target.log"))?;
        }
        Ok("installed".to_owned())
    })
}

/// Installs wasm-opt, Playwright and axe as `frontend/tests/package-lock.json` names them.
fn npm_packages(project: &Project) -> Step<'_> {
    Step::new("npm packages", |progress| {
        need_node()?;
        let tests = project.path("frontend/tests");
        let wanted = fs::read(tests.join("package-lock.json"))?;
        let stamp = tests.join("node_modules/.installed-lock.json");
        if !fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            progress.announce("installing them into frontend/tests/node_modules");
            let install = project
                .command("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
                .arg(&tests)
                // The machine's browser is used; Playwright's own download would be a second one.
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
            progress.run(install, &project.tools().join("log/npm.log"))?;
            fs::write(stamp, wanted)?;
        }
        Ok("installed".to_owned())
    })
}
