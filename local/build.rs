//! Lists the services: `local`'s dependencies that are called `api-*`, the shared types excepted.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=Cargo.toml");
    let manifest = fs::read_to_string("Cargo.toml")?;
    let services = dependencies(&manifest).filter(|name| name.starts_with("api-") && *name != "api-types");
    let constants = services.map(|name| format!("{}::SERVICE", name.replace('-', "_")));
    let list = format!("&[{}]", constants.collect::<Vec<_>>().join(", "));
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("services.rs"), list)?)
}

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ', '=']).next())
}
