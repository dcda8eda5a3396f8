//! Which stack goes into which account, region and with which parameters: all that the Python step needs to know.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::Options;
use super::gaps;
use crate::folder::Folder;
use crate::python::Tools;
use crate::release::Release;
use crate::{project, template, web};

const REGION: &str = "eu-west-1";
const WEB_REGION: &str = "us-east-1";
const ENVIRONMENT: &str = "dev";

/// One account a service, in the order of deployment. The numbers are nobody's: a documentation's habit.
const ACCOUNTS: [(&str, &str); 4] = [
    ("members", "111111111111"),
    ("booking", "222222222222"),
    ("airmiles", "333333333333"),
    ("web", "444444444444"),
];

/// Where the pipelines are.
const TOOLS: (&str, &str) = ("tools", "555555555555");

/// Made by a person in AWS's console, and by nobody here.
const CONNECTION: &str = "arn:aws:codeconnections:eu-west-1:555555555555:connection/emulated";

/// The services that can be deployed alone.
pub(super) fn services() -> [&'static str; 4] {
    ACCOUNTS.map(|(service, _)| service)
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
        for release in releases.iter().filter(|release| chosen(release.service)) {
            for (function, path) in &release.zips {
                zips.push(json!({
                    "account": account(release.service), "bucket": bucket(release.service),
                    "key": release.key(function), "path": path,
                }));
            }
        }
        let accounts: Map<_, _> =
            accounts().map(|(name, account)| (name.to_owned(), json!(account))).collect();
        let whole = options.only.is_empty();
        let plan = json!({
            "environment": ENVIRONMENT, "region": REGION, "accounts": accounts,
            "all_stacks": all, "stacks": stacks, "zips": zips,
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
        let stack = template::name(stack);
        let translated = serde_json::from_slice(&std::fs::read(path)?)?;
        let local = gaps::go_round(stack, translated)?;
        let path = folder.join(format!("{stack}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&local)?)?;
        templates.push((stack, path));
    }
    let template_of = |stack: &str| {
        let found = templates.iter().find(|(name, _)| *name == stack).map(|(_, path)| path);
        found.with_context(|| format!("the stack {stack} was not translated"))
    };
    let mut stacks = Vec::new();
    for (service, account) in accounts() {
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
    for (service, account) in ACCOUNTS {
        let of_service = pipeline(service, account)?;
        stacks.push(tools_stack(
            &format!("tern-pipeline-{service}"),
            service,
            template_of("pipeline")?,
            of_service,
        ));
    }
    for (service, account) in ACCOUNTS {
        stacks.push(json!({
            "service": service, "name": format!("tern-{ENVIRONMENT}-{service}"), "account": account,
            "region": if service == "web" { WEB_REGION } else { REGION },
            "template": template_of(service)?, "organisation_of": "airmiles",
            "parameters": parameters(service, releases)?,
            "deployed_by": [
                format!("arn:aws:iam::{}:role/tern-pipeline-{service}", TOOLS.1),
                format!("arn:aws:iam::{account}:role/tern-deploy-{ENVIRONMENT}-{service}"),
            ],
            "made_as": format!("arn:aws:iam::{account}:role/tern-stack-{service}"),
        }));
    }
    Ok(stacks)
}

/// Every account: that of the pipelines first, for theirs are the roles by which the others' services are deployed.
fn accounts() -> impl Iterator<Item = (&'static str, &'static str)> {
    [TOOLS].into_iter().chain(ACCOUNTS)
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

/// The parameters of a service's pipeline: those that are written down for it, and whose accounts it releases into.
fn pipeline(service: &str, account: &str) -> Result<Value> {
    let path = project::infra().join(format!("pipelines/services/{service}.json"));
    let text = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let written: Value = serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
    let mut parameters = written["Parameters"].clone();
    let key = json!({ "of": "tern-tools", "output": "KeyArn" });
    if let Some(parameters) = parameters.as_object_mut() {
        for (name, value) in [
            ("Repository", json!("tern/tern")),
            ("ConnectionArn", json!(CONNECTION)),
            ("OrganizationId", json!("o-0123456789")),
            ("KeyArn", key.clone()),
            ("StackKeyArn", key),
            ("DevAccountId", json!(account)),
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

fn account(service: &str) -> &'static str {
    ACCOUNTS.iter().find(|(name, _)| *name == service).map_or("", |(_, account)| account)
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
fn bucket(service: &str) -> String {
    format!("releases-{}", account(service))
}

fn parameters(service: &str, releases: &[Release]) -> Result<Value> {
    let release = || {
        let release = releases.iter().find(|release| release.service == service);
        release.map(|release| release.id.clone()).with_context(|| format!("{service} has no release"))
    };
    let mut parameters = json!({ "Environment": ENVIRONMENT });
    let more = match service {
        "members" => json!({ "WebDomain": "tern.example", "SignInPrefix": "tern-dev" }),
        "booking" => json!({
            "OrganizationId": "o-0123456789", "AirmilesAccountId": account("airmiles"),
            "MembersAccountId": account("members"), "ArtifactBucket": bucket(service), "Release": release()?,
        }),
        "airmiles" => json!({
            "BookingAccountId": account("booking"), "MembersAccountId": account("members"),
            "ArtifactBucket": bucket(service), "Release": release()?,
        }),
        "web" => json!({
            "WebDomain": "tern.example", "CertificateArn": "arn:aws:acm:us-east-1:444444444444:certificate/tern",
            "ServicesRegion": REGION, "BookingAccountId": account("booking"),
            "AirmilesAccountId": account("airmiles"), "MembersAccountId": account("members"),
        }),
        _ => bail!("{service} has no parameters here"),
    };
    if let (Some(parameters), Value::Object(more)) = (parameters.as_object_mut(), more) {
        parameters.extend(more);
    }
    Ok(parameters)
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
