//! Whether every value of one schema is a value of another.
//!
//! Replies and events may only narrow, requests may only widen: this is the rule behind both. It looks at one place;
//! what is inside it is a place of its own.

use std::collections::BTreeSet;

use crate::schema::Schema;

/// In what way a schema allows more than another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excess {
    /// It may be of another kind.
    Kind {
        /// What it may be.
        is: String,
        /// What the other may be.
        was: String,
    },
    /// It may be `null`.
    Null,
    /// It may have these values, which the other doesn't list.
    Values(Vec<String>),
    /// It may have any value, the other only listed ones.
    AnyValue,
    /// It doesn't keep the other's pattern.
    Pattern(String),
    /// It isn't of the other's format.
    Format(String),
    /// It goes beyond a bound of the other's: the keyword, its own bound if it has one, the other's.
    Bound(String, Option<String>, String),
}

/// The ways in which `schema` allows more than `within`; none if every value of the one is a value of the other.
#[must_use]
pub fn excess(schema: &Schema, within: &Schema) -> Vec<Excess> {
    let kinds_beyond: BTreeSet<&String> =
        schema.kinds.iter().filter(|kind| !takes(&within.kinds, kind)).collect();
    let mut found = Vec::new();
    if !kinds_beyond.is_empty() && within.values.is_none() {
        found.push(Excess::Kind { is: listed(&schema.kinds), was: listed(&within.kinds) });
        return found; // what else differs follows from it
    }
    if schema.nullable && !within.nullable {
        found.push(Excess::Null);
    }
    if let Some(allowed) = &within.values {
        match &schema.values {
            None => found.push(Excess::AnyValue),
            Some(values) => {
                let beyond: Vec<String> = values.difference(allowed).cloned().collect();
                if !beyond.is_empty() {
                    found.push(Excess::Values(beyond));
                }
            }
        }
    }
    if let Some(pattern) = &within.pattern
        && schema.pattern.as_ref() != Some(pattern)
    {
        found.push(Excess::Pattern(pattern.clone()));
    }
    if let Some(format) = &within.format
        && schema.format.as_ref().is_none_or(|own| !fits(own, format))
    {
        found.push(Excess::Format(format.clone()));
    }
    for (keyword, least) in &within.at_least {
        let own = schema.at_least.get(keyword);
        if own.is_none_or(|own| own < least) {
            found.push(Excess::Bound(keyword.clone(), own.map(f64::to_string), least.to_string()));
        }
    }
    for (keyword, most) in &within.at_most {
        let own = schema.at_most.get(keyword);
        if own.is_none_or(|own| own > most) {
            found.push(Excess::Bound(keyword.clone(), own.map(f64::to_string), most.to_string()));
        }
    }
    found
}

fn takes(kinds: &BTreeSet<String>, kind: &str) -> bool {
    kinds.contains(kind) || (kind == "integer" && kinds.contains("number"))
}

/// Whether every value of the format `own` is of the format `other`.
fn fits(own: &str, other: &str) -> bool {
    own == other || matches!((own, other), ("int32", "int64") | ("float", "double"))
}

fn listed(kinds: &BTreeSet<String>) -> String {
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    if kinds.len() == crate::schema::KINDS.len() { "anything".to_owned() } else { kinds.join(" or ") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn found(schema: &Value, within: &Value) -> Vec<Excess> {
        let read = |node: &Value| Schema::read(&Value::Null, node).unwrap();
        excess(&read(schema), &read(within))
    }

    fn kind(is: &str, was: &str) -> Excess {
        Excess::Kind { is: is.to_owned(), was: was.to_owned() }
    }

    fn bound(keyword: &str, own: Option<&str>, other: &str) -> Excess {
        Excess::Bound(keyword.to_owned(), own.map(str::to_owned), other.to_owned())
    }

    /// Each pair: the second allows less than the first. So from the second to the first nothing may be said, and from
    /// the first to the second exactly this.
    #[test]
    fn what_allows_more_is_found_and_what_allows_less_is_not() {
        let text = json!({"type": "string"});
        for (wider, narrower, expected) in [
            (json!({"type": "number"}), json!({"type": "integer"}), kind("number", "integer")),
            (json!({"type": ["string", "integer"]}), text.clone(), kind("integer or string", "string")),
            (json!({"type": ["string", "null"]}), text.clone(), Excess::Null),
            (json!({}), json!({"type": "string"}), kind("anything", "string")),
            (
                json!({"type": "string", "enum": ["a", "b", "c"]}),
                json!({"type": "string", "enum": ["a"]}),
                Excess::Values(vec!["b".to_owned(), "c".to_owned()]),
            ),
            (text.clone(), json!({"type": "string", "enum": ["a"]}), Excess::AnyValue),
            (
                text.clone(),
                json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
                Excess::Pattern("^[A-Z]{3}$".to_owned()),
            ),
            (text.clone(), json!({"type": "string", "format": "date"}), Excess::Format("date".to_owned())),
            (
                json!({"type": "integer", "format": "int64"}),
                json!({"type": "integer", "format": "int32"}),
                Excess::Format("int32".to_owned()),
            ),
            (
                json!({"type": "integer", "minimum": 0}),
                json!({"type": "integer", "minimum": 1}),
                bound("minimum", Some("0"), "1"),
            ),
            (
                json!({"type": "integer", "maximum": 9}),
                json!({"type": "integer", "maximum": 8}),
                bound("maximum", Some("9"), "8"),
            ),
            (text.clone(), json!({"type": "string", "maxLength": 60}), bound("maxLength", None, "60")),
            (
                json!({"type": "array", "items": text, "maxItems": 3}),
                json!({"type": "array", "items": text, "maxItems": 2}),
                bound("maxItems", Some("3"), "2"),
            ),
        ] {
            assert_eq!(found(&wider, &narrower), [expected], "{wider} within {narrower}");
            assert_eq!(found(&narrower, &wider), [], "{narrower} within {wider}");
        }
    }

    #[test]
    fn kinds_that_share_nothing_are_foreign_both_ways() {
        let (text, whole) = (json!({"type": "string"}), json!({"type": "integer"}));
        assert_eq!(found(&text, &whole), [kind("string", "integer")]);
        assert_eq!(found(&whole, &text), [kind("integer", "string")]);
    }

    #[test]
    fn another_pattern_may_allow_more_whatever_it_says() {
        let (short, long) =
            (json!({"type": "string", "pattern": "^a$"}), json!({"type": "string", "pattern": "^a+$"}));
        assert_eq!(found(&short, &long).len(), 1);
        assert_eq!(found(&long, &short).len(), 1);
    }

    #[test]
    fn words_about_a_value_change_nothing() {
        let plain = json!({"type": "string"});
        let told = json!({"type": "string", "description": "Its name", "example": "Zoë", "deprecated": true});
        assert_eq!(found(&plain, &told), []);
        assert_eq!(found(&told, &plain), []);
    }
}
