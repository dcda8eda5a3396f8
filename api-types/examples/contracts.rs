//! Writes the contracts into `api-types/contracts/`; with `--check`, only says which is stale. `cargo xtask contract` runs
//! it.

use std::path::Path;
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let check = std::env::args().any(|argument| argument == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    std::fs::create_dir_all(&folder)?;
    for (name, text) in api_types::openapi::contracts() {
        if !check {
            std::fs::write(folder.join(name), text)?;
            println!("api-types/contracts/{name}");
        } else if std::fs::read_to_string(folder.join(name)).unwrap_or_default() != text {
            eprintln!(
                "error: api-types/contracts/{name} is stale: run `cargo xtask contract generate` and commit it"
            );
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
