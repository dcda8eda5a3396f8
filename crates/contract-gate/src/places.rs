//! A JSON Schema as a flat map: each place in a body, such as `offers[].price.amount_minor`, and what may stand there.
//!
//! `[]` are the items of a list; `change{fee}.fee` is the field `fee` of `change` where its tag is `fee`. In registrations `?`
//! stands after what may be missing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Keywords that don't restrict values.
const ANNOTATIONS: &str =
    "$schema $id $defs title description default deprecated example examples externalDocs";
/// Keywords that restrict values.
const RULES: &str = "pattern format minimum exclusiveMinimum minLength minItems minProperties \
                     maximum exclusiveMaximum maxLength maxItems maxProperties";

/// The JSON types.
const KINDS: &str = "array boolean integer null number object string";

/// The places of a body by their names; the body itself is `""`.
pub type Places = BTreeMap<String, Place>;

/// What may stand at one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Whether what holds it always has it.
    pub required: bool,
    /// JSON types, `null` among them. Empty: anything.
    pub kinds: BTreeSet<String>,
    /// The only values, if they are listed; texts without quotes.
    pub values: Option<BTreeSet<String>>,
    /// Pattern, format and bounds, by keyword.
    pub rules: BTreeMap<String, Value>,
    pub example: Option<Value>,
}

impl Place {
    pub fn of(kind: &str, required: bool) -> Self {
        Self { required, kinds: [kind.to_owned()].into(), ..Self::default() }
    }

    /// What may stand here and not at `other`, in words.
    pub fn beyond(&self, other: &Self) -> Vec<String> {
        let fits = |kind: &String| {
            other.kinds.is_empty()
                || other.kinds.contains(kind)
                || (kind == "integer" && other.kinds.contains("number"))
        };
        let kinds: Vec<&str> = self.kinds.iter().filter(|kind| !fits(kind)).map(String::as_str).collect();
        if !kinds.is_empty() {
            return vec![kinds.join(" or ")];
        }
        if self.kinds.is_empty() && !other.kinds.is_empty() && self.values.is_none() {
            return vec!["anything".to_owned()];
        }
        let mut found = Vec::new();
        match (&self.values, &other.values) {
            (Some(own), Some(others)) => {
                found.extend(own.difference(others).map(|value| format!("`{value}`")));
            }
            (None, Some(_)) => found.push("values that are not listed".to_owned()),
            (_, None) => {}
        }
        let broken =
            other.rules.iter().filter(|(keyword, rule)| !keeps(keyword, self.rules.get(*keyword), rule));
        found.extend(broken.map(|(keyword, rule)| match rule.as_str() {
            Some(text) => format!("values outside the {keyword} `{text}`"),
            None => format!("values outside the {keyword} {rule}"),
        }));
        found
    }
}

/// Whether values that keep the rule `own` of this keyword keep `rule` too.
fn keeps(keyword: &str, own: Option<&Value>, rule: &Value) -> bool {
    let Some(own) = own else { return false };
    if let (Some(own), Some(rule)) = (own.as_f64(), rule.as_f64()) {
        return if keyword.to_lowercase().contains("min") { own >= rule } else { own <= rule };
    }
    let formats = (own.as_str(), rule.as_str());
    own == rule || matches!(formats, (Some("int32"), Some("int64")) | (Some("float"), Some("double")))
}

/// The places on the way to `place`, itself last: `a`, `a[]`, `a[].b`.
pub fn way(place: &str) -> impl Iterator<Item = &str> {
    let ends = place.char_indices().filter(|(at, letter)| *at > 0 && ".[{".contains(*letter));
    ends.map(|(at, _)| &place[..at]).chain([place])
}

/// `place` with `?` after each place on the way for which `optional` holds.
pub fn marked(place: &str, optional: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let mut written = 0;
    for holder in way(place) {
        text.push_str(&place[written..holder.len()]);
        written = holder.len();
        if !holder.ends_with([']', '}']) && optional(holder) {
            text.push('?');
        }
    }
    text
}

pub fn field(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// The fields of the object at `at`: names and places.
pub fn fields<'p>(places: &'p Places, at: &str) -> impl Iterator<Item = (&'p str, &'p str)> {
    let at = at.to_owned();
    places.keys().filter_map(move |place| {
        let rest = place.strip_prefix(&at)?;
        let name = if at.is_empty() { rest } else { rest.strip_prefix('.')? };
        (!name.is_empty() && !name.contains(['.', '[', '{'])).then_some((name, place.as_str()))
    })
}

/// The places that hold no others.
pub fn leaves(places: &Places) -> impl Iterator<Item = &str> {
    let holds_others = |place: &str| {
        let inside =
            |other: &String| other.strip_prefix(place).is_some_and(|rest| rest.starts_with(['.', '[', '{']));
        places.keys().any(inside)
    };
    let leaves =
        places.keys().filter(move |place| !place.is_empty() && !place.ends_with('}') && !holds_others(place));
    leaves.map(String::as_str)
}

