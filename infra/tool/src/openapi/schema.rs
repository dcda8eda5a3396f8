use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::object;

const PREFIX: &str = "#/components/schemas/";

/// The contract's named schemas, and those of them that were lowered because a request needs them.
pub(super) struct Models<'a> {
    named: &'a Value,
    lowered: BTreeMap<String, Value>,
}

impl<'a> Models<'a> {
    pub(super) fn new(named: &'a Value) -> Self {
        Self { named, lowered: BTreeMap::new() }
    }

    pub(super) fn into_lowered(self) -> Value {
        Value::Object(self.lowered.into_iter().collect())
    }

    /// Lowers a schema, and every named one that it leads to.
    ///
    /// # Errors
    /// When it holds a keyword that draft 4, or API Gateway's reading of it, doesn't have.
    pub(super) fn lower(&mut self, schema: &Value) -> Result<Value> {
        let Some(schema) = schema.as_object() else {
            bail!("a schema that is `true` or `false` has no counterpart in draft 4");
        };
        if let Some(reference) = schema.get("$ref") {
            return self.lower_reference(reference, schema);
        }
        if let Some(wanted) = beside_null(schema) {
            // Still lowered, so that what can't be read fails here too and not on the day it is made required.
            self.lower(&wanted)?;
            return Ok(json!({}));
        }
        let mut lowered = Map::new();
        for (keyword, value) in schema {
            let place = if keyword == "const" { "enum" } else { keyword };
            let value = match keyword.as_str() {
                // Said to people, or not known to draft 4 models: nothing is checked by it.
                "description" | "title" | "example" | "examples" | "default" | "deprecated" => continue,
                // API Gateway refuses these of numbers; of texts it knows none that we use. The service checks.
                "format" => continue,
                "type" => match value.as_str() {
                    None => bail!("`type` is a list, which API Gateway doesn't import"),
                    Some("null") => bail!("`type: null` alone: API Gateway has no type that is null"),
                    Some(_) => value.clone(),
                },
                "properties" => {
                    let lower = |(name, inner): (&String, &Value)| {
                        let inner = self.lower(inner).with_context(|| format!("property {name}"))?;
                        Ok((name.clone(), inner))
                    };
                    object(value).map(lower).collect::<Result<Map<_, _>>>()?.into()
                }
                "items" => self.lower(value).context("items")?,
                "allOf" => {
                    let parts = value.as_array().context("`allOf` is no list")?;
                    parts.iter().map(|part| self.lower(part)).collect::<Result<_>>()?
                }
                "pattern" => {
                    let pattern = value.as_str().context("`pattern` is no text")?;
                    if pattern.contains("(?<") || pattern.contains("\\p{") {
                        bail!("the pattern {pattern} uses what ECMA 262 of draft 4's time doesn't know");
                    }
                    value.clone()
                }
                "const" => json!([value]),
                "required" | "enum" | "minLength" | "maxLength" | "minItems" | "maxItems" | "uniqueItems"
                | "minimum" | "maximum" | "multipleOf" | "minProperties" | "maxProperties" => value.clone(),
                "additionalProperties" if value.is_boolean() => value.clone(),
                "exclusiveMinimum" | "exclusiveMaximum" => {
                    bail!("`{keyword}` isn't supported by API Gateway: give an inclusive bound")
                }
                "oneOf"
                | "anyOf"
                | "not"
                | "if"
                | "discriminator"
                | "prefixItems"
                | "patternProperties"
                | "additionalProperties" => {
                    bail!("`{keyword}` in a request can't be expressed for API Gateway")
                }
                _ => bail!(
                    "`{keyword}` is not known to the pass that lowers contracts: teach it what it means"
                ),
            };
            lowered.insert(place.to_owned(), value);
        }
        Ok(lowered.into())
    }

    fn lower_reference(&mut self, reference: &Value, schema: &Map<String, Value>) -> Result<Value> {
        let name = reference.as_str().and_then(|r| r.strip_prefix(PREFIX));
        let name = name.with_context(|| format!("the reference {reference} leaves `{PREFIX}`"))?;
        self.lower_named(name).with_context(|| format!("schema {name}"))?;
        let lowered = json!({ "$ref": format!("{PREFIX}{name}") });
        // Draft 4 reads nothing beside a `$ref`.
        let mut beside = schema.clone();
        beside.remove("$ref");
        let beside = self.lower(&beside.into())?;
        Ok(match beside.as_object().is_some_and(Map::is_empty) {
            true => lowered,
            false => json!({ "allOf": [lowered, beside] }),
        })
    }

    fn lower_named(&mut self, name: &str) -> Result<()> {
        if self.lowered.contains_key(name) {
            return Ok(());
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            bail!("a model's name is letters and digits only");
        }
        let schema = self.named.get(name).context("it is not among the components")?;
        self.lowered.insert(name.to_owned(), Value::Null); // ends the walk of a schema that contains itself
        let lowered = self.lower(schema)?;
        self.lowered.insert(name.to_owned(), lowered);
        Ok(())
    }
}

/// The schema without null, if it is nullable.
///
/// API Gateway's import drops `nullable` and would refuse a null that the service takes. So the gateway checks nothing of
/// such a value: it may be laxer than the contract, never stricter. The service checks all of it.
fn beside_null(schema: &Map<String, Value>) -> Option<Value> {
    if let Some([one, other]) = schema.get("type").and_then(Value::as_array).map(Vec::as_slice) {
        let kind = [one, other].into_iter().find(|kind| *kind != "null");
        let mut wanted = schema.clone();
        wanted.insert("type".to_owned(), kind?.clone());
        return (one == "null" || other == "null").then_some(wanted.into());
    }
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
    let [one, other] = choices.as_slice() else { return None };
    let is_null = |choice: &Value| choice.get("type").is_some_and(|kind| kind == "null");
    match (is_null(one), is_null(other)) {
        (false, true) => Some(one.clone()),
        (true, false) => Some(other.clone()),
        _ => None,
    }
}
