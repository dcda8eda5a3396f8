//! `cargo xtask contracts`: the OpenAPI documents and event schemas, written from the types.

use anyhow::{Result, bail};

use crate::project::Project;

/// Writes `api-types/contracts/` anew. A test of `api-types` fails when what is committed differs.
///
/// # Errors
/// When the generator doesn't build or can't write.
pub(crate) fn write(project: &Project) -> Result<()> {
    let mut generator = project.cargo();
    generator.args(["run", "--package", "api-types", "--features", "openapi", "--example", "contracts"]);
    if !generator.status()?.success() {
        bail!("the contracts were not written");
    }
    Ok(())
}
