//! What a body may hold: JSON Schema 2020-12 as far as Tern's contracts use it, references resolved.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::path::{Path, Registered, Step};

/// What JSON tells apart.
pub const KINDS: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Keywords that say nothing about which values are allowed.
const ANNOTATIONS: [&str; 10] = [
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "deprecated",
    "example",
    "examples",
    "externalDocs",
];

/// Keywords whose larger number allows less.
const LOWER_BOUNDS: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];

/// Keywords whose smaller number allows less.
const UPPER_BOUNDS: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/// What one place in a body may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// The kinds it may be of, `null` apart.
    pub kinds: BTreeSet<String>,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// The only values it may have, if they are listed; text without quotes.
    pub values: Option<BTreeSet<String>>,
    /// What `format` says.
    pub format: Option<String>,
    /// What `pattern` says.
    pub pattern: Option<String>,
    /// Least allowed numbers, lengths and counts, by keyword.
    pub at_least: BTreeMap<String, f64>,
    /// Greatest allowed numbers, lengths and counts, by keyword.
    pub at_most: BTreeMap<String, f64>,
    /// An object's fields.
    pub fields: BTreeMap<String, Field>,
    /// A list's items.
    pub items: Option<Box<Schema>>,
    /// What an object holds besides, by its tag's value; the tag itself is one of `fields`.
    pub variants: BTreeMap<String, Schema>,
    /// A value that fits, if the contract has one.
    pub example: Option<Value>,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Whether every such object has it.
    pub required: bool,
    /// What it holds.
    pub schema: Schema,
}

impl Schema {
    /// An object of these fields.
    #[must_use]
    pub fn object(fields: BTreeMap<String, Field>) -> Self {
        Self { kinds: ["object".to_owned()].into(), fields, ..Self::default() }
    }

    /// Reads `node`, whose references lead into `document`.
    ///
    /// # Errors
    /// When a reference leads nowhere or in a circle, or a keyword is used that the gate can't compare.
    pub fn read(document: &Value, node: &Value) -> Result<Self> {
        Reader { document, within: Vec::new() }.schema(node)
    }

    /// The places that hold values, each with what may be missing on the way to it.
    #[must_use]
    pub fn leaves(&self) -> Vec<Registered> {
        let mut found = Vec::new();
        self.collect_leaves(&Path::default(), &mut Vec::new(), &mut found);
        found
    }

    fn collect_leaves(&self, at: &Path, optional: &mut Vec<usize>, found: &mut Vec<Registered>) {
        let before = found.len();
        for (name, field) in &self.fields {
            let at = at.then(Step::Field(name.clone()));
            if !field.required {
                optional.push(at.0.len());
            }
            field.schema.collect_leaves(&at, optional, found);
            if !field.required {
                optional.pop();
            }
        }
        if let Some(items) = &self.items {
            items.collect_leaves(&at.then(Step::Items), optional, found);
        }
        for (value, variant) in &self.variants {
            if !variant.fields.is_empty() {
                variant.collect_leaves(&at.then(Step::Variant(value.clone())), optional, found);
            }
        }
        if found.len() == before && !at.0.is_empty() {
            found.push(Registered::new(at.clone(), optional.clone()));
        }
    }
}

struct Reader<'a> {
    document: &'a Value,
    within: Vec<String>, // the references that are being read
}

