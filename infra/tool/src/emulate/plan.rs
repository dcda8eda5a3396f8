//! Which stack goes into which account, region and with which parameters: all that the Python step needs to know.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use service_descriptor::{Access, Service};

use super::{Options, gaps};
use crate::deliver::triggers;
use crate::folder::Folder;
use crate::python::Tools;
use crate::release::Release;
use crate::{project, template, web};

const REGION: &str = "eu-west-1";
const ENVIRONMENT: &str = "dev";

/// Where the pipelines are.
const TOOLS: (&str, &str) = ("tools", "555555555555");

/// Made by a person in AWS's console, and by nobody here.
const CONNECTION: &str = "arn:aws:codeconnections:eu-west-1:555555555555:connection/emulated";

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
pub(super) struct Plan(Map<String, Value>);

impl Plan {
    /// # Errors
    /// When a template holds what the emulator was never seen to make, a parameter is not the stack's, or the web app is
    /// not built.
    pub(super) fn new(
        folder: &Folder,
        releases: &[Release],
        translated: &[(&str, PathBuf)],
        options: &Options,
    ) -> Result<Self> {
        let mut all = stacks(folder.path(), releases, translated)?;
        override_parameters(&mut all, &options.parameter)?;
        let chosen =
            |service: &str| options.only.is_empty() || options.only.iter().any(|only| only == service);
        // A service comes with its pipeline's account, whose roles it is deployed by.
        let stacks: Vec<_> = all
            .iter()
            .filter(|stack| stack["service"].as_str().is_some_and(|of| chosen(of) || of == TOOLS.0))
            .cloned()
            .collect();
        let mut zips = Vec::new();
        for release in releases.iter().filter(|release| chosen(&release.service)) {
            for (function, path) in &release.zips {
                zips.push(json!({
                    "account": account(&release.service)?, "bucket": bucket(&release.service)?,
                    "key": release.key(function), "path": path,
                }));
            }
        }
        let accounts: Map<_, _> =
            accounts()?.into_iter().map(|(name, account)| (name.to_owned(), json!(account))).collect();
        let whole = options.only.is_empty();
        let plan = json!({
            "environment": ENVIRONMENT, "region": REGION, "accounts": accounts,
            "services": described()?, "all_stacks": all, "stacks": stacks, "zips": zips,
            "whole": whole, "web_files": if whole { web_files()? } else { Vec::new() },
            "at": options.at, "stay": options.stay,
            "folder": folder.path(), "log": folder.path().join("emulator.log"),
            "failure": failure_file(folder.path()),
            "programs": Tools::Emulator.bring()?,
            "infra_tool": this_program()?,
        });
        match plan {
            Value::Object(plan) => Ok(Self(plan)),
            _ => bail!("a plan is an object"),
        }
    }

    pub(super) fn enforcing(&self, enforce: bool) -> Value {
        let mut plan = self.0.clone();
        plan.insert("enforce".to_owned(), enforce.into());
        plan.into()
    }
}

/// Where this program is; where it was, if it was built anew while it runs.
fn this_program() -> Result<String> {
    let path = std::env::current_exe().context("finding this program")?.display().to_string();
    Ok(path.strip_suffix(" (deleted)").map_or(path.clone(), str::to_owned))
}

