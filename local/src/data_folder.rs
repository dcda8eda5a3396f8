//! The folder that keeps everything from one start to the next.
//!
//! | file | what it is |
//! |---|---|
//! | `tern-data.json` | the marker: this is Tern's folder, in this format; locked while a process uses it |
//! | `keys.json` | the keys of this folder's tokens and of its services' secrets |
//! | `<service>.sqlite` | a service's store |
//! | `bus.sqlite` | queues and checkpoints |
//!
//! Folder and files are readable by their owner only: they hold names, birth dates and keys.

mod keys;
mod sound;

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use keys::Keys;

const BUS: &str = "bus.sqlite";
const MARKER: &str = "tern-data.json";
/// A marker that is being written; left behind by a kill, it does not make a folder foreign.
const MARKER_IN_MAKING: &str = ".tern-data.new-";
const PRODUCT: &str = "tern local data";
/// Raised when a folder of an earlier version can no longer be read.
const FORMAT: u32 = 1;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    product: String,
    format: u32,
}

/// A data folder that is ours, whole, and held by this process until it is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    keys: Keys,
    _lock: File,
}

/// Why a folder can't be used. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    #[error("The data folder {} is not a folder.", .0.display())]
    NotAFolder(PathBuf),
    #[error(
        "The data folder {} holds other files and no {MARKER}: it isn't Tern's, so it was left as it is.",
        .0.display()
    )]
    Foreign(PathBuf),
    #[error(
        "The data folder {} is of format {found}; this version of Tern reads format {FORMAT} only.",
        .path.display()
    )]
    OtherFormat { path: PathBuf, found: u32 },
    #[error("The data folder {} is in use by another process.", .0.display())]
    InUse(PathBuf),
    #[error("{} is damaged or not Tern's: {why}.", .path.display())]
    Damaged { path: PathBuf, why: String },
    #[error("{} can't be read or written: {source}.", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl DataFolder {
    /// Opens the folder at `path`, or makes it if it is missing or empty.
    ///
    /// # Errors
    /// When it is another's, of another format, damaged, or in use. Then nothing in it was changed.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_dir() => return Err(DataFolderError::NotAFolder(path.to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path).map_err(at(path))?;
            }
            Err(error) => return Err(at(path)(error)),
        }
        let marker_path = path.join(MARKER);
        if !marker_path.exists() {
            if !is_empty(path)? {
                return Err(DataFolderError::Foreign(path.to_owned()));
            }
            make_marker(path)?;
        }
        let lock = hold(path, &marker_path)?;
        check_marker(path, &marker_path)?;
        let folder = Self { path: path.to_owned(), keys: Keys::default(), _lock: lock };
        for database in databases(path)? {
            if database.ends_with(BUS) {
                sound::check_bus(&database)?
            } else {
                sound::check_store(&database)?
            }
        }
        let keys = Keys::open_or_make(&path.join("keys.json"))?;
        make_private(path)?;
        Ok(Self { keys, ..folder })
    }

    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The database of `service`, made if missing.
    pub fn database(&self, service: &str) -> Result<PathBuf, DataFolderError> {
        self.private_file(&format!("{service}.sqlite"))
    }

    /// The database of the bus, made if missing.
    pub fn bus(&self) -> Result<PathBuf, DataFolderError> {
        self.private_file(BUS)
    }

    /// SQLite gives its other files the mode of the database.
    fn private_file(&self, name: &str) -> Result<PathBuf, DataFolderError> {
        let path = self.path.join(name);
        let made = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(&path);
        made.map_err(at(&path))?;
        Ok(path)
    }
}

/// The databases in the folder, by name.
fn databases(path: &Path) -> Result<Vec<PathBuf>, DataFolderError> {
    let mut databases = Vec::new();
    for entry in fs::read_dir(path).map_err(at(path))? {
        let file = entry.map_err(at(path))?.path();
        if file.extension().is_some_and(|extension| extension == "sqlite") {
            databases.push(file);
        }
    }
    databases.sort();
    Ok(databases)
}

/// Takes the permissions of group and others from a folder that an earlier version made.
fn make_private(path: &Path) -> Result<(), DataFolderError> {
    let restrict =
        |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at(path));
    restrict(path, FOLDER_MODE)?;
    for entry in fs::read_dir(path).map_err(at(path))? {
        let entry = entry.map_err(at(path))?;
        if entry.file_type().map_err(at(path))?.is_file() {
            restrict(&entry.path(), FILE_MODE)?;
        }
    }
    Ok(())
}

