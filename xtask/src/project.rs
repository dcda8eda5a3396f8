//! Paths inside the checkout, and the environment that its commands run in.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};
use xshell::{Cmd, PushDir, Shell};

/// The checkout that xtask was called in.
pub(crate) struct Project {
    shell: Shell,
    metadata: Metadata,
}

impl Project {
    /// The checkout around the current folder.
    pub(crate) fn find() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("reading the workspace")?;
        let shell = Shell::new()?;
        shell.change_dir(&metadata.workspace_root);
        let own =
            [".tools/bin", "frontend/tests/node_modules/.bin"].map(|path| metadata.workspace_root.join(path));
        let path = env::var_os("PATH").unwrap_or_default();
        let paths = own.into_iter().map(Into::into).chain(env::split_paths(&path));
        shell.set_var("PATH", env::join_paths(paths)?);
        Ok(Self { shell, metadata })
    }

    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.metadata.workspace_root.as_std_path().join(inside)
    }

    /// `path` relative to the checkout, for messages.
    pub(crate) fn short<'p>(&self, path: &'p Path) -> std::path::Display<'p> {
        path.strip_prefix(&self.metadata.workspace_root).unwrap_or(path).display()
    }

    /// Where tools are installed.
    pub(crate) fn tools(&self) -> PathBuf {
        self.path(".tools")
    }

    /// The folder of the built web app.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("frontend/dist")
    }

    /// Cargo's folder for builds for this machine.
    pub(crate) fn target(&self) -> PathBuf {
        self.metadata.target_directory.clone().into_std_path_buf()
    }

    /// The folders of `package` and of all packages of this workspace that it depends on, tests aside.
    pub(crate) fn sources_of(&self, package: &str) -> Result<Vec<PathBuf>> {
        let mut names = vec![package];
        let mut folders = Vec::new();
        while let Some(name) = names.pop() {
            let package = self.metadata.packages.iter().find(|package| package.name == name);
            let package = package.with_context(|| format!("the workspace has no package {name}"))?;
            let folder = package.manifest_path.with_file_name("").into_std_path_buf();
            if folders.contains(&folder) {
                continue;
            }
            folders.push(folder);
            let ours = package.dependencies.iter().filter(|dependency| {
                dependency.path.is_some() && dependency.kind != cargo_metadata::DependencyKind::Development
            });
            names.extend(ours.map(|dependency| dependency.name.as_str()));
        }
        Ok(folders)
    }

    /// Runs commands in that folder of the checkout, for as long as the guard lives.
    pub(crate) fn enter(&self, folder: impl AsRef<Path>) -> PushDir<'_> {
        self.shell.push_dir(self.path(folder))
    }

    /// A command in the checkout that finds the project's tools before the machine's.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Cmd<'_> {
        // Build scripts would see the variables that cargo set for xtask and be run again.
        let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        env::vars_os()
            .filter(|(name, _)| ours(&name.to_string_lossy()))
            .fold(self.shell.cmd(program.as_ref()), |command, (name, _)| command.env_remove(name))
    }

    /// The cargo that runs this xtask, with these arguments.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Cmd<'_> {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).args(arguments)
    }
}

/// Replaces this process by `command`, so that signals (`kill -9` included) reach it directly and its exit code is ours.
pub(crate) fn become_(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    Err(command.exec()).with_context(|| format!("starting {}", command.get_program().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_apps_sources_are_those_of_its_packages() {
        let project = Project::find().unwrap();
        let sources = project.sources_of("frontend").unwrap();
        assert_eq!(sources[0], project.path("frontend"));
        assert!(sources.contains(&project.path("api-types")), "{sources:?}");
        assert!(
            !sources.contains(&project.path("crates/contract-gate")),
            "only its tests need it: {sources:?}"
        );
    }
}
