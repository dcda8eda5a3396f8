use std::fs;
use std::path::{Path, PathBuf};

use contract_gate::gate::{self, Verdict};
use contract_gate::store::Store;
use contract_gate::tree::Tree;
use serde_json::Value;
use tempfile::TempDir;

/// What is changed, in words, and how.
pub(crate) type Change = (&'static str, fn(&mut Value));

/// What the expected sentences are about; a further service changes none of them.
const SERVICES: [&str; 4] = ["members", "booking", "airmiles", "web"];

const CONTRACTS: &str = "api-types/contracts";

/// A checkout's contracts and an environment's copies, both to be played with.
pub(crate) struct Field {
    folder: TempDir,
}

impl Field {
    /// The project's own contracts, of the services in [`SERVICES`]; nothing is released.
    pub(crate) fn new() -> Self {
        let field = Self { folder: tempfile::tempdir().unwrap() };
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for folder in [CONTRACTS, "api-airmiles", "api-booking", "frontend"] {
            fs::create_dir_all(field.checkout().join(folder)).unwrap();
            for path in fs::read_dir(own.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
                let name = path.file_name().unwrap().to_str().unwrap();
                let is_contract =
                    name.ends_with(".json") && SERVICES.iter().any(|each| name.starts_with(each));
                if is_contract || name == "registration.json" {
                    fs::copy(&path, field.checkout().join(folder).join(name)).unwrap();
                }
            }
        }
        fs::create_dir(field.copies()).unwrap();
        field
    }

    /// The same, with everything released into qa.
    pub(crate) fn released() -> Self {
        let field = Self::new();
        for service in SERVICES {
            field.release("qa", service);
        }
        field
    }

    pub(crate) fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    /// Where the released copies are.
    pub(crate) fn copies(&self) -> PathBuf {
        self.folder.path().join("released")
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.copies()).unwrap()
    }

    pub(crate) fn tree(&self) -> Tree {
        Tree::read(&self.checkout()).unwrap()
    }

    /// Changes a contract, or a registration by its path from the contracts' folder.
    pub(crate) fn change(&self, file: &str, change: impl FnOnce(&mut Value)) -> &Self {
        let path = self.checkout().join(CONTRACTS).join(file);
        let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let before = value.clone();
        change(&mut value);
        assert_ne!(value, before, "the change changes nothing");
        fs::write(path, value.to_string()).unwrap();
        self
    }

    pub(crate) fn release(&self, environment: &str, service: &str) {
        gate::release(&self.tree(), &self.store(), environment, service, None).unwrap();
    }

    /// What the gate says of a service's release into qa.
    pub(crate) fn check(&self, service: &str) -> Verdict {
        gate::check(&self.tree(), &self.store(), Some("qa"), Some(service)).unwrap()
    }

    /// What would break, a line each.
    pub(crate) fn refusals(&self, service: &str) -> String {
        self.check(service).refusals.join("\n")
    }
}

/// Takes a field out of an object's schema.
pub(crate) fn take_out(schema: &mut Value, field: &str) {
    schema["properties"].as_object_mut().unwrap().remove(field).unwrap();
    may_lack(schema, field);
}

/// Takes a field off the list of those that must be there.
pub(crate) fn may_lack(schema: &mut Value, field: &str) {
    schema["required"].as_array_mut().unwrap().retain(|each| each != field);
}
