//! Writes the contracts into `api-types/contracts/`. `cargo xtask contracts` runs it.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    std::fs::create_dir_all(&folder)?;
    for (name, text) in api_types::openapi::contracts() {
        std::fs::write(folder.join(name), text)?;
        println!("api-types/contracts/{name}");
    }
    Ok(())
}
