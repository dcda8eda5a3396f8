//! The committed contracts are what the types say now.
#![cfg(feature = "openapi")]

use std::path::Path;

use api_types::openapi::contracts;
use serde_json::Value;

#[test]
fn the_committed_contracts_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    for (name, text) in contracts() {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            committed == text,
            "api-types/contracts/{name} is stale: run `cargo xtask contract generate`"
        );
    }
}

#[test]
fn every_reference_in_a_contract_leads_somewhere() {
    for (name, text) in contracts() {
        let document: Value = serde_json::from_str(&text).unwrap();
        let mut references = Vec::new();
        collect_references(&document, &mut references);
        assert!(!references.is_empty(), "{name}");
        for reference in references {
            let pointer =
                reference.strip_prefix('#').unwrap_or_else(|| panic!("{name}: {reference} is not local"));
            assert!(document.pointer(pointer).is_some(), "{name}: {reference} leads nowhere");
        }
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(target) if name == "$ref" => found.push(target.clone()),
                    other => collect_references(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