/// Every account's baseline, and then its service.
fn stacks(folder: &Path, releases: &[Release], translated: &[(&str, PathBuf)]) -> Result<Vec<Value>> {
    let mut templates = Vec::new();
    for (stack, path) in translated {
        let translated = serde_json::from_slice(&std::fs::read(path)?)?;
        let local = gaps::go_round(stack, translated)?;
        let path = folder.join(format!("{stack}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&local)?)?;
        templates.push((*stack, path));
    }
    let template_of = |stack: &str| {
        let found = templates.iter().find(|(name, _)| *name == stack).map(|(_, path)| path);
        found.with_context(|| format!("the stack {stack} was not translated"))
    };
    let mut stacks = Vec::new();
    for (service, account) in accounts()? {
        stacks.push(json!({
            "service": service, "name": "tern-baseline", "account": account,
            "region": REGION, "template": template_of("baseline")?, "organisation_of": TOOLS.0,
            "parameters": {
                "Environment": ENVIRONMENT, "Service": service, "OrganizationId": "o-0123456789",
                "AlarmEmail": "alarms@tern.example", "ToolsAccountId": TOOLS.1,
            },
        }));
    }
    stacks.push(tools_stack("tern-tools", TOOLS.0, template_of("tools")?, facts()));
    let services = project::services()?;
    for service in services.iter() {
        let name = format!("tern-pipeline-{}", service.name);
        stacks.push(tools_stack(&name, &service.name, template_of("pipeline")?, pipeline(service)?));
    }
    for service in services.iter() {
        let (name, account) = (&service.name, account(&service.name)?);
        stacks.push(json!({
            "service": name, "name": format!("tern-{ENVIRONMENT}-{name}"), "account": account,
            "region": service.region, "template": template_of(name)?, "organisation_of": name,
            "parameters": parameters(service, releases)?,
            "deployed_by": [
                format!("arn:aws:iam::{}:role/tern-pipeline-{name}", TOOLS.1),
                format!("arn:aws:iam::{account}:role/tern-deploy-{ENVIRONMENT}-{name}"),
            ],
            "made_as": format!("arn:aws:iam::{account}:role/tern-stack-{name}"),
        }));
    }
    Ok(stacks)
}

/// What the Python step must know of each service.
fn described() -> Result<Vec<Value>> {
    let services = project::services()?;
    let described = services.iter().map(|service| {
        json!({
            "name": service.name, "base_path": service.base_path,
            "is_public": service.access == Access::Public, "has_functions": !service.functions.is_empty(),
            "publishes": !service.publishes.is_empty(),
            "queues": service.consumes.iter().map(|consumed| &consumed.queue).collect::<Vec<_>>(),
        })
    });
    Ok(described.collect())
}

/// Every account, that of the pipelines first: their roles deploy the services. The numbers are examples, as in documentation.
fn accounts() -> Result<Vec<(&'static str, String)>> {
    let numbers = (1..).filter(|number| ![5, 6, 7].contains(number)); // Tools, and the services' accounts in qa and prod
    let services = project::services()?.names().zip(numbers);
    let numbered =
        services.map(|(service, number)| (service, number.to_string().repeat(12)[..12].to_owned()));
    Ok([(TOOLS.0, TOOLS.1.to_owned())].into_iter().chain(numbered).collect())
}

fn tools_stack(name: &str, service: &str, template: &Path, parameters: Value) -> Value {
    json!({
        "service": service, "name": name, "account": TOOLS.1, "region": REGION, "template": template,
        "organisation_of": TOOLS.0, "parameters": parameters,
    })
}

/// What the pipelines share.
fn facts() -> Value {
    json!({ "OrganizationId": "o-0123456789", "DevFacts": "{}", "QaFacts": "{}", "ProdFacts": "{}" })
}

/// The parameters of a service's pipeline: those of its descriptor, and the accounts that it releases into.
fn pipeline(service: &Service) -> Result<Value> {
    let mut parameters = triggers::parameters(service)?;
    let key = json!({ "of": "tern-tools", "output": "KeyArn" });
    if let Some(parameters) = parameters.as_object_mut() {
        for (name, value) in [
            ("Repository", json!("tern/tern")),
            ("ConnectionArn", json!(CONNECTION)),
            ("OrganizationId", json!("o-0123456789")),
            ("KeyArn", key.clone()),
            ("StackKeyArn", key),
            ("DevAccountId", json!(account(&service.name)?)),
            ("QaAccountId", json!("666666666666")),
            ("ProdAccountId", json!("777777777777")),
        ] {
            parameters.insert(name.to_owned(), value);
        }
    }
    Ok(parameters)
}

/// Puts `SERVICE.NAME=VALUE` into the service's stack.
fn override_parameters(stacks: &mut [Value], words: &[String]) -> Result<()> {
    for word in words {
        let Some(((service, name), value)) =
            word.split_once('=').and_then(|(place, value)| Some((place.split_once('.')?, value)))
        else {
            bail!("--parameter {word}: write SERVICE.NAME=VALUE");
        };
        let own = format!("tern-{ENVIRONMENT}-{service}");
        let parameter = stacks
            .iter_mut()
            .find(|stack| stack["name"] == own)
            .and_then(|stack| stack["parameters"].get_mut(name))
            .with_context(|| format!("--parameter {word}: {service} has no parameter {name} here"))?;
        *parameter = value.into();
    }
    Ok(())
}

/// The account of a service.
fn account(service: &str) -> Result<String> {
    let found = accounts()?.into_iter().find(|(name, _)| *name == service);
    found.map(|(_, account)| account).with_context(|| format!("{service} has no account here"))
}

/// The web app's files as a release uploads them.
fn web_files() -> Result<Vec<Value>> {
    let dist = project::root().join("frontend/dist");
    if !dist.is_dir() {
        bail!("the web app is not built: build it with `cargo xtask web`");
    }
    let files = web::files(&dist)?.into_iter().map(|file| {
        json!({
            "key": file.key, "path": file.path, "content_type": file.content_type, "cache_control": file.cache_control,
        })
    });
    Ok(files.collect())
}

/// The emulator keeps a bucket per account; in AWS there is one in Tools.
fn bucket(service: &str) -> Result<String> {
    Ok(format!("releases-{}", account(service)?))
}

/// A value for each parameter of the service's template that has no default.
fn parameters(service: &Service, releases: &[Release]) -> Result<Value> {
    let name = &service.name;
    let template = template::render(name)?;
    let mut parameters = Map::new();
    for (parameter, _) in template["Parameters"].as_object().into_iter().flatten() {
        let peer = parameter.strip_suffix("AccountId");
        let peer = peer.and_then(|title| project::services().ok()?.iter().find(|peer| peer.title == title));
        let value = match (parameter.as_str(), peer) {
            (_, Some(peer)) => account(&peer.name)?,
            ("Environment", _) => ENVIRONMENT.to_owned(),
            ("OrganizationId", _) => "o-0123456789".to_owned(),
            ("WebDomain", _) => "tern.example".to_owned(),
            ("SignInPrefix", _) => "tern-dev".to_owned(),
            ("CertificateArn", _) => {
                format!("arn:aws:acm:{}:{}:certificate/tern", service.region, account(name)?)
            }
            ("ServicesRegion", _) => REGION.to_owned(),
            ("ArtifactBucket", _) => bucket(name)?,
            ("Release", _) => {
                let release = releases.iter().find(|release| release.service == *name);
                release.with_context(|| format!("{name} has no release"))?.id.clone()
            }
            (_, None) if template["Parameters"][parameter].get("Default").is_some() => continue,
            _ => bail!(
                "the parameter {parameter} of {name} has no value for the emulator: add one in infra/tool/src/emulate/plan.rs"
            ),
        };
        parameters.insert(parameter.clone(), value.into());
    }
    Ok(parameters.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_given_to_its_own_stack() {
        let stack = |name: &str| json!({ "name": name, "parameters": { "BookingAccountId": "1" } });
        let mut stacks = [stack("tern-baseline"), stack("tern-dev-airmiles")];
        override_parameters(&mut stacks, &["airmiles.BookingAccountId=a=b".to_owned()]).unwrap();
        assert_eq!(stacks[0], stack("tern-baseline"));
        assert_eq!(stacks[1]["parameters"]["BookingAccountId"], "a=b");
        for (word, said) in [
            ("airmiles.BookingAccountId", "write SERVICE.NAME=VALUE"),
            ("BookingAccountId=1", "write SERVICE.NAME=VALUE"),
            ("airmiles.Colour=red", "airmiles has no parameter Colour here"),
            ("hotels.Release=1", "hotels has no parameter Release here"),
        ] {
            let error = override_parameters(&mut stacks, &[word.to_owned()]).unwrap_err().to_string();
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
