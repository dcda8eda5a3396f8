//! The checks' and the emulator's Python tools: pinned to the last dependency, each set in an environment of its own in
//! `.tools/`, because their own pins exclude each other.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::project;

/// A set of tools that live together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tools {
    /// cfn-lint and the SAM translator.
    Lint,
    /// checkov.
    Checkov,
    /// ministack and boto3.
    Emulator,
}

impl Tools {
    fn requirements(self) -> (&'static str, &'static str) {
        match self {
            Self::Lint => ("lint", include_str!("../python/lint.txt")),
            Self::Checkov => ("checkov", include_str!("../python/checkov.txt")),
            Self::Emulator => ("emulator", include_str!("../python/emulator.txt")),
        }
    }

    /// The folder of the set's programs, installed if it isn't yet (once per change of a version; needs the network).
    ///
    /// # Errors
    /// When Python is missing, or an installation fails.
    pub(crate) fn bring(self) -> Result<PathBuf> {
        let (name, requirements) = self.requirements();
        let digest = hex(&Sha256::digest(requirements));
        let home = project::root().join(format!(".tools/infra/{name}-{}", &digest[..12]));
        let programs = home.join("bin");
        // Programs of a Python environment name its folder: one that was moved or copied is made again.
        let complete = home.join("complete");
        let is_complete =
            || std::fs::read_to_string(&complete).is_ok_and(|made_in| home == Path::new(&made_in));
        if is_complete() {
            return Ok(programs);
        }
        let tools = home.parent().context("the tools lie in a folder")?;
        std::fs::create_dir_all(tools).with_context(|| format!("making {}", tools.display()))?;
        // Whoever else installs it at this moment is waited for.
        let lock = File::create(tools.join(format!("{name}.lock")))?;
        lock.lock().with_context(|| format!("waiting for another installation of the {name} tools"))?;
        if is_complete() {
            return Ok(programs);
        }
        need_python("python3")?;
        eprintln!("installing the {name} tools into .tools, once; takes about a minute");
        let list = home.join("requirements.txt");
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&home);
        succeed(make).context("making a Python environment")?;
        std::fs::write(&list, requirements)?;
        let mut install = Command::new(programs.join("pip"));
        // The list is complete: nothing is resolved, so nothing can come in another version.
        install
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"])
            .arg(&list);
        succeed(install).with_context(|| format!("installing the {name} tools"))?;
        std::fs::write(&complete, home.to_string_lossy().as_bytes())?;
        Ok(programs)
    }
}

/// A Python that can make environments.
fn need_python(python: &str) -> Result<()> {
    let mut probe = Command::new(python);
    probe.args(["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]);
    if !output(probe).is_ok_and(|done| done.status.success()) {
        bail!(
            "the templates' tools need python3, 3.10 or newer, with its venv module: install both (Debian: apt-get install python3-venv)"
        );
    }
    Ok(())
}

/// A script of ours in `python/`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}

/// Runs `command` and keeps its output.
///
/// # Errors
/// When it can't be started.
pub(crate) fn output(mut command: Command) -> Result<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).output().with_context(|| format!("starting {program}"))
}

fn succeed(command: Command) -> Result<()> {
    let done = output(command)?;
    if !done.status.success() {
        bail!("{}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_will_not_do_is_said_with_what_to_install() {
        need_python("python3").unwrap();
        for none in ["no-such-python", "false"] {
            let said = need_python(none).unwrap_err().to_string();
            assert!(said.contains("3.10 or newer, with its venv module: install both"), "{said}");
        }
    }
}
