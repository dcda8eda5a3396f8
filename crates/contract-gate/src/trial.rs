//! What a program really reads, found by trying: each place of a body is removed, and then spoilt. Tests compare
//! registrations with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::places::{Places, fields, leaves, marked, way};
use crate::tree::Tree;

/// Asserts that `consumer` registered the fields that `takes` reads of each event that it takes of `publisher`. `takes`
/// reads the examples in `api-types/fixtures/`; each of their places is removed, and then spoilt.
///
/// # Panics
/// When they differ, with what is read, or when an example is refused.
pub fn reads_registered_events(consumer: &str, publisher: &str, takes: impl Fn(&str) -> Result<(), String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root).expect("the contracts and registrations can be read");
    let events = tree.services.get(publisher).and_then(|given| given.contract.events.as_ref());
    let events = events.unwrap_or_else(|| panic!("{publisher} publishes no events"));
    let reads = tree.registrations.get(consumer).and_then(|registration| registration.reads.get(publisher));
    let taken = reads.and_then(|reads| reads.events.as_ref());
    let taken =
        taken.unwrap_or_else(|| panic!("the registration.json of {consumer} names no events of {publisher}"));
    for event_type in &taken.types {
        let example = root.join(format!("api-types/fixtures/{event_type}.json"));
        let example = fs::read(&example).unwrap_or_else(|error| panic!("{}: {error}", example.display()));
        let example: Value = serde_json::from_slice(&example).expect("an example is JSON");
        let read = found_to_read(&events.message, |_| example.clone(), |body| takes(&body.to_string()));
        assert_eq!(read, taken.reads, "{event_type}: correct the registration.json of {consumer}");
    }
}

/// The places of a body that `takes` reads, as a registration lists them: `?` stands after what it does without.
///
/// `body` makes a whole body in which the given place can be found, for instance [`sample`].
///
/// # Panics
/// When `takes` refuses a whole body, with its reason.
pub fn found_to_read(
    places: &Places,
    body: impl Fn(&str) -> Value,
    takes: impl Fn(&Value) -> Result<(), String>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for place in leaves(places) {
        let whole = body(place);
        if let Err(reason) = takes(&whole) {
            panic!("a whole body is refused: {reason}");
        }
        // No field of any type is read from an object like this.
        let spoilt = changed(&whole, place, &mut |value| *value = json!({"spoilt": [{}]}));
        if takes(&spoilt.unwrap_or_else(|| panic!("`{place}` is not in the body"))).is_ok() {
            continue; // the place is not read
        }
        found.insert(marked(place, |at| takes(&without(&whole, at)).is_ok()));
    }
    found
}

/// The places that hold values in all of `bodies`, and with `?` those that only some hold. Of lists, the first item.
pub fn found_to_send(places: &Places, bodies: &[Value]) -> BTreeSet<String> {
    let holds = |at: &str, body: &Value| changed(body, at, &mut |_| ()).is_some();
    let sent = leaves(places).filter(|place| bodies.iter().any(|body| holds(place, body)));
    sent.map(|place| marked(place, |at| bodies.iter().any(|body| !holds(at, body)))).collect()
}

/// A body with all its fields, one item in each list, and the variants on the way to `toward`.
pub fn sample(places: &Places, toward: &str) -> Value {
    sampled(places, "", toward)
}

fn sampled(places: &Places, at: &str, toward: &str) -> Value {
    let place = &places[at];
    let is = |kind: &str| place.kinds.contains(kind);
    if let Some(example) = &place.example {
        return example.clone();
    }
    if let Some(value) = place.values.as_ref().and_then(BTreeSet::first) {
        return value.clone().into();
    }
    if is("object") {
        let all = |at: &str| -> Map<String, Value> {
            fields(places, at)
                .map(|(name, inside)| (name.to_owned(), sampled(places, inside, toward)))
                .collect()
        };
        let mut object = all(at);
        let variants: Vec<&str> = places
            .keys()
            .filter_map(|key| key.strip_prefix(at)?.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let on_the_way = |value: &&&str| way(toward).any(|holder| holder == format!("{at}{{{value}}}"));
        if let Some(value) = variants.iter().find(on_the_way).or(variants.first()) {
            let is_tag =
                |inside: &str| places[inside].values.as_ref().is_some_and(|values| values.contains(*value));
            let tag = fields(places, at).find(|(_, inside)| is_tag(inside));
            object.extend(tag.map(|(name, _)| (name.to_owned(), (*value).into())));
            object.extend(all(&format!("{at}{{{value}}}")));
        }
        return object.into();
    }
    if is("array") {
        return json!([sampled(places, &format!("{at}[]"), toward)]);
    }
    if is("integer") || is("number") {
        return place.rules.get("minimum").and_then(Value::as_f64).map_or(1, |least| least as i64).into();
    }
    if is("boolean") { true.into() } else { "a".into() }
}

/// `body` with `change` made at the place; `None` if it has no such place.
fn changed(body: &Value, place: &str, change: &mut dyn FnMut(&mut Value)) -> Option<Value> {
    let mut copy = body.clone();
    let mut value = &mut copy;
    let mut walked = 0;
    for holder in way(place) {
        let step = &place[walked..holder.len()];
        walked = holder.len();
        value = match step.chars().next() {
            None | Some('{') => value, // a variant's fields stand in the object itself
            Some('[') => value.get_mut(0)?,
            Some(_) => value.get_mut(step.trim_start_matches('.'))?,
        };
    }
    change(value);
    Some(copy)
}

/// `body` without the field at `place`.
fn without(body: &Value, place: &str) -> Value {
    let end = place.rfind(['.', '[', '{', '}']);
    let (holder, name) = end.map_or(("", place), |end| (&place[..end], &place[end + 1..]));
    let mut remove = |object: &mut Value| {
        if let Value::Object(fields) = object {
            fields.remove(name);
        }
    };
    changed(body, holder, &mut remove).unwrap_or_else(|| body.clone())
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
        let places = crate::places::read(&Value::Null, &body).unwrap();
        let takes = |body: &Value| {
            serde_json::from_value::<Reader>(body.clone()).map(drop).map_err(|e| e.to_string())
        };
        let found = found_to_read(&places, |place| sample(&places, place), takes);
        assert_eq!(Vec::from_iter(found), ["aliases?[]", "id", "price?.amount_minor"]);
    }
}
