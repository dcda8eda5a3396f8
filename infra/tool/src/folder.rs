//! A folder of its own for each run, so that two at a time don't write over each other's files.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project;

/// A run's folder. It stays if the run fails, for its logs to be read, until the next run begins.
pub(crate) struct Folder {
    path: PathBuf,
    /// Held while the run lives, however it ends: a folder whose lock is free is left over.
    _lock: File,
}

impl Folder {
    /// Makes one for a run of `verb`, and takes away what runs of it that are over left behind.
    ///
    /// # Errors
    /// When files can't be made or removed.
    pub(crate) fn make(verb: &str) -> Result<Self> {
        Self::make_in(&project::output().join(verb), &std::process::id().to_string())
    }

    fn make_in(all: &Path, name: &str) -> Result<Self> {
        fs::create_dir_all(all).with_context(|| format!("making {}", all.display()))?;
        for entry in fs::read_dir(all)? {
            let left = entry?.path();
            if left.is_dir() && is_over(&left)? {
                fs::remove_dir_all(&left).with_context(|| format!("removing {}", left.display()))?;
            }
        }
        let path = all.join(name);
        fs::create_dir_all(&path)?;
        let lock = File::create(path.join("lock"))?;
        lock.lock().with_context(|| format!("locking {}", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, for all went well.
    ///
    /// # Errors
    /// When its files can't be removed.
    pub(crate) fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.path).with_context(|| format!("removing {}", self.path.display()))
    }
}

/// Whether the run that made `folder` has ended.
fn is_over(folder: &Path) -> Result<bool> {
    let Ok(lock) = File::open(folder.join("lock")) else { return Ok(true) };
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("asking for a lock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_left_goes_at_the_next_and_what_one_uses_stays() {
        let all = tempfile::tempdir().unwrap();
        let left = Folder::make_in(all.path(), "1").unwrap();
        fs::write(left.path().join("emulator.log"), "why").unwrap();
        let left_path = left.path().to_owned();
        drop(left); // as a process that failed or was killed
        assert!(left_path.join("emulator.log").exists());

        let used = Folder::make_in(all.path(), "2").unwrap();
        assert!(!left_path.exists());
        let other = Folder::make_in(all.path(), "3").unwrap();
        assert!(used.path().join("lock").exists());
        other.remove().unwrap();
        used.remove().unwrap();
        assert_eq!(fs::read_dir(all.path()).unwrap().count(), 0);
    }
}
