//! Which stack goes into which account, region and with which parameters (`stacks.yaml`): all that the Python step needs to know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use super::{Options, gaps};
use crate::deliver::triggers;
use crate::folder::Folder;
use crate::python::Tools;
use crate::release::Release;
use crate::{fragments, project, template, web};

/// The account in which the pipelines are.
const TOOLS: &str = "tools";

/// The services that can be deployed alone; none if the descriptors can't be read, which every run says.
pub(super) fn services() -> Vec<&'static str> {
    project::services().map(|services| services.names().collect()).unwrap_or_default()
}

/// Where the Python step leaves the sentence that says why it failed.
pub(super) fn failure_file(folder: &Path) -> PathBuf {
    folder.join("failure.txt")
}

/// `SERVICE=FILE` of each given template.
///
/// # Errors
/// When one is written otherwise, or for no service of ours.
pub(super) fn given_templates(words: &[String]) -> Result<Vec<(String, PathBuf)>> {
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some((service, file)) if services().contains(&service) => Ok((service.to_owned(), file.into())),
            _ => bail!("--template {word}: write SERVICE=FILE, with one of {}", services().join(", ")),
        })
        .collect()
}

/// A run's plan, but for what is enforced.
///
/// # Errors
/// When a template holds what the emulator was never seen to make, a parameter is not the stack's, or the web app is not built.
pub(super) fn plan(
    folder: &Folder,
    releases: &[Release],
    translated: &[(&str, PathBuf)],
    options: &Options,
) -> Result<Value> {
    let accounts = accounts()?;
    let mut plan = stacks(folder.path(), releases, translated, &accounts)?;
    override_parameters(&mut plan, &options.parameter)?;
    let chosen = |service: &str| options.only.is_empty() || options.only.iter().any(|only| only == service);
    // A service comes with its pipeline's account, whose roles it is deployed by.
    let mut stacks = plan["all_stacks"].clone();
    if let Some(stacks) = stacks.as_array_mut() {
        stacks.retain(|stack| stack["service"].as_str().is_some_and(|of| chosen(of) || of == TOOLS));
    }
    let zips = releases.iter().filter(|release| chosen(&release.service)).flat_map(|release| {
        let account = &accounts[&release.service];
        release.zips.iter().map(move |(function, path)| {
            let bucket = format!("releases-{account}"); // as in stacks.yaml
            json!({ "account": account, "bucket": bucket, "key": release.key(function), "path": path })
        })
    });
    let zips: Vec<_> = zips.collect();
    let whole = options.only.is_empty();
    let more = json!({
        "stacks": stacks, "zips": zips, "accounts": accounts,
        "services": project::services()?.iter().collect::<Vec<_>>(),
        "whole": whole, "web_files": if whole { web_files()? } else { Vec::new() },
        "at": options.at, "stay": options.stay,
        "folder": folder.path(), "log": folder.path().join("emulator.log"),
        "failure": failure_file(folder.path()),
        "programs": Tools::Emulator.bring()?,
        "infra_tool": this_program()?,
    });
    fragments::merge(&mut plan, more);
    Ok(plan)
}

/// Where this program is; where it was, if it was built anew while it runs.
fn this_program() -> Result<String> {
    let path = std::env::current_exe().context("finding this program")?.display().to_string();
    Ok(path.strip_suffix(" (deleted)").map_or(path.clone(), str::to_owned))
}