/// The places of `node`, whose references lead into `document`.
pub fn read(document: &Value, node: &Value) -> Result<Places> {
    let mut reader = Reader { document, within: Vec::new(), places: Places::new() };
    reader.place("", true, node)?;
    Ok(reader.places)
}

struct Reader<'d> {
    document: &'d Value,
    within: Vec<String>, // the references that are being read
    places: Places,
}

impl Reader<'_> {
    fn place(&mut self, at: &str, required: bool, node: &Value) -> Result<()> {
        if let Some(target) = node["$ref"].as_str() {
            let mut keywords = node.as_object().into_iter().flat_map(|keywords| keywords.keys());
            if let Some(other) = keywords.find(|name| *name != "$ref" && !is_annotation(name)) {
                bail!("`{other}` beside `$ref` can't be compared");
            }
            if self.within.iter().any(|outer| outer == target) {
                bail!("`{target}` holds itself, which can't be compared");
            }
            self.within.push(target.to_owned());
            self.place(at, required, resolved(self.document, node)?)
                .with_context(|| format!("`{target}`"))?;
            self.within.pop();
            return Ok(());
        }
        if *node == Value::Bool(true) {
            self.places.insert(at.to_owned(), Place { required, ..Place::default() });
            return Ok(());
        }
        let keywords = node.as_object().with_context(|| format!("{node} is no schema"))?;
        if let Some(options) =
            keywords.get("oneOf").or_else(|| keywords.get("anyOf")).and_then(Value::as_array)
        {
            return self.either(at, required, options);
        }
        let mut place = Place { required, ..Place::default() };
        for (name, value) in keywords {
            match name.as_str() {
                "type" => place.kinds = kinds(value)?,
                "enum" => place.values = Some(value.as_array().into_iter().flatten().map(plain).collect()),
                "const" => place.values = Some([plain(value)].into()),
                "items" => self.place(&format!("{at}[]"), true, value)?,
                "properties" => self.properties(at, node, None)?,
                "additionalProperties" if value.is_boolean() => {} // what isn't described can't be read
                name if is_among(RULES, name) => {
                    place.rules.insert(name.to_owned(), value.clone());
                }
                name if name == "required" || is_annotation(name) => {}
                _ => bail!("`{name}` can't be compared: leave it out, or extend the contract gate"),
            }
        }
        let examples = || keywords.get("examples")?.as_array()?.first();
        place.example = keywords.get("example").or_else(examples).cloned();
        self.places.insert(at.to_owned(), place);
        Ok(())
    }

    fn properties(&mut self, at: &str, object: &Value, without: Option<&str>) -> Result<()> {
        let properties = object["properties"].as_object().into_iter().flatten();
        for (name, node) in properties.filter(|(name, _)| Some(name.as_str()) != without) {
            self.place(&field(at, name), requires(object, name), node)
                .with_context(|| format!("`{name}`"))?;
        }
        Ok(())
    }

    /// A value that may be `null`, or objects that a tag tells apart.
    fn either(&mut self, at: &str, required: bool, options: &[Value]) -> Result<()> {
        let nullable = options.iter().any(|option| option["type"] == "null");
        let options: Vec<&Value> = options.iter().filter(|option| option["type"] != "null").collect();
        if let [only] = options[..] {
            self.place(at, required, only)?;
        } else {
            let options =
                options.iter().map(|option| resolved(self.document, option)).collect::<Result<Vec<_>>>()?;
            let (tag, values) =
                self.tag_of(&options).context("`oneOf` without a field that tells its objects apart")?;
            let tag_values = Some(values.iter().cloned().collect());
            self.places.insert(at.to_owned(), Place::of("object", required));
            self.places.insert(field(at, tag), Place { values: tag_values, ..Place::of("string", true) });
            for (value, option) in values.iter().zip(&options) {
                let variant = format!("{at}{{{value}}}");
                self.places.insert(variant.clone(), Place::of("object", true));
                self.properties(&variant, option, Some(tag))?;
            }
        }
        let place = self.places.get_mut(at).expect("the place was just read");
        if nullable && !place.kinds.is_empty() {
            place.kinds.insert("null".to_owned());
        }
        Ok(())
    }

    /// The required field that has one value in each object, another in every one, and these values.
    fn tag_of<'o>(&self, options: &[&'o Value]) -> Option<(&'o str, Vec<String>)> {
        options.first()?["properties"].as_object()?.keys().find_map(|name| {
            let value = |option: &&Value| {
                let node = resolved(self.document, &option["properties"][name]).ok()?;
                let only =
                    node["enum"].as_array().filter(|values| values.len() == 1).map(|values| &values[0]);
                let value = node.get("const").or(only)?;
                requires(option, name).then(|| plain(value))
            };
            let values = options.iter().map(value).collect::<Option<Vec<String>>>()?;
            let distinct: BTreeSet<&String> = values.iter().collect();
            (distinct.len() == values.len()).then_some((name.as_str(), values))
        })
    }
}

