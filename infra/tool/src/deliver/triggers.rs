//! Which changed files start which pipelines: a service's own, and those of the crates that it is made of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};
use serde_json::{Value, json};
use service_descriptor::{ReleaseContent, Service};

use crate::project;

/// CodePipeline takes no more patterns in a filter.
const MOST: usize = 8;

/// Folders whose changes start every pipeline, by the filters in `infra/pipelines/pipeline/pipeline.yaml`.
const STARTS_ALL: [&str; 3] = ["crates/service-descriptor", "infra/tool", "xtask"];

/// What differs between the services' pipelines: the parameters of `infra/pipelines/pipeline` that follow from a descriptor.
///
/// # Errors
/// When cargo doesn't know the service's package, or its crates lie in more folders than a filter takes.
pub(crate) fn parameters(service: &Service) -> Result<Value> {
    Ok(json!({
        "Service": service.name,
        "Content": service.release,
        "StackRegion": service.region,
        "OwnPaths": own_paths(service)?.join(","),
    }))
}

/// The patterns of files whose changes start the service's pipeline and not every one.
fn own_paths(service: &Service) -> Result<Vec<String>> {
    let mut paths = vec![format!("infra/services/{}/**", service.name)];
    paths.push(format!("api-types/contracts/{}*", service.name));
    if service.release == ReleaseContent::Files {
        paths.push("crates/inline-sources/**".to_owned()); // infra-tool computes the documents' hashes with it
    }
    for folder in service.package.as_deref().map(folders).transpose()?.into_iter().flatten() {
        if folder == "api-types" {
            // Not its contracts: each service has its own there.
            paths.extend(["Cargo.toml", "src/**"].map(|part| format!("api-types/{part}")));
        } else if !STARTS_ALL.contains(&folder.as_str()) {
            paths.push(format!("{folder}/**"));
        }
    }
    if paths.len() > MOST {
        bail!(
            "{}'s pipeline would need {} paths, and a filter takes {MOST}: {}",
            service.name,
            paths.len(),
            paths.join(", ")
        );
    }
    Ok(paths)
}

/// The folders of `package` and of all our crates that it is built with.
fn folders(package: &str) -> Result<BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .current_dir(project::root())
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .context("asking cargo for the project's crates")?;
    let crates: BTreeMap<&str, _> = metadata.packages.iter().map(|each| (each.name.as_str(), each)).collect();
    let mut wanted = vec![package];
    let mut folders = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        let package = crates.get(name).with_context(|| format!("{name} is no crate of the project"))?;
        let folder = package.manifest_path.parent().context("a manifest is in a folder")?;
        let folder = folder.strip_prefix(&metadata.workspace_root).context("a crate is in the project")?;
        if folders.insert(folder.to_string()) {
            let needs = package.dependencies.iter();
            let needs = needs.filter(|need| need.kind != DependencyKind::Development && !need.optional);
            wanted.extend(needs.filter(|need| need.path.is_some()).map(|need| need.name.as_str()));
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    /// The patterns of a service's filters: its own, and those that the template gives every service.
    fn patterns(service: &Service, pipeline: &Value) -> Vec<String> {
        let pushes =
            &pipeline["Resources"]["Pipeline"]["Properties"]["Triggers"][0]["GitConfiguration"]["Push"];
        let includes = pushes.as_array().unwrap().iter().map(|push| &push["FilePaths"]["Includes"]);
        let (shared, by_parameter): (Vec<_>, Vec<_>) = includes.partition(|includes| includes.is_array());
        assert_eq!(by_parameter, [&json!({ "Ref": "OwnPaths" })]);
        assert!(shared.iter().all(|filter| filter.as_array().unwrap().len() <= MOST));
        let shared = shared.into_iter().flat_map(|includes| includes.as_array().unwrap().clone());
        let own = own_paths(service).unwrap().into_iter();
        own.chain(shared.map(|pattern| pattern.as_str().unwrap().to_owned())).collect()
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

    fn starts(path: &str, filters: &[(&'static str, Vec<String>)]) -> BTreeSet<&'static str> {
        let started =
            filters.iter().filter(|(_, patterns)| patterns.iter().any(|pattern| matches(pattern, path)));
        started.map(|(name, _)| *name).collect()
    }

    #[test]
    fn a_teams_change_starts_its_own_pipeline_and_a_shared_one_all_that_are_made_with_it() {
        let pipeline = template::render("pipeline").unwrap();
        let all = ["airmiles", "booking", "members", "web"]; // examples: other services start the same way
        let examples = all.map(|name| project::services().unwrap().get(name).unwrap());
        let filters = examples.map(|service| (service.name.as_str(), patterns(service, &pipeline)));
        for (changed, started) in [
            ("api-booking/src/create_booking.rs", &["booking"][..]),
            ("api-booking/tests/service/harness.rs", &["booking"]),
            ("api-airmiles/src/domain/accrual.rs", &["airmiles"]),
            ("frontend/src/pages/home.rs", &["web"]),
            ("api-booking/service.toml", &all),
            ("infra/services/members/service.toml", &all),
            ("infra/shared/function.yaml", &all),
            ("crates/service-descriptor/src/lib.rs", &all),
            ("rust-toolchain.toml", &all),
            ("crates/inline-sources/src/lib.rs", &["web"]),
            ("infra/services/booking/http.yaml", &["booking"]),
            ("infra/services/airmiles/permissions.yaml", &["airmiles"]),
            ("infra/services/members/pool.yaml", &["members"]),
            ("infra/services/web/edge.yaml", &["web"]),
            ("api-types/contracts/booking.openapi.json", &["booking"]),
            ("api-types/contracts/airmiles.openapi.json", &["airmiles"]),
            ("api-types/src/problem.rs", &["airmiles", "booking", "web"]),
            ("crates/service-kit/src/lambda.rs", &["airmiles", "booking"]),
            ("crates/reference-data/src/lib.rs", &["airmiles", "booking"]),
            ("Cargo.lock", &all),
            ("infra/tool/src/alarms.rs", &all),
            ("infra/baseline/boundary.yaml", &[]),
            ("infra/pipelines/pipeline/pipeline.yaml", &[]),
            ("local/src/main.rs", &[]),
            ("docs/ARCHITECTURE.md", &[]),
            ("README.md", &[]),
        ] {
            assert_eq!(starts(changed, &filters), started.iter().copied().collect(), "{changed}");
        }
    }

    #[test]
    fn a_pattern_is_read_as_codepipeline_reads_it() {
        for (pattern, path, matched) in [
            ("api-booking/**", "api-booking/src/create_booking.rs", true),
            ("api-booking/**", "api-bookings/src/create_booking.rs", false),
            ("api-types/contracts/booking*", "api-types/contracts/booking.openapi.json", true),
            ("api-types/contracts/booking*", "api-types/contracts/booking/x.json", false),
            ("Cargo.lock", "Cargo.lock", true),
            ("Cargo.lock", "frontend/Cargo.lock", false),
        ] {
            assert_eq!(matches(pattern, path), matched, "{pattern}: {path}");
        }
    }
}