/// What `stacks.yaml` says, with each stack's template and parameters.
fn stacks(
    folder: &Path,
    releases: &[Release],
    translated: &[(&str, PathBuf)],
    accounts: &BTreeMap<String, String>,
) -> Result<Value> {
    let services = project::services()?;
    let pipelines = services.iter().map(|service| Ok((&service.name, triggers::parameters(service)?)));
    let releases: BTreeMap<_, _> = releases.iter().map(|release| (&release.service, &release.id)).collect();
    let context = json!({
        "services": services.iter().collect::<Vec<_>>(), "accounts": accounts, "releases": releases,
        "pipelines": pipelines.collect::<Result<BTreeMap<_, _>>>()?,
    });
    let mut plan = fragments::fill("stacks.yaml", include_str!("stacks.yaml"), &context)?.remove(0);
    let mut templates = BTreeMap::new();
    for (stack, path) in translated {
        let local = gaps::go_round(stack, &project::read_json(path)?)?;
        let path = folder.join(format!("{stack}.json"));
        project::write_json(&path, &local)?;
        templates.insert(*stack, (path, local));
    }
    let of_all = plan["parameters"].take();
    let mut stacks = plan["stacks"].take();
    for stack in stacks.as_array_mut().into_iter().flatten() {
        let name = stack["template"].as_str().unwrap_or_default();
        let (path, template) =
            templates.get(name).with_context(|| format!("the stack {name} was not translated"))?;
        let known =
            |parameter: &str| stack["parameters"].get(parameter).or_else(|| of_all.get(parameter)).cloned();
        let parameters = template::parameters(template, known).map_err(|parameter| anyhow!(
            "the parameter {parameter} of {name} has no value for the emulator: add one in infra/tool/src/emulate/stacks.yaml"
        ))?;
        (stack["template"], stack["parameters"]) = (json!(path), parameters.into());
    }
    plan["all_stacks"] = stacks;
    Ok(plan)
}

/// The account of the pipelines and of each service.
fn accounts() -> Result<BTreeMap<String, String>> {
    let numbers = (1..).filter(|number| ![5, 6, 7].contains(number)); // Tools, and the services' accounts in qa and prod
    let services = project::services()?.names().zip(numbers);
    let services = services
        .map(|(service, number)| (service.to_owned(), number.to_string().repeat(12)[..12].to_owned()));
    Ok(services.chain([(TOOLS.to_owned(), "555555555555".to_owned())]).collect())
}

/// Puts `SERVICE.NAME=VALUE` into the service's stack.
fn override_parameters(plan: &mut Value, words: &[String]) -> Result<()> {
    for word in words {
        let Some(((service, name), value)) =
            word.split_once('=').and_then(|(place, value)| Some((place.split_once('.')?, value)))
        else {
            bail!("--parameter {word}: write SERVICE.NAME=VALUE");
        };
        let own = format!("tern-dev-{service}");
        let mut stacks = plan["all_stacks"].as_array_mut().into_iter().flatten();
        let parameter = stacks
            .find(|stack| stack["name"] == own)
            .and_then(|stack| stack["parameters"].get_mut(name))
            .with_context(|| format!("--parameter {word}: {service} has no parameter {name} here"))?;
        *parameter = value.into();
    }
    Ok(())
}

/// The web app's files as a release uploads them.
fn web_files() -> Result<Vec<web::WebFile>> {
    let dist = project::root().join("frontend/dist");
    if !dist.is_dir() {
        bail!("the web app is not built: build it with `cargo xtask web`");
    }
    web::files(&dist)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_given_to_its_own_stack() {
        let stack = |name: &str| json!({ "name": name, "parameters": { "BookingAccountId": "1" } });
        let mut plan = json!({ "all_stacks": [stack("tern-baseline"), stack("tern-dev-airmiles")] });
        override_parameters(&mut plan, &["airmiles.BookingAccountId=a=b".to_owned()]).unwrap();
        assert_eq!(plan["all_stacks"][0], stack("tern-baseline"));
        assert_eq!(plan["all_stacks"][1]["parameters"]["BookingAccountId"], "a=b");
        for (word, said) in [
            ("airmiles.BookingAccountId", "write SERVICE.NAME=VALUE"),
            ("BookingAccountId=1", "write SERVICE.NAME=VALUE"),
            ("airmiles.Colour=red", "airmiles has no parameter Colour here"),
            ("hotels.Release=1", "hotels has no parameter Release here"),
        ] {
            let error = override_parameters(&mut plan, &[word.to_owned()]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("--parameter {word}: ")) && error.ends_with(said), "{error}");
        }
    }

    #[test]
    fn a_template_is_given_for_a_service_of_ours() {
        let words = |word: &str| [word.to_owned()];
        let given = given_templates(&words("booking=a=b.json")).unwrap();
        assert_eq!(given, [("booking".to_owned(), PathBuf::from("a=b.json"))]);
        for word in ["booking", "hotels=a.json"] {
            assert!(given_templates(&words(word)).is_err(), "{word}");
        }
    }
}
