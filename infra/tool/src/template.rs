//! A stack's folder of YAML files becomes one self-contained SAM template.
//!
//! Each file holds one idea (the gateway, the table, ...) and any of a template's sections; a name may stand in one file
//! only. A service's template begins with what its descriptor makes of the shared fragments ([`fragments`]); its own files
//! add to that. `Fn::Transform: AWS::Include` of a contract (`Location`) is replaced by that contract, lowered for API
//! Gateway, and of another file (`Text`) by that file's text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use service_descriptor::Service;

use crate::fragments::{self, Words};
use crate::openapi::{self, Gateway, Operators};
use crate::{alarms, dashboard, project, yaml};

/// What every account has first.
pub(crate) const BASELINE: &str = "baseline";

/// The stacks of the account that the pipelines are in.
const TOOLS: [&str; 3] = ["tools", "pipeline", "operations"];

/// Every stack, in the order in which an empty set of accounts is filled. A service's stack has the service's name.
///
/// # Errors
/// When the descriptors can't be read.
pub(crate) fn all() -> Result<impl Iterator<Item = &'static str>> {
    Ok([BASELINE].into_iter().chain(project::services()?.names()).chain(TOOLS))
}

/// The folder of a stack's own files.
fn folder(stack: &str) -> PathBuf {
    project::infra().join(match stack {
        BASELINE | "operations" => stack.to_owned(),
        "tools" | "pipeline" => format!("pipelines/{stack}"),
        service => format!("services/{service}"),
    })
}

/// Writes a release into a rendered template, as its parameter's default.
///
/// SAM names a function's version after what it can resolve of the code's place. Were the release known only at deployment,
/// every release would be the same version, and the alias would stay at the first.
pub(crate) fn pin_release(template: &mut Value, release: &str) {
    if let Some(parameter) = template["Parameters"].get_mut("Release") {
        parameter["Default"] = release.into();
    }
}

/// Renders a stack.
///
/// # Errors
/// When a file can't be read, two files hold the same name, or a contract can't be lowered.
pub(crate) fn render(stack: &str) -> Result<Value> {
    render_stack(stack).with_context(|| format!("rendering the stack {stack}"))
}

fn render_stack(stack: &str) -> Result<Value> {
    let services = project::services()?;
    let service: Option<&Service> = services.iter().find(|service| service.name == stack);
    let mut template = match service {
        None => read_folder(&folder(stack), None)?,
        Some(service) => {
            let mut template = fragments::of(service, services)?;
            fragments::merge(
                &mut template,
                read_folder(&folder(stack), Some(&fragments::words(service, services)))?,
            );
            fragments::grant_permissions(&mut template)?;
            template
        }
    };
    include(&mut template)?;
    if stack == "operations" {
        dashboard::way::add(&mut template, services)?;
    }
    alarms::add(&mut template)?;
    if let Some(service) = service {
        dashboard::add(&mut template, service)?;
    }
    Ok(template)
}

/// The files of a folder as one template.
fn read_folder(folder: &Path, words: Option<&Words>) -> Result<Value> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {name}"))?;
            let text =
                words.map_or(Ok(text.clone()), |words| words.fill(&text)).with_context(|| name.clone())?;
            files.insert(name.clone(), yaml::read(&text).with_context(|| name.clone())?);
        }
    }
    if files.is_empty() {
        bail!("{} holds no template", folder.display());
    }
    merge(&files)
}

fn merge(files: &BTreeMap<String, Value>) -> Result<Value> {
    let mut merged = Map::new();
    for (file, content) in files {
        let sections = content.as_object().with_context(|| format!("{file} is no template"))?;
        for (section, value) in sections {
            match (merged.get_mut(section), value) {
                (None, value) => {
                    merged.insert(section.clone(), value.clone());
                }
                (Some(have), more) if section == "Metadata" => fragments::merge(have, more.clone()),
                (Some(Value::Object(have)), Value::Object(more)) => {
                    for (name, value) in more {
                        if have.insert(name.clone(), value.clone()).is_some() {
                            bail!("{file}: {section} has {name} in another file too");
                        }
                    }
                }
                _ => bail!("{file}: {section} stands in another file too"),
            }
        }
    }
    Ok(merged.into())
}

