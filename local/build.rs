//! Lists the services that have functions, as their descriptors say. Each must be a dependency of `local`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use service_descriptor::{ReleaseContent, Services};

fn main() -> Result<(), Box<dyn Error>> {
    // A further service is a further dependency.
    println!("cargo::rerun-if-changed=Cargo.toml");
    let services = Services::read(Path::new(".."))?;
    let with_functions = services.iter().filter(|service| service.release == ReleaseContent::Functions);
    let packages = with_functions.filter_map(|service| service.package.as_deref());
    let constants = packages.map(|package| format!("{}::SERVICE", package.replace('-', "_")));
    let list = format!("&[{}]", constants.collect::<Vec<_>>().join(", "));
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("services.rs"), list)?)
}
