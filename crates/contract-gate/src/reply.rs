//! What a reader needs of a body that it is given: a reply, a refusal, an event.

use std::collections::BTreeSet;

use crate::breach::Fault;
use crate::narrowing::excess;
use crate::path::{Path, Registered, Step};
use crate::schema::Schema;

/// Where `given` fails a reader of `reads` that was built with `expected`.
///
/// `unchecked` names the places whose values the reader sorts out for itself.
pub(crate) fn faults(
    reads: &BTreeSet<Registered>,
    expected: &Schema,
    given: &Schema,
    unchecked: &[&str],
) -> BTreeSet<(Path, Fault)> {
    let mut found = BTreeSet::new();
    wider(&Path::default(), expected, given, &mut found);
    if found.is_empty() {
        for read in reads {
            along(read, expected, given, unchecked, &mut found);
        }
    }
    found
}

/// Follows one place from the outside in, as far as both have it.
fn along(
    read: &Registered,
    mut expected: &Schema,
    mut given: &Schema,
    unchecked: &[&str],
    found: &mut BTreeSet<(Path, Fault)>,
) {
    for (place, step) in read.path().0.iter().enumerate() {
        let at = read.path().first(place + 1);
        match step {
            Step::Field(name) => {
                let Some(expected_field) = expected.fields.get(name) else {
                    found.insert((at, Fault::Unknown));
                    return;
                };
                let Some(given_field) = given.fields.get(name) else {
                    let bearable = (1..=place + 1).any(|length| read.is_optional(length));
                    found.insert((at, if bearable { Fault::Spared } else { Fault::Missing }));
                    return;
                };
                if expected_field.required && !given_field.required && !read.is_optional(place + 1) {
                    found.insert((at.clone(), Fault::Sometimes));
                }
                (expected, given) = (&expected_field.schema, &given_field.schema);
            }
            Step::Items => match (&expected.items, &given.items) {
                (None, _) => {
                    found.insert((at, Fault::Unknown));
                    return;
                }
                (_, None) => return, // no list any more: said of the list itself
                (Some(expected_items), Some(given_items)) => {
                    (expected, given) = (expected_items, given_items)
                }
            },
            Step::Variant(value) => match (expected.variants.get(value), given.variants.get(value)) {
                (None, _) => {
                    found.insert((at, Fault::Unknown));
                    return;
                }
                (_, None) => return, // what never comes needs no reading
                (Some(expected_variant), Some(given_variant)) => {
                    (expected, given) = (expected_variant, given_variant);
                    continue; // its values are those of the object around it
                }
            },
        }
        if !unchecked.contains(&at.to_string().as_str()) {
            wider(&at, expected, given, found);
        }
    }
}