fn is_empty(path: &Path) -> Result<bool, DataFolderError> {
    for entry in fs::read_dir(path).map_err(at(path))? {
        let name = entry.map_err(at(path))?.file_name();
        if !name.to_string_lossy().starts_with(MARKER_IN_MAKING) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes the marker whole or not at all. Of two processes that start at once, one marker wins and both then
/// contend for its lock: linking refuses to replace it, where renaming would leave each with a lock of its own.
fn make_marker(path: &Path) -> Result<(), DataFolderError> {
    let marker = Marker { product: PRODUCT.to_owned(), format: FORMAT };
    let text = serde_json::to_vec(&marker).map_err(io::Error::other).map_err(at(path))?;
    let in_making = path.join(format!("{MARKER_IN_MAKING}{}", std::process::id()));
    write_durably(&in_making, &text).map_err(at(&in_making))?;
    let linked = match fs::hard_link(&in_making, path.join(MARKER)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    let removed = fs::remove_file(&in_making);
    linked.and(removed).and_then(|()| File::open(path)?.sync_all()).map_err(at(path))
}

fn hold(path: &Path, marker_path: &Path) -> Result<File, DataFolderError> {
    let marker = OpenOptions::new().read(true).write(true).open(marker_path).map_err(at(marker_path))?;
    match marker.try_lock() {
        Ok(()) => Ok(marker),
        Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(marker_path)(error)),
    }
}

fn check_marker(path: &Path, marker_path: &Path) -> Result<(), DataFolderError> {
    let text = fs::read(marker_path).map_err(at(marker_path))?;
    let marker: Marker = serde_json::from_slice(&text).map_err(|error| DataFolderError::Damaged {
        path: marker_path.to_owned(),
        why: format!("its marker can't be read ({error})"),
    })?;
    if marker.product != PRODUCT {
        return Err(DataFolderError::Foreign(path.to_owned()));
    }
    if marker.format != FORMAT {
        return Err(DataFolderError::OtherFormat { path: path.to_owned(), found: marker.format });
    }
    Ok(())
}

/// Writes a new file and waits until it is on the disk.
fn write_durably(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> DataFolderError {
    let path = path.to_owned();
    move |source| DataFolderError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_made_and_opens_again_with_the_same_keys() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/data");
        let first = DataFolder::open(&path).unwrap().keys().clone();
        assert_eq!(&first, DataFolder::open(&path).unwrap().keys());
        assert_ne!(&first, DataFolder::open(&parent.path().join("other")).unwrap().keys());
    }

    #[test]
    fn folder_and_files_are_their_owners_only_also_after_an_earlier_version() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for _ in 0..2 {
            let folder = DataFolder::open(&path).unwrap();
            let files = [
                folder.database("any").unwrap(),
                folder.bus().unwrap(),
                path.join("keys.json"),
                path.join(MARKER),
            ];
            assert_eq!(mode(&path), 0o700);
            for file in &files {
                assert_eq!(mode(file), 0o600, "{}", file.display());
                fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap(); // as it once was
            }
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let held = DataFolder::open(data.path()).unwrap();
        assert!(matches!(DataFolder::open(data.path()), Err(DataFolderError::InUse(_))));
        drop(held);
        DataFolder::open(data.path()).unwrap();
    }

    #[test]
    fn a_marker_cut_short_by_a_kill_does_not_make_the_folder_foreign() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(format!("{MARKER_IN_MAKING}7")), "{\"prod").unwrap();
        DataFolder::open(data.path()).unwrap();
    }

    #[test]
    fn what_is_not_ours_is_refused_and_left_as_it_is() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("thesis.doc", "years of work")], "isn't Tern's"),
            (&[(MARKER, "")], "marker can't be read"),
            (&[(MARKER, r#"{"product":"another","format":1}"#)], "isn't Tern's"),
            (&[(MARKER, r#"{"product":"tern local data","format":2}"#)], "is of format 2"),
            (
                &[(MARKER, r#"{"product":"tern local data","format":1}"#), ("booking.sqlite", "not a store")],
                "booking.sqlite is damaged or not Tern's",
            ),
            (
                &[(MARKER, r#"{"product":"tern local data","format":1}"#), ("keys.json", "{}")],
                "keys.json is damaged or not Tern's",
            ),
        ];
        for (files, sentence) in cases {
            let data = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(data.path().join(name), text).unwrap();
            }
            let error = DataFolder::open(data.path()).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
            assert_eq!(fs::read_dir(data.path()).unwrap().count(), files.len(), "{sentence}");
            for (name, text) in files {
                assert_eq!(fs::read_to_string(data.path().join(name)).unwrap(), *text);
            }
        }
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(DataFolder::open(file.path()), Err(DataFolderError::NotAFolder(_))));
    }
}
