//! A stack's folder of YAML files becomes one self-contained SAM template.
//!
//! Each file holds one idea (the gateway, the table, ...) and any of a template's sections; a name may stand in one file
//! only. A service's template begins with what its descriptor makes of the shared parts ([`fragments`]); its own files
//! add to that. The gateway's body is the service's contract, lowered for API Gateway.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{alarms, dashboard, fragments, openapi, project};

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
    let service = services.iter().find(|service| service.name == stack);
    let all: Vec<_> = services.iter().collect();
    let context = json!({ "service": service, "services": all });
    let mut template = json!({});
    if service.is_some() {
        let parts = fragments::shared("service.yaml", &context)?;
        parts.into_iter().for_each(|part| fragments::merge(&mut template, part));
    }
    fragments::merge(&mut template, read_folder(&folder(stack), &context)?);
    fragments::grant_permissions(&mut template)?;
    if let Some(body) = template.pointer_mut("/Resources/Api/Properties/DefinitionBody") {
        *body = openapi::body(body.take())?;
    }
    alarms::add(&mut template)?;
    dashboard::add(&mut template, service)?;
    if template.to_string().contains("\"Fn::Transform\"") {
        bail!("`Fn::Transform` would need AWS: a template is self-contained");
    }
    Ok(template)
}

/// The files of a folder as one template.
fn read_folder(folder: &Path, context: &Value) -> Result<Value> {
    let mut files = project::files_below(folder)?;
    files.retain(|file| file.ends_with(".yaml"));
    if files.is_empty() {
        bail!("{} holds no template", folder.display());
    }
    let mut template = json!({});
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).with_context(|| format!("reading {file}"))?;
        for part in fragments::fill(&file, &text, context)? {
            must_be_new(&template, &part).with_context(|| file.clone())?;
            fragments::merge(&mut template, part);
        }
    }
    Ok(template)
}

/// A name stands in one file only; metadata is joined.
fn must_be_new(template: &Value, part: &Value) -> Result<()> {
    for (section, more) in part.as_object().context("this is no template")? {
        match (template.get(section), more) {
            (None, _) => {}
            _ if section == "Metadata" => {}
            (Some(Value::Object(have)), Value::Object(more)) => {
                if let Some(name) = more.keys().find(|name| have.contains_key(*name)) {
                    bail!("{section} has {name} in another file too");
                }
            }
            _ => bail!("{section} stands in another file too"),
        }
    }
    Ok(())
}

/// A value for each parameter of `template`, as far as it is `known`. One with a default may stay unknown.
///
/// # Errors
/// With the name of the first parameter that needs a value.
pub(crate) fn parameters(
    template: &Value,
    known: impl Fn(&str) -> Option<Value>,
) -> Result<Map<String, Value>, String> {
    let mut parameters = Map::new();
    for (name, parameter) in template["Parameters"].as_object().into_iter().flatten() {
        match known(name) {
            Some(value) => drop(parameters.insert(name.clone(), value)),
            None if parameter.get("Default").is_some() => {}
            None => return Err(name.clone()),
        }
    }
    Ok(parameters)
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
        let rendered = read_folder(folder.path(), &json!({})).unwrap();
        assert_eq!(rendered["Resources"].as_object().unwrap().len(), 2);
        assert_eq!(rendered["Transform"], "AWS::Serverless-2016-10-31");
    }

    #[test]
    fn several_files_can_grant_permissions() {
        let folder = folder(&[
            ("a.yaml", "Metadata: {Permissions: {http: [read]}}"),
            ("b.yaml", "Metadata: {Permissions: {http: [write], events: [read]}}"),
        ]);
        let permissions = read_folder(folder.path(), &json!({})).unwrap()["Metadata"]["Permissions"].take();
        assert_eq!(permissions, json!({ "http": ["read", "write"], "events": ["read"] }));
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
            (vec![("a.yaml", "[]")], "a.yaml: this is no template"),
            (vec![], "no template"),
        ] {
            let error = format!("{:#}", read_folder(folder(&files).path(), &json!({})).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn every_stack_renders_the_same_way_twice() {
        for stack in all().unwrap() {
            let first = render(stack).unwrap();
            assert_eq!(first.to_string(), render(stack).unwrap().to_string(), "{stack}");
        }
    }
}
