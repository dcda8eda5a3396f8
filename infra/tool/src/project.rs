//! Where things lie.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service_descriptor::Services;

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(Path::to_path_buf).expect("this crate lies two folders below the root")
}

/// The templates' sources.
pub(crate) fn infra() -> PathBuf {
    root().join("infra")
}

/// Where rendered templates, zips and reports go.
pub(crate) fn output() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join("infra")
}

/// Reads a JSON file.
///
/// # Errors
/// When there is none, or it holds something else.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

/// Writes `content` as JSON that people can read, into a folder that is made if need be.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn write_json(path: &Path, content: &impl Serialize) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(content)? + "\n";
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// The files in `folder` and its folders, relative to it, by name.
///
/// # Errors
/// When a folder can't be read.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The services of the project, read once.
///
/// # Errors
/// When a descriptor is missing or breaks a rule.
pub(crate) fn services() -> Result<&'static Services> {
    static SERVICES: OnceLock<Services> = OnceLock::new();
    if let Some(services) = SERVICES.get() {
        return Ok(services);
    }
    let services = Services::read(&root())?;
    Ok(SERVICES.get_or_init(|| services))
}
