//! Which changed files start which pipelines: each team's own, and what it is made with.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::services::{Holds, SERVICES};
use crate::{project, template};

/// The patterns of a service's filters: its own, and those that the template gives every service.
fn patterns(service: &str) -> Vec<String> {
    let path = project::infra().join(format!("pipelines/services/{service}.json"));
    let given: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(given["Parameters"]["Service"], service, "{}", path.display());
    let own = given["Parameters"]["OwnPaths"].as_str().unwrap().split(',').map(str::to_owned);
    let own: Vec<_> = own.collect();
    assert!(own.len() <= 8, "CodePipeline takes eight paths in a filter, and {service} has {}", own.len());
    let pipeline = template::render("pipelines/pipeline").unwrap();
    let pushes =
        pipeline["Resources"]["Pipeline"]["Properties"]["Triggers"][0]["GitConfiguration"]["Push"].clone();
    let includes = pushes.as_array().unwrap().iter().map(|push| &push["FilePaths"]["Includes"]);
    let (shared, by_parameter): (Vec<_>, Vec<_>) = includes.partition(|includes| includes.is_array());
    assert_eq!(by_parameter, [&serde_json::json!({ "Ref": "OwnPaths" })]);
    let shared = shared.into_iter().flat_map(|includes| includes.as_array().unwrap().clone());
    own.into_iter().chain(shared.map(|pattern| pattern.as_str().unwrap().to_owned())).collect()
}

/// As CodePipeline reads a pattern: `*` stays within a folder, `**` doesn't.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.find('*') {
        None => pattern == path,
        Some(at) => {
            let Some(rest) = path.strip_prefix(&pattern[..at]) else { return false };
            let (after, deep) = match pattern[at..].strip_prefix("**") {
                Some(after) => (after, true),
                None => (&pattern[at + 1..], false),
            };
            (0..=rest.len())
                .filter(|end| deep || !rest[..*end].contains('/'))
                .any(|end| matches(after, &rest[end..]))
        }
    }
}

fn starts(path: &str) -> BTreeSet<&'static str> {
    let names = SERVICES.iter().map(|service| service.name);
    names.filter(|name| patterns(name).iter().any(|pattern| matches(pattern, path))).collect()
}

#[test]
fn a_teams_change_starts_its_own_pipeline_and_a_shared_one_all_that_are_made_with_it() {
    let all = ["airmiles", "booking", "members", "web"];
    for (changed, started) in [
        ("api-booking/src/book.rs", &["booking"][..]),
        ("api-booking/tests/service/shop.rs", &["booking"]),
        ("api-airmiles/src/domain/accrual.rs", &["airmiles"]),
        ("frontend/src/pages/home.rs", &["web"]),
        ("infra/services/booking/table.yaml", &["booking"]),
        ("infra/services/airmiles/queue.yaml", &["airmiles"]),
        ("infra/services/members/pool.yaml", &["members"]),
        ("infra/services/web/edge.yaml", &["web"]),
        ("api-types/contracts/booking.openapi.json", &["booking"]),
        ("api-types/contracts/airmiles.openapi.json", &["airmiles"]),
        ("api-types/src/problem.rs", &["airmiles", "booking", "web"]),
        ("crates/service-kit/src/lambda.rs", &["airmiles", "booking"]),
        ("crates/reference-data/src/lib.rs", &["airmiles", "booking"]),
        ("Cargo.lock", &all),
        ("infra/tool/src/alarms/mod.rs", &all),
        ("infra/baseline/boundary.yaml", &[]),
        ("infra/pipelines/pipeline/pipeline.yaml", &[]),
        ("local/src/main.rs", &[]),
        ("docs/ARCHITECTURE.md", &[]),
        ("README.md", &[]),
    ] {
        assert_eq!(starts(changed), started.iter().copied().collect(), "{changed}");
    }
}

/// Every file that goes into a service's release starts its pipeline: its crate's, those of the crates that it is made of,
/// its template's, and what that includes.
#[test]
fn what_a_release_is_made_of_starts_its_pipeline() {
    let crates = crates();
    for service in SERVICES {
        let mut files = vec![format!("infra/services/{}/stack.yaml", service.name)];
        let mut asked: Vec<&str> = service.package.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = asked.pop() {
            let (folder, needs) = &crates[name];
            if seen.insert(name) {
                files.extend([format!("{folder}/Cargo.toml"), format!("{folder}/src/lib.rs")]);
                asked.extend(needs.iter().map(String::as_str));
            }
        }
        if service.holds == Holds::Functions {
            files.push(format!("api-types/contracts/{}.openapi.json", service.name));
        }
        for file in files {
            assert!(
                starts(&file).contains(service.name),
                "{file} is part of {}, and doesn't start it",
                service.name
            );
        }
    }
}

/// Each of our crates: its folder, and those of ours that it is built with (its tests' needs left out).
fn crates() -> BTreeMap<String, (String, Vec<String>)> {
    let cargo = std::env::var_os("CARGO").unwrap();
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(project::root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let root = metadata["workspace_root"].as_str().unwrap();
    let of = |package: &Value| {
        let manifest = package["manifest_path"].as_str().unwrap().strip_prefix(root).unwrap();
        let folder = manifest.trim_start_matches('/').trim_end_matches("/Cargo.toml").to_owned();
        let needs = package["dependencies"].as_array().unwrap().iter();
        let needs = needs.filter(|need| need["path"].is_string() && need["kind"] != "dev");
        let needs = needs.map(|need| need["name"].as_str().unwrap().to_owned()).collect();
        (package["name"].as_str().unwrap().to_owned(), (folder, needs))
    };
    metadata["packages"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_pattern_is_read_as_codepipeline_reads_it() {
    for (pattern, path, matched) in [
        ("api-booking/**", "api-booking/src/book.rs", true),
        ("api-booking/**", "api-bookings/src/book.rs", false),
        ("api-types/contracts/booking*", "api-types/contracts/booking.openapi.json", true),
        ("api-types/contracts/booking*", "api-types/contracts/booking/x.json", false),
        ("Cargo.lock", "Cargo.lock", true),
        ("Cargo.lock", "frontend/Cargo.lock", false),
    ] {
        assert_eq!(matches(pattern, path), matched, "{pattern}: {path}");
    }
}
