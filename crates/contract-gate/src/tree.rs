//! The project's own contracts and registrations: what a release from this checkout would give and read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::breach::titled;
use crate::contract::{Contract, Documents};
use crate::registration::Registration;

/// The environments, in the order in which a release goes through them.
pub const ENVIRONMENTS: [&str; 3] = ["dev", "qa", "prod"];

const CONTRACTS: &str = "api-types/contracts";

/// What a consumer registers, in its package's folder.
const REGISTRATION: &str = "registration.json";

/// What a release from this checkout would give and read.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// What each service gives. A service is what has a stack, and with it outputs.
    pub services: BTreeMap<String, Given>,
    pub registrations: BTreeMap<String, Registration>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub documents: Documents,
    pub contract: Contract,
}

impl Tree {
    /// Reads `api-types/contracts/` in the project's folder `root`, and the `registration.json` of each package in it.
    pub fn read(root: &Path) -> Result<Self> {
        let folder = &root.join(CONTRACTS);
        let mut services = BTreeMap::new();
        for (name, outputs) in files(folder, ".outputs.json")? {
            let openapi = optional(&folder.join(format!("{name}.openapi.json")))?;
            let events = optional(&folder.join(format!("{name}-event.schema.json")))?;
            let outputs = serde_json::from_value(outputs)
                .with_context(|| format!("{name}.outputs.json is not a list of outputs"))?;
            let documents = Documents { openapi, events, outputs };
            let contract = documents.read().with_context(|| format!("{}'s contract", titled(&name)))?;
            services.insert(name, Given { documents, contract });
        }
        let mut registrations = BTreeMap::new();
        for entry in fs::read_dir(root).with_context(|| format!("reading {}", root.display()))? {
            let package = entry?.file_name();
            let file = Path::new(&package).join(REGISTRATION);
            let Some(registration) = optional(&root.join(&file))? else { continue };
            let file = file.display();
            let registration: Registration =
                serde_json::from_value(registration).with_context(|| format!("{file} is no registration"))?;
            for service in registration.reads.keys().chain([&registration.consumer]) {
                if !services.contains_key(service) {
                    bail!("{file} names {service}, which is no service: correct it");
                }
            }
            if let Some(twice) = registrations.insert(registration.consumer.clone(), registration) {
                bail!("two packages have a registration of {}: keep one", twice.consumer);
            }
        }
        Ok(Self { services, registrations })
    }

    pub fn service(&self, service: &str) -> Result<&Given> {
        let known = || self.services.keys().cloned().collect::<Vec<_>>().join(", ");
        let given = self.services.get(service);
        given.with_context(|| format!("there is no service {service}: take one of {}", known()))
    }
}

/// The one of [`ENVIRONMENTS`] that is meant.
pub fn environment(name: &str) -> Result<&'static str> {
    let known = ENVIRONMENTS.into_iter().find(|known| *known == name);
    known.with_context(|| format!("there is no environment {name}: take one of {}", ENVIRONMENTS.join(", ")))
}

/// The JSON files of a folder whose names end so, by the rest of their names.
fn files(folder: &Path, ending: &str) -> Result<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(ending) {
            found.insert(stem.to_owned(), json(&path)?);
        }
    }
    Ok(found)
}

fn optional(path: &Path) -> Result<Option<Value>> {
    if path.is_file() { json(path).map(Some) } else { Ok(None) }
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