impl Reader<'_> {
    fn schema(&mut self, node: &Value) -> Result<Schema> {
        let keywords = match node {
            Value::Object(keywords) => keywords,
            Value::Bool(true) => return Ok(anything()),
            _ => bail!("{node} is no schema"),
        };
        if let Some(target) = keywords.get("$ref").and_then(Value::as_str) {
            if let Some(other) = keywords.keys().find(|name| *name != "$ref" && !is_annotation(name)) {
                bail!("`{other}` beside `$ref` can't be compared");
            }
            return self.referred(target);
        }
        let mut schema = Schema::default();
        for (name, value) in keywords {
            match name.as_str() {
                "type" => read_type(&mut schema, value)?,
                "enum" => read_values(&mut schema, value.as_array().context("`enum` is a list")?),
                "const" => read_values(&mut schema, std::slice::from_ref(value)),
                "format" => schema.format = Some(text(name, value)?),
                "pattern" => schema.pattern = Some(text(name, value)?),
                "items" => schema.items = Some(Box::new(self.schema(value)?)),
                "properties" => {
                    let required = keywords.get("required").and_then(Value::as_array);
                    for (field, of) in value.as_object().context("`properties` is an object")? {
                        let required = required.is_some_and(|all| all.iter().any(|each| each == field));
                        let schema_of = self.schema(of).with_context(|| format!("`{field}`"))?;
                        schema.fields.insert(field.clone(), Field { required, schema: schema_of });
                    }
                }
                "required" | "oneOf" | "anyOf" => {}
                "additionalProperties" if value.is_boolean() => {} // what isn't described is nobody's to read
                name if LOWER_BOUNDS.contains(&name) => {
                    schema.at_least.insert(name.to_owned(), number(name, value)?);
                }
                name if UPPER_BOUNDS.contains(&name) => {
                    schema.at_most.insert(name.to_owned(), number(name, value)?);
                }
                name if is_annotation(name) => {}
                _ => bail!("`{name}` can't be compared: leave it out, or teach the contract gate"),
            }
        }
        schema.example =
            keywords.get("example").or_else(|| keywords.get("examples")?.as_array()?.first()).cloned();
        if let Some(either) = keywords.get("oneOf").or_else(|| keywords.get("anyOf")) {
            return self.either(schema, either.as_array().context("`oneOf` is a list")?);
        }
        if schema.kinds.is_empty() && !schema.nullable && schema.values.is_none() {
            schema.kinds = anything().kinds;
            schema.nullable = true;
        }
        Ok(schema)
    }

    fn referred(&mut self, target: &str) -> Result<Schema> {
        if self.within.iter().any(|outer| outer == target) {
            bail!("`{target}` holds itself, which can't be compared");
        }
        let node = target.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
        let node = node.with_context(|| format!("`{target}` leads nowhere"))?;
        self.within.push(target.to_owned());
        let schema = self.schema(node).with_context(|| format!("`{target}`"))?;
        self.within.pop();
        Ok(schema)
    }

    /// A value that may be `null`, or objects told apart by a tag.
    fn either(&mut self, outer: Schema, nodes: &[Value]) -> Result<Schema> {
        let nullable = nodes.iter().any(is_null);
        let options: Vec<&Value> = nodes.iter().filter(|node| !is_null(node)).collect();
        if let [only] = options[..] {
            let mut schema = self.schema(only)?;
            schema.nullable |= nullable;
            return Ok(schema);
        }
        let options = options.into_iter().map(|node| self.schema(node)).collect::<Result<Vec<_>>>()?;
        let (tag, values) =
            tag_of(&options).context("`oneOf` without a field that tells its objects apart")?;
        let mut schema = Schema { nullable, example: outer.example, ..Schema::object(BTreeMap::new()) };
        let tag_schema = Schema {
            kinds: ["string".to_owned()].into(),
            values: Some(values.iter().cloned().collect()),
            ..Schema::default()
        };
        schema.fields.insert(tag.clone(), Field { required: true, schema: tag_schema });
        for (value, mut option) in values.into_iter().zip(options) {
            option.fields.remove(&tag);
            schema.variants.insert(value, option);
        }
        Ok(schema)
    }
}

/// The required field that has one value in each object, another in every one, and these values.
fn tag_of(options: &[Schema]) -> Option<(String, Vec<String>)> {
    let first = options.first()?;
    first.fields.keys().find_map(|name| {
        let values: Option<Vec<String>> = options
            .iter()
            .map(|option| {
                let field = option.fields.get(name).filter(|field| field.required)?;
                let values = field.schema.values.as_ref().filter(|values| values.len() == 1)?;
                values.first().cloned()
            })
            .collect();
        let values = values?;
        let distinct: BTreeSet<&String> = values.iter().collect();
        (distinct.len() == values.len()).then_some((name.clone(), values))
    })
}

