//! What a sender needs of whom it sends to: that the request goes on being taken.

use std::collections::BTreeSet;

use crate::breach::Fault;
use crate::narrowing::excess;
use crate::path::{Path, Registered, Step};
use crate::schema::Schema;

/// Where `given` no longer takes what a sender of `sends` that was built with `expected` sends.
pub(crate) fn faults(
    sends: &BTreeSet<Registered>,
    expected: &Schema,
    given: &Schema,
) -> BTreeSet<(Path, Fault)> {
    let mut found = BTreeSet::new();
    for sent in sends {
        along(sent, expected, given, &mut found);
    }
    let sent: BTreeSet<Path> = sends
        .iter()
        .flat_map(|sent| (0..=sent.path().0.len()).map(|length| sent.path().first(length)))
        .chain([Path::default()])
        .collect();
    unsent(&Path::default(), given, &sent, &mut found);
    found
}

/// Follows one place from the outside in, as far as both have it.
fn along(sent: &Registered, mut expected: &Schema, mut given: &Schema, found: &mut BTreeSet<(Path, Fault)>) {
    for (place, step) in sent.path().0.iter().enumerate() {
        let at = sent.path().first(place + 1);
        match step {
            Step::Field(name) => {
                let Some(expected_field) = expected.fields.get(name) else {
                    found.insert((at, Fault::Unknown));
                    return;
                };
                let Some(given_field) = given.fields.get(name) else {
                    found.insert((at, Fault::NotTaken));
                    return;
                };
                if given_field.required && !expected_field.required && sent.is_optional(place + 1) {
                    found.insert((at.clone(), Fault::NeededAlways));
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
                (_, None) => return, // said of the tag, whose value is no longer taken
                (Some(expected_variant), Some(given_variant)) => {
                    (expected, given) = (expected_variant, given_variant);
                    continue;
                }
            },
        }
        for excess in excess(expected, given) {
            found.insert((at.clone(), Fault::Narrower(excess)));
        }
    }
}

/// What must be in an object that is sent, and isn't.
fn unsent(at: &Path, given: &Schema, sent: &BTreeSet<Path>, found: &mut BTreeSet<(Path, Fault)>) {
    for (name, field) in &given.fields {
        let inside = at.then(Step::Field(name.clone()));
        // Query and headers are there without being sent; only what must be in them can be missing.
        let is_there = sent.contains(&inside) || (at.0.is_empty() && name != "body");
        if is_there {
            unsent(&inside, &field.schema, sent, found);
        } else if field.required {
            found.insert((inside, Fault::Needed));
        }
    }
    if let Some(items) = &given.items {
        let inside = at.then(Step::Items);
        if sent.contains(&inside) {
            unsent(&inside, items, sent, found);
        }
    }
    for (value, variant) in &given.variants {
        let inside = at.then(Step::Variant(value.clone()));
        if sent.contains(&inside) {
            unsent(&inside, variant, sent, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(sends: &[&str], expected: &Value, given: &Value) -> Vec<String> {
        let sends = sends.iter().map(|sent| sent.parse().unwrap()).collect();
        let schema = |node| Schema::read(&Value::Null, node).unwrap();
        let found = faults(&sends, &schema(expected), &schema(given));
        found.into_iter().map(|(at, fault)| format!("{at}: {fault:?}")).collect()
    }

    /// A request of one place, all of whose fields but `optional` must be there.
    fn request(place: &str, fields: Value, optional: &[&str]) -> Value {
        let required: Vec<&String> =
            fields.as_object().unwrap().keys().filter(|name| !optional.contains(&name.as_str())).collect();
        let fields = json!({"type": "object", "properties": fields, "required": required});
        json!({"type": "object", "properties": {place: fields}, "required": [place]})
    }

    #[test]
    fn what_is_sent_must_go_on_being_taken() {
        let text = json!({"type": "string"});
        let before = request("query", json!({"from": text, "infants": text}), &["infants"]);
        let after = request("query", json!({"from": text}), &[]);
        assert_eq!(
            said(&["query.infants?"], &before, &after),
            ["query.from: Needed", "query.infants: NotTaken"]
        );
        assert_eq!(said(&["query.from"], &before, &after), [""; 0]);
    }

    #[test]
    fn a_further_parameter_breaks_nobody_unless_it_must_be_there() {
        let text = json!({"type": "string"});
        let before = request("query", json!({"from": text}), &[]);
        let more = json!({"from": text, "currency": text});
        let sends = ["query.from"];
        assert_eq!(said(&sends, &before, &request("query", more.clone(), &["currency"])), [""; 0]);
        assert_eq!(said(&sends, &before, &request("query", more, &[])), ["query.currency: Needed"]);
        let header = request("header", json!({"x-client": text}), &[]);
        assert_eq!(said(&[], &json!({"type": "object"}), &header), ["header.x-client: Needed"]);
    }

    #[test]
    fn what_must_now_be_there_breaks_who_sends_it_only_at_times() {
        let text = json!({"type": "string"});
        let fields = json!({"given_name": text});
        let (before, after) =
            (request("body", fields.clone(), &["given_name"]), request("body", fields, &[]));
        assert_eq!(said(&["body.given_name?"], &before, &after), ["body.given_name: NeededAlways"]);
        assert_eq!(said(&["body.given_name"], &before, &after), [""; 0]);
        assert_eq!(said(&["body.given_name?"], &after, &before), [""; 0]);
    }

    #[test]
    fn a_body_must_be_sent_if_there_must_be_one() {
        let text = json!({"type": "string"});
        let body = request("body", json!({"reason": text}), &[]);
        let nothing = json!({"type": "object"});
        assert_eq!(said(&[], &nothing, &body), ["body: Needed"]);
        assert_eq!(said(&["body.reason"], &body, &nothing), ["body: NotTaken"]);
    }

    #[test]
    fn what_is_taken_may_widen_and_not_narrow() {
        let adults =
            |most: u8| request("query", json!({"adults": {"type": "integer", "maximum": most}}), &[]);
        assert_eq!(said(&["query.adults"], &adults(9), &adults(6)).len(), 1);
        assert_eq!(said(&["query.adults"], &adults(6), &adults(9)), [""; 0]);
        let cabin = |values: &[&str]| request("query", json!({"cabin": {"enum": values}}), &[]);
        let (two, one) = (cabin(&["economy", "first"]), cabin(&["economy"]));
        assert_eq!(said(&["query.cabin"], &two, &one), ["query.cabin: Narrower(Values([\"first\"]))"]);
        assert_eq!(said(&["query.cabin"], &one, &two), [""; 0]);
    }

    #[test]
    fn lists_in_a_body_are_looked_into() {
        let passengers = |required: &[&str]| {
            let of = json!({"family_name": {"type": "string"}, "passport": {"type": "string"}});
            let item = json!({"type": "object", "properties": of, "required": required});
            request("body", json!({"passengers": {"type": "array", "items": item}}), &[])
        };
        let (before, after) = (passengers(&["family_name"]), passengers(&["family_name", "passport"]));
        let sends = ["body.passengers[].family_name"];
        assert_eq!(said(&sends, &before, &after), ["body.passengers[].passport: Needed"]);
        assert_eq!(said(&sends, &after, &before), [""; 0]);
    }
}