/// What a reference leads to; else `node` itself.
pub fn resolved<'v>(document: &'v Value, node: &'v Value) -> Result<&'v Value> {
    let Some(target) = node["$ref"].as_str() else { return Ok(node) };
    let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
    found.with_context(|| format!("`{target}` leads nowhere"))
}

fn requires(object: &Value, name: &str) -> bool {
    object["required"].as_array().is_some_and(|required| required.iter().any(|each| each == name))
}

fn is_annotation(name: &str) -> bool {
    is_among(ANNOTATIONS, name) || name.starts_with("x-")
}

fn is_among(keywords: &str, name: &str) -> bool {
    keywords.split_whitespace().any(|keyword| keyword == name)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kinds(value: &Value) -> Result<BTreeSet<String>> {
    let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    match names.iter().find(|name| !name.as_str().is_some_and(|name| is_among(KINDS, name))) {
        Some(unknown) => bail!("{unknown} is no type"),
        None => Ok(names.iter().map(plain).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_listed_through_references_lists_and_variants() {
        let document = json!({
            "root": {"type": "object", "required": ["legs"], "properties": {
                "legs": {"type": "array", "items": {"$ref": "#/leg", "description": "Flown"}},
                "note": {"type": ["string", "null"]},
            }},
            "leg": {"oneOf": [
                {"type": "object", "required": ["by"], "properties": {"by": {"enum": ["foot"]}}},
                {"type": "object", "required": ["by", "seat"],
                    "properties": {"by": {"const": "air"}, "seat": {"type": "string"}}},
            ]},
        });
        let places = read(&document, &document["root"]).unwrap();
        let found: Vec<String> =
            leaves(&places).map(|place| marked(place, |at| !places[at].required)).collect();
        assert_eq!(found, ["legs[].by", "legs[]{air}.seat", "note?"]);
    }

    /// Each pair: the second allows less than the first.
    #[test]
    fn a_wider_place_is_beyond_a_narrower_one_and_not_the_other_way() {
        let text = json!({"type": "string"});
        for (wider, narrower, expected) in [
            (json!({"type": "number"}), json!({"type": "integer"}), "number"),
            (json!({"type": ["string", "integer"]}), text.clone(), "integer"),
            (json!({"oneOf": [{"type": "null"}, text]}), text.clone(), "null"),
            (json!({}), text.clone(), "anything"),
            (json!({"type": "string", "enum": ["a", "b"]}), json!({"type": "string", "enum": ["a"]}), "`b`"),
            (text.clone(), json!({"type": "string", "enum": ["a"]}), "values that are not listed"),
            (
                text.clone(),
                json!({"type": "string", "pattern": "^[A-Z]$"}),
                "values outside the pattern `^[A-Z]$`",
            ),
            (text.clone(), json!({"type": "string", "format": "date"}), "values outside the format `date`"),
            (
                json!({"type": "integer", "format": "int64"}),
                json!({"type": "integer", "format": "int32"}),
                "values outside the format `int32`",
            ),
            (
                json!({"type": "integer", "minimum": 0}),
                json!({"type": "integer", "minimum": 1}),
                "values outside the minimum 1",
            ),
            (
                json!({"type": "integer", "maximum": 9}),
                json!({"type": "integer", "maximum": 8}),
                "values outside the maximum 8",
            ),
            (text.clone(), json!({"type": "string", "maxLength": 60}), "values outside the maxLength 60"),
        ] {
            let [wide, narrow] =
                [&wider, &narrower].map(|node| read(&Value::Null, node).unwrap()[""].clone());
            assert_eq!(wide.beyond(&narrow), [expected], "{wider} beyond {narrower}");
            assert_eq!(narrow.beyond(&wide), [""; 0], "{narrower} beyond {wider}");
        }
    }

    #[test]
    fn a_schema_that_cannot_be_compared_is_refused() {
        let document = |node: Value| json!({"root": node, "again": {"$ref": "#/again"}});
        for (node, said) in [
            (json!({"$ref": "#/nowhere"}), "`#/nowhere` leads nowhere"),
            (json!({"$ref": "#/again"}), "`#/again`: `#/again` holds itself, which can't be compared"),
            (json!({"$ref": "#/again", "maxLength": 3}), "`maxLength` beside `$ref` can't be compared"),
            (
                json!({"not": {"const": "x"}}),
                "`not` can't be compared: leave it out, or extend the contract gate",
            ),
            (
                json!({"type": "object", "additionalProperties": {"type": "string"}}),
                "`additionalProperties` can't be compared: leave it out, or extend the contract gate",
            ),
            (
                json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
                "`oneOf` without a field that tells its objects apart",
            ),
            (json!({"type": "text"}), "\"text\" is no type"),
            (json!("string"), "\"string\" is no schema"),
        ] {
            let document = document(node);
            let error = read(&document, &document["root"]).unwrap_err();
            assert_eq!(format!("{error:#}"), said);
        }
    }
}