fn anything() -> Schema {
    Schema { kinds: KINDS.map(str::to_owned).into(), nullable: true, ..Schema::default() }
}

fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || name.starts_with("x-")
}

fn is_null(node: &Value) -> bool {
    node["type"] == "null"
}

fn read_type(schema: &mut Schema, value: &Value) -> Result<()> {
    let names = match value {
        Value::String(_) => std::slice::from_ref(value),
        Value::Array(names) => names.as_slice(),
        _ => bail!("`type` is a name or a list of names"),
    };
    for name in names {
        match name.as_str() {
            Some("null") => schema.nullable = true,
            Some(name) if KINDS.contains(&name) => {
                schema.kinds.insert(name.to_owned());
            }
            _ => bail!("{name} is no type"),
        }
    }
    Ok(())
}

fn read_values(schema: &mut Schema, values: &[Value]) {
    schema.nullable |= values.iter().any(Value::is_null);
    let values = values.iter().filter(|value| !value.is_null());
    schema.values =
        Some(values.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect());
}

fn text(name: &str, value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("`{name}` is a text"))
}

fn number(name: &str, value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("`{name}` is a number"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leaves(document: &Value) -> Vec<String> {
        let leaves = Schema::read(document, &document["root"]).unwrap().leaves();
        leaves.iter().map(Registered::to_string).collect()
    }

    #[test]
    fn places_are_listed_through_references_lists_and_variants() {
        let document = json!({
            "root": {"type": "object", "required": ["legs"], "properties": {
                "legs": {"type": "array", "items": {"$ref": "#/leg", "description": "Flown"}},
                "note": {"type": ["string", "null"]},
                "nothing": {"type": "object"},
            }},
            "leg": {"oneOf": [
                {"type": "object", "required": ["by"], "properties": {"by": {"enum": ["foot"]}}},
                {"type": "object", "required": ["by", "seat"],
                    "properties": {"by": {"const": "air"}, "seat": {"type": "string"}}},
            ]},
        });
        assert_eq!(leaves(&document), ["legs[].by", "legs[]{air}.seat", "note?", "nothing?"]);
    }

    #[test]
    fn what_may_be_null_is_what_it_is_otherwise() {
        let text = json!({"type": "string", "maxLength": 3});
        for nullable in [
            json!({"type": ["string", "null"], "maxLength": 3}),
            json!({"oneOf": [text, {"type": "null"}]}),
            json!({"anyOf": [{"type": "null"}, text]}),
        ] {
            let mut read = Schema::read(&Value::Null, &nullable).unwrap();
            assert!(read.nullable, "{nullable}");
            read.nullable = false;
            assert_eq!(read, Schema::read(&Value::Null, &text).unwrap(), "{nullable}");
        }
    }

    #[test]
    fn what_the_gate_cannot_compare_is_refused() {
        let document = |node: Value| json!({"root": node, "again": {"$ref": "#/again"}});
        for (node, said) in [
            (json!({"$ref": "#/nowhere"}), "`#/nowhere` leads nowhere"),
            (json!({"$ref": "#/again"}), "`#/again`: `#/again` holds itself, which can't be compared"),
            (json!({"$ref": "#/again", "maxLength": 3}), "`maxLength` beside `$ref` can't be compared"),
            (
                json!({"type": "string", "not": {"const": "x"}}),
                "`not` can't be compared: leave it out, or teach the contract gate",
            ),
            (
                json!({"type": "object", "additionalProperties": {"type": "string"}}),
                "`additionalProperties` can't be compared: leave it out, or teach the contract gate",
            ),
            (
                json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
                "`oneOf` without a field that tells its objects apart",
            ),
            (json!({"type": "text"}), "\"text\" is no type"),
            (json!("string"), "\"string\" is no schema"),
        ] {
            let document = document(node);
            let error = Schema::read(&document, &document["root"]).unwrap_err();
            assert_eq!(format!("{error:#}"), said);
        }
    }
}
