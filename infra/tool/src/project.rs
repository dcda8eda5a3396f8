//! Where things lie.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde::Serialize;
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

/// Writes `content` as JSON that people can read.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn write_json(path: &Path, content: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(content)? + "\n";
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
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