/// Puts files in place of their includes, wherever they are.
fn include(value: &mut Value) -> Result<()> {
    match value {
        Value::Object(map) => {
            if let Some(transform) = map.get("Fn::Transform") {
                *value = included(transform)?;
                return Ok(());
            }
            map.values_mut().try_for_each(include)
        }
        Value::Array(items) => items.iter_mut().try_for_each(include),
        _ => Ok(()),
    }
}

fn included(transform: &Value) -> Result<Value> {
    if transform["Name"] != "AWS::Include" {
        bail!("only AWS::Include of a file of ours can be rendered, not {}", transform["Name"]);
    }
    let text = |name: &str| {
        transform["Parameters"][name].as_str().with_context(|| format!("AWS::Include needs {name}, a text"))
    };
    if let Ok(file) = text("Text") {
        return Ok(std::fs::read_to_string(project::root().join(file))
            .with_context(|| format!("reading {file}"))?
            .into());
    }
    let location = text("Location")?;
    let contract =
        std::fs::read(project::root().join(location)).with_context(|| format!("reading {location}"))?;
    let contract: Value = serde_json::from_slice(&contract).with_context(|| location.to_owned())?;
    let gateway = Gateway {
        function: text("Function")?.to_owned(),
        user_pool_arn: transform["Parameters"].get("UserPoolArn").cloned(),
        scopes: text("Scope").map(str::to_owned).into_iter().collect(),
        is_private: text("Access")? == "private",
        operators: transform["Parameters"].get("Operators").map(|operators| Operators {
            organization: operators["Organization"].clone(),
            accounts: operators["Accounts"].clone(),
        }),
    };
    openapi::lower(&contract, &gateway).with_context(|| location.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn files_of_a_folder_become_one_template() {
        let folder = folder(&[
            ("a.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: 'AWS::KMS::Key'}\n"),
            ("b.yaml", "Resources:\n  B: {Type: 'AWS::KMS::Key'}\n"),
            ("notes.md", "no template"),
        ]);
        let rendered = read_folder(folder.path(), None).unwrap();
        assert_eq!(rendered["Resources"].as_object().unwrap().len(), 2);
        assert_eq!(rendered["Transform"], "AWS::Serverless-2016-10-31");
    }

    #[test]
    fn several_files_can_grant_permissions() {
        let folder = folder(&[
            ("a.yaml", "Metadata: {Permissions: {http: [read]}}"),
            ("b.yaml", "Metadata: {Permissions: {http: [write], events: [read]}}"),
        ]);
        let permissions = read_folder(folder.path(), None).unwrap()["Metadata"]["Permissions"].take();
        assert_eq!(permissions, serde_json::json!({ "http": ["read", "write"], "events": ["read"] }));
    }

    #[test]
    fn what_stands_twice_or_nowhere_is_said() {
        let resource = "Resources:\n  A: {Type: 'AWS::SNS::Topic'}\n";
        for (files, said) in [
            (vec![("a.yaml", resource), ("b.yaml", resource)], "b.yaml: Resources has A in another file too"),
            (
                vec![("a.yaml", "Transform: x"), ("b.yaml", "Transform: x")],
                "b.yaml: Transform stands in another",
            ),
            (vec![("a.yaml", "[]")], "a.yaml is no template"),
            (vec![], "no template"),
        ] {
            let error = format!("{:#}", read_folder(folder(&files).path(), None).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn only_files_of_ours_are_included() {
        let mut template = yaml::read("Resources: {A: {'Fn::Transform': {Name: Macro}}}").unwrap();
        assert!(include(&mut template).unwrap_err().to_string().starts_with("only AWS::Include"));
    }

    #[test]
    fn every_stack_renders_the_same_way_twice() {
        for stack in all().unwrap() {
            let first = render(stack).unwrap();
            assert_eq!(first.to_string(), render(stack).unwrap().to_string(), "{stack}");
        }
    }
}
