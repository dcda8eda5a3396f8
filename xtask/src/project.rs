//! Where things lie in the project, and the environment its commands run in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The checkout this xtask belongs to.
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The checkout that holds this crate.
    ///
    /// # Errors
    /// When the folder this was built in has gone: build it again.
    pub(crate) fn find() -> Result<Self> {
        // Cargo says where the crate lies now; the folder it was built in is for those who start the binary by hand.
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here
            .parent()
            .filter(|root| root.join("Cargo.lock").is_file())
            .with_context(|| format!("{} is not inside Tern's checkout", here.display()))?;
        Ok(Self { root: root.to_owned() })
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// `path` as a person in the checkout would type it.
    pub(crate) fn short<'p>(&self, path: &'p Path) -> std::path::Display<'p> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// Where tools are installed.
    pub(crate) fn tools(&self) -> PathBuf {
        self.path(".tools")
    }

    /// Where the built web app lies.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("frontend/dist")
    }

    /// Cargo's folder for host builds: the one that a developer's own `cargo build` uses.
    pub(crate) fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), |dir| self.root.join(dir))
    }

    /// A command in the checkout that finds the project's tools before the machine's, and has no standard input.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root).stdin(std::process::Stdio::null());
        if let Ok(path) = self.search_path() {
            command.env("PATH", path);
        }
        // What cargo tells a program it runs must not reach the cargo that this program runs:
        // build scripts would see another crate's variables and build again.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The cargo that runs this xtask.
    pub(crate) fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    fn search_path(&self) -> Result<OsString> {
        let own = [self.tools().join("bin"), self.tools().join("npm/node_modules/.bin")];
        let machine = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths(own.into_iter().chain(env::split_paths(&machine)))?)
    }
}

/// The first program of that name on the machine's search path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|file| file.is_file())
}
