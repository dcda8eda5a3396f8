//! Templates' parts: YAML files with Jinja's statements, filled from the services' descriptors.
//!
//! `infra/shared` has the parts that several templates are made of; `service.yaml` lists those of a service. The delimiters are
//! `<% %>`, `<< >>` and `<# #>`, because `{{` and `${` mean something to CloudFormation.

use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, path_loader};
use serde_json::{Map, Value};

use crate::{project, yaml};

/// Between two parts in a rendered text.
const BOUNDARY: &str = "---\n";

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let syntax = SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters("<<", ">>")
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("no delimiter is empty"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_loader(path_loader(project::infra().join("shared")));
    environment.add_filter("camel", |name: String| camel(&name));
    environment.add_function("file", |path: String| {
        let unreadable = |cause| Error::new(ErrorKind::InvalidOperation, format!("reading {path}: {cause}"));
        std::fs::read_to_string(project::root().join(&path)).map_err(unreadable)
    });
    environment
});

/// The parts that `text` makes, with the values in `context`; `name` is what errors call it.
///
/// # Errors
/// When it names a value that there isn't, or makes something else than YAML.
pub(crate) fn fill(name: &str, text: &str, context: &Value) -> Result<Vec<Value>> {
    let filled = ENVIRONMENT.render_named_str(name, text, Serde(context))?;
    let parts = filled.split(BOUNDARY).filter(|part| !part.trim().is_empty());
    let read = |part: &str| {
        let beginning = part.lines().next().unwrap_or_default();
        yaml::read(part).with_context(|| format!("{name}, in what begins with `{beginning}`"))
    };
    parts.map(read).collect()
}

/// The parts that a file of `infra/shared` makes, with the values in `context`.
///
/// # Errors
/// As [`fill`].
pub(crate) fn shared(file: &str, context: &Value) -> Result<Vec<Value>> {
    fill(file, &format!("<% include '{file}' %>"), context)
}

/// Adds the resources that a file of `infra/shared` makes of the values in `context`.
///
/// # Errors
/// When it can't be filled, or the template has a resource of such a name.
pub(crate) fn derive(template: &mut Value, file: &str, context: &Value) -> Result<()> {
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    for mut part in shared(file, context)? {
        let Value::Object(made) = part["Resources"].take() else { continue };
        for (id, resource) in made {
            if resources.insert(id.clone(), resource).is_some() {
                bail!("{id} is written out, but infra/shared/{file} makes it");
            }
        }
    }
    Ok(())
}

/// Merges `over` into `base`: maps grow, lists are joined without repeating an item, and of two other values the later holds.
pub(crate) fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) if !is_function(base) && !is_function(&over) => {
            for (name, value) in over {
                match base.get_mut(&name) {
                    Some(existing) => merge(existing, value),
                    None => drop(base.insert(name, value)),
                }
            }
        }
        (Value::Array(base), Value::Array(over)) => {
            for item in over {
                if !base.contains(&item) {
                    base.push(item);
                }
            }
        }
        (base, over) => *base = over,
    }
}

/// Whether a map is one of CloudFormation's functions, which is a value as a whole.
fn is_function(map: &Map<String, Value>) -> bool {
    let mut names = map.keys();
    names.next().is_some_and(|name| name == "Ref" || name.starts_with("Fn::")) && names.next().is_none()
}

/// Takes out of the template's metadata what is there for rendering, and the metadata itself if nothing else is in it.
pub(crate) fn take_metadata(template: &mut Value, name: &str) -> Option<Value> {
    let metadata = template.get_mut("Metadata")?.as_object_mut()?;
    let taken = metadata.remove(name);
    let nothing_left = metadata.is_empty();
    if nothing_left && let Some(template) = template.as_object_mut() {
        template.remove("Metadata");
    }
    taken
}

/// Moves the statements in the template's metadata, `Permissions: {<function>: [...]}`, into the functions' roles.
///
/// # Errors
/// When a function that there isn't gets a permission.
pub(crate) fn grant_permissions(template: &mut Value) -> Result<()> {
    let Some(Value::Object(permissions)) = take_metadata(template, "Permissions") else { return Ok(()) };
    for (function, statements) in permissions {
        let role =
            format!("/Resources/{}Role/Properties/Policies/0/PolicyDocument/Statement", camel(&function));
        match (template.pointer_mut(&role), statements) {
            (Some(Value::Array(all)), Value::Array(statements)) => drop(all.splice(0..0, statements)),
            _ => bail!("Permissions are a list for one of the service's functions, which {function} is not"),
        }
    }
    Ok(())
}

/// `by_member` or `booking-events` as part of a logical id, which has letters and digits only: `ByMember`.
pub(crate) fn camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(text: &str) -> Result<Vec<Value>> {
        fill("a.yaml", text, &json!({ "service": "booking", "title": "Booking" }))
    }

    #[test]
    fn placeholders_are_filled_and_what_is_cloudformations_stays() {
        let text = "title: '<<title>>: tern-${E}-<<service>>, a < b > c'\n---\n<% if title %>\nsecret: '{{resolve:x}}'\n<% endif %>\n";
        let expected = [
            json!({ "title": "Booking: tern-${E}-booking, a < b > c" }),
            json!({ "secret": "{{resolve:x}}" }),
        ];
        assert_eq!(filled(text).unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_with_a_part_is_said_with_its_place() {
        for (text, said) in [
            ("a: 1\nb: <<colour>>\n", "undefined value: `colour` is undefined (in a.yaml:2)"),
            ("a: <<file('infra/nowhere.yaml')>>", "reading infra/nowhere.yaml: No such file"),
            ("a: 1\n---\n# The queue\nb: [\n", "a.yaml, in what begins with `# The queue`: line"),
        ] {
            let error = format!("{:#}", filled(text).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn the_later_of_two_parts_holds_and_lists_are_joined() {
        for (base, over, merged) in [
            (
                json!({ "a": { "b": 1, "c": 2 } }),
                json!({ "a": { "b": 3 } }),
                json!({ "a": { "b": 3, "c": 2 } }),
            ),
            (json!({ "a": [1, 2] }), json!({ "a": [2, 3] }), json!({ "a": [1, 2, 3] })),
            (
                json!({ "a": { "Ref": "X" } }),
                json!({ "a": { "Fn::Sub": "y" } }),
                json!({ "a": { "Fn::Sub": "y" } }),
            ),
        ] {
            let mut value = base;
            merge(&mut value, over);
            assert_eq!(value, merged);
        }
    }

    #[test]
    fn a_permission_is_granted_to_a_function_that_there_is() {
        let role =
            json!({ "Properties": { "Policies": [{ "PolicyDocument": { "Statement": ["shared"] } }] } });
        let template = |function: &str| json!({ "Metadata": { "Permissions": { function: ["own"] } }, "Resources": { "HttpRole": role } });
        let mut granted = template("http");
        grant_permissions(&mut granted).unwrap();
        let statements =
            granted.pointer("/Resources/HttpRole/Properties/Policies/0/PolicyDocument/Statement");
        assert_eq!(statements, Some(&json!(["own", "shared"])));
        assert!(granted.get("Metadata").is_none());
        let error = grant_permissions(&mut template("htp")).unwrap_err().to_string();
        assert!(error.ends_with("which htp is not"), "{error}");
    }
}
