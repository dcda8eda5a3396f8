//! What a program really reads, found by trying: each place of a body is taken out, and then spoilt. Tests hold
//! registrations against it, so that nobody registers from memory.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::path::{Path, Registered, Step};
use crate::schema::Schema;

/// The places of bodies of `schema` that `takes` reads. `?` stands after what it does without.
///
/// `body` makes a whole body in which the given place can be found, for instance [`sample`].
///
/// # Panics
/// When `takes` refuses a whole body: then nothing can be found out.
#[must_use]
pub fn found_to_read(
    schema: &Schema,
    body: impl Fn(&Path) -> Value,
    takes: impl Fn(&Value) -> bool,
) -> BTreeSet<Registered> {
    let mut found = BTreeSet::new();
    for leaf in schema.leaves() {
        let path = leaf.path();
        let whole = body(path);
        assert!(takes(&whole), "a whole body is refused: {whole}");
        // No field of any type is read from an object that holds this.
        let spoilt = changed(&whole, path, &mut |place| *place = json!({"spoilt": [{}]}));
        if takes(&spoilt.unwrap_or_else(|| panic!("`{path}` is not in {whole}"))) {
            continue; // nobody looked
        }
        let fields = (1..=path.0.len()).filter(|length| matches!(path.0[length - 1], Step::Field(_)));
        let optional = fields.filter(|length| takes(&without(&whole, &path.first(*length))));
        found.insert(Registered::new(path.clone(), optional.collect()));
    }
    found
}

/// A body of `schema` with all its fields, one item in each list, and the variants that lie on the way to `toward`.
#[must_use]
pub fn sample(schema: &Schema, toward: &Path) -> Value {
    sampled(schema, &toward.0)
}

fn sampled(schema: &Schema, toward: &[Step]) -> Value {
    let inside = |step: &Step| -> &[Step] { if toward.first() == Some(step) { &toward[1..] } else { &[] } };
    let is = |kind: &str| schema.kinds.contains(kind);
    if let Some(example) = &schema.example {
        return example.clone();
    }
    if let Some(value) = schema.values.as_ref().and_then(BTreeSet::first) {
        return value.clone().into();
    }
    if is("object") {
        let mut fields = Map::new();
        for (name, field) in &schema.fields {
            let step = Step::Field(name.clone());
            fields.insert(name.clone(), sampled(&field.schema, inside(&step)));
        }
        if let Some((value, variant)) = variant_toward(schema, toward) {
            let tag = schema
                .fields
                .iter()
                .find(|(_, field)| field.schema.values.as_ref().is_some_and(|values| values.contains(value)));
            let step = Step::Variant(value.clone());
            if let Value::Object(more) = sampled(variant, inside(&step)) {
                fields.extend(more);
            }
            fields.extend(tag.map(|(name, _)| (name.clone(), value.clone().into())));
        }
        return fields.into();
    }
    if is("array") {
        return schema.items.iter().map(|items| sampled(items, inside(&Step::Items))).collect();
    }
    if is("integer") || is("number") {
        return (schema.at_least.get("minimum").copied().unwrap_or(1.0) as i64).into();
    }
    if is("boolean") { true.into() } else { "a".into() }
}

fn variant_toward<'s>(schema: &'s Schema, toward: &[Step]) -> Option<(&'s String, &'s Schema)> {
    match toward.first() {
        Some(Step::Variant(value)) => schema.variants.get_key_value(value),
        _ => schema.variants.first_key_value(),
    }
}

/// `body` with `change` made at the place; `None` if it has no such place.
fn changed(body: &Value, path: &Path, change: &mut dyn FnMut(&mut Value)) -> Option<Value> {
    let mut copy = body.clone();
    let mut place = &mut copy;
    for step in &path.0 {
        place = match step {
            Step::Field(name) => place.get_mut(name)?,
            Step::Items => place.get_mut(0)?,
            Step::Variant(_) => place,
        };
    }
    change(place);
    Some(copy)
}

/// `body` without the field at the end of `path`.
fn without(body: &Value, path: &Path) -> Value {
    let Some((Step::Field(name), around)) = path.0.split_last() else { return body.clone() };
    let mut take_out = |object: &mut Value| {
        if let Value::Object(fields) = object {
            fields.remove(name);
        }
    };
    changed(body, &Path(around.to_vec()), &mut take_out).unwrap_or_else(|| body.clone())
}

/// The places that hold values in all of `bodies`, and with `?` those that only some hold. Lists are looked into by
/// their first item.
#[must_use]
pub fn found_to_send(schema: &Schema, bodies: &[Value]) -> BTreeSet<Registered> {
    let holds = |path: &Path, body: &Value| changed(body, path, &mut |_| ()).is_some();
    let mut found = BTreeSet::new();
    for leaf in schema.leaves() {
        let path = leaf.path();
        if bodies.iter().any(|body| holds(path, body)) {
            let some_lack = |length: &usize| bodies.iter().any(|body| !holds(&path.first(*length), body));
            found.insert(Registered::new(path.clone(), (1..=path.0.len()).filter(some_lack).collect()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "read by the trial only")]
    struct Reader {
        id: String,
        price: Option<Price>,
        #[serde(default)]
        aliases: Vec<String>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "read by the trial only")]
    struct Price {
        amount_minor: i64,
    }

    #[test]
    fn a_readers_needs_are_found_by_trying() {
        let price = json!({"type": "object", "required": ["amount_minor", "note"],
            "properties": {"amount_minor": {"type": "integer"}, "note": {"type": "string"}}});
        let body = json!({"type": "object", "required": ["id", "price"], "properties": {
            "id": {"type": "string"}, "price": price, "unread": {"type": "string"},
            "aliases": {"type": "array", "items": {"type": "string"}}}});
        let schema = Schema::read(&Value::Null, &body).unwrap();
        let takes = |body: &Value| serde_json::from_value::<Reader>(body.clone()).is_ok();
        let found = found_to_read(&schema, |path| sample(&schema, path), takes);
        let found: Vec<String> = found.iter().map(Registered::to_string).collect();
        assert_eq!(found, ["aliases?[]", "id", "price?.amount_minor"]);
    }
}