fn wider(at: &Path, expected: &Schema, given: &Schema, found: &mut BTreeSet<(Path, Fault)>) {
    for excess in excess(given, expected) {
        found.insert((at.clone(), Fault::Wider(excess)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(reads: &[&str], expected: &Value, given: &Value) -> Vec<String> {
        let reads = reads.iter().map(|read| read.parse().unwrap()).collect();
        let schema = |node| Schema::read(&Value::Null, node).unwrap();
        let found = faults(&reads, &schema(expected), &schema(given), &[]);
        found.into_iter().map(|(at, fault)| format!("{at}: {fault:?}")).collect()
    }

    /// An object that requires all of its fields.
    fn object(fields: Value) -> Value {
        let required: Vec<String> = fields.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "properties": fields, "required": required})
    }

    fn offers(offer: Value) -> Value {
        object(json!({"offers": {"type": "array", "items": offer}}))
    }

    #[test]
    fn a_field_that_is_read_must_stay_and_one_that_is_not_may_go() {
        let before = offers(object(json!({"miles": {"type": "integer"}, "zone": {"type": "string"}})));
        let after = offers(object(json!({"zone": {"type": "string"}})));
        assert_eq!(said(&["offers[].miles"], &before, &after), ["offers[].miles: Missing"]);
        assert_eq!(said(&["offers[].miles?"], &before, &after), ["offers[].miles: Spared"]);
        assert_eq!(said(&["offers[].zone"], &before, &after), [""; 0]);
        assert_eq!(said(&["offers[].zone"], &after, &before), [""; 0], "a field more breaks nobody");
    }

    #[test]
    fn a_field_that_may_now_be_missing_breaks_who_needs_it_always() {
        let before = object(json!({"metro": {"type": "string"}}));
        let after = json!({"type": "object", "properties": {"metro": {"type": "string"}}});
        assert_eq!(said(&["metro"], &before, &after), ["metro: Sometimes"]);
        assert_eq!(said(&["metro?"], &before, &after), [""; 0]);
        assert_eq!(said(&["metro"], &after, &before), [""; 0]);
    }

    #[test]
    fn what_holds_a_field_counts_as_the_field_does() {
        let price = object(json!({"amount_minor": {"type": "integer"}}));
        let before = object(json!({"price": price}));
        let absent = json!({"type": "object", "properties": {"price": price}});
        let nulled = object(json!({"price": {"oneOf": [price, {"type": "null"}]}}));
        let listed = object(json!({"price": {"type": "array", "items": price}}));
        let reads = ["price.amount_minor"];
        assert_eq!(said(&reads, &before, &absent), ["price: Sometimes"]);
        assert_eq!(said(&reads, &before, &nulled), ["price: Wider(Null)"]);
        assert_eq!(said(&reads, &nulled, &before), [""; 0]);
        let [kind, missing] = &said(&reads, &before, &listed)[..] else { panic!("two faults") };
        assert_eq!(kind, "price: Wider(Kind { is: \"array\", was: \"object\" })");
        assert_eq!(missing, "price.amount_minor: Missing");
    }

    #[test]
    fn a_further_value_breaks_its_readers_and_one_fewer_does_not() {
        let values = |values: &[&str]| object(json!({"status": {"type": "string", "enum": values}}));
        let (two, three) = (values(&["a", "b"]), values(&["a", "b", "c"]));
        assert_eq!(said(&["status"], &two, &three), ["status: Wider(Values([\"c\"]))"]);
        assert_eq!(said(&["status"], &three, &two), [""; 0]);
    }

    #[test]
    fn a_variant_more_breaks_who_reads_the_tag_and_one_fewer_does_not() {
        let free = object(json!({"rule": {"enum": ["free"]}}));
        let fee = object(json!({"rule": {"enum": ["fee"]}, "fee": {"type": "integer"}}));
        let barter = object(json!({"rule": {"enum": ["barter"]}, "goat": {"type": "integer"}}));
        let terms = |variants: &[&Value]| object(json!({"change": {"oneOf": variants}}));
        let (two, three) = (terms(&[&free, &fee]), terms(&[&free, &fee, &barter]));
        let reads = ["change.rule", "change{fee}.fee"];
        assert_eq!(said(&reads, &two, &three), ["change.rule: Wider(Values([\"barter\"]))"]);
        assert_eq!(said(&reads, &three, &two), [""; 0]);
        let feeless = terms(&[&free, &object(json!({"rule": {"enum": ["fee"]}}))]);
        assert_eq!(said(&reads, &two, &feeless), ["change{fee}.fee: Missing"]);
    }

    #[test]
    fn a_reply_that_is_something_else_altogether_is_said_once() {
        let list = json!({"type": "array", "items": {"type": "string"}});
        let found = said(&["offers[].miles"], &offers(object(json!({"miles": {"type": "integer"}}))), &list);
        assert_eq!(found, ["the body: Wider(Kind { is: \"array\", was: \"object\" })"]);
    }

    #[test]
    fn a_registration_of_what_was_never_there_is_found() {
        let body = object(json!({"a": {"type": "string"}}));
        for read in ["b", "a[]", "a{x}"] {
            let found = said(&[read], &body, &body);
            assert!(matches!(&found[..], [only] if only.ends_with(": Unknown")), "{read}: {found:?}");
        }
    }
}
