//! Does what a provider gives still satisfy a reader?

use std::collections::BTreeSet;

use crate::breach::{About, Breach, Fault};
use crate::contract::{Contract, Events, Operation};
use crate::registration::{Call, Reads, Taken};
use crate::{reply, request};

/// Where `given` fails a reader of `reads` that was built with `expected`. Nothing else decides: neither which of the
/// two is the newer, nor what changed that nobody reads.
#[must_use]
pub fn breaches(reads: &Reads, expected: &Contract, given: &Contract) -> BTreeSet<Breach> {
    let mut found = BTreeSet::new();
    let mut add = |about: About, fault: Fault| {
        found.insert(Breach { about, fault });
    };
    for (name, call) in &reads.operations {
        match (expected.operations.get(name), given.operations.get(name)) {
            (None, _) => add(About::Operation(name.clone()), Fault::Unknown),
            (_, None) => add(About::Operation(name.clone()), Fault::Missing),
            (Some(expected), Some(given)) => operation(name, call, reads, expected, given, &mut add),
        }
    }
    if let Some(taken) = &reads.events {
        events(taken, expected.events.as_ref(), given.events.as_ref(), &mut add);
    }
    for name in &reads.outputs {
        let about = About::Output(name.clone());
        match (expected.outputs.get(name), given.outputs.get(name)) {
            (None, _) => add(about, Fault::Unknown),
            (_, Some(_)) => {}
            (Some(meaning), None) => {
                let renamed = given
                    .outputs
                    .iter()
                    .find(|(name, means)| *means == meaning && !expected.outputs.contains_key(*name));
                add(about, renamed.map_or(Fault::Missing, |(name, _)| Fault::Renamed(name.clone())));
            }
        }
    }
    found
}

fn operation(
    name: &str,
    call: &Call,
    reads: &Reads,
    expected: &Operation,
    given: &Operation,
    add: &mut impl FnMut(About, Fault),
) {
    let about = || About::Operation(name.to_owned());
    let lets_in_all = given.security.is_empty() || given.security.contains("");
    if !lets_in_all && (expected.security.is_empty() || !expected.security.is_subset(&given.security)) {
        add(about(), Fault::Closed(given.security.iter().cloned().collect::<Vec<_>>().join(" or ")));
    }
    for (at, fault) in request::faults(&call.sends, &expected.request, &given.request) {
        add(About::Request(name.to_owned(), at), fault);
    }
    for (status, expected) in &expected.replies {
        match (expected, given.replies.get(status)) {
            (_, None) | (Some(_), Some(None)) => add(about(), Fault::NoReply(status.clone())),
            (None, Some(_)) => {}
            (Some(expected), Some(Some(given))) => {
                for (at, fault) in reply::faults(&call.reads, expected, given, &[]) {
                    add(About::Reply(name.to_owned(), at), fault);
                }
            }
        }
    }
    for status in given.replies.keys().filter(|status| !expected.replies.contains_key(*status)) {
        add(about(), Fault::FurtherReply(status.clone()));
    }
    refusals(reads, expected, given, add);
}

/// A refusal that has no schema of its own status is held to the default's.
fn refusals(reads: &Reads, expected: &Operation, given: &Operation, add: &mut impl FnMut(About, Fault)) {
    if reads.refusals.is_empty() {
        return;
    }
    let of = |operation: &Operation, status: &str| {
        operation.refusals.get(status).or_else(|| operation.refusals.get("default")).cloned()
    };
    let statuses: BTreeSet<&String> = expected.refusals.keys().chain(given.refusals.keys()).collect();
    for status in statuses {
        let Some(expected) = of(expected, status) else { continue }; // a status that nobody was told of
        match of(given, status) {
            None => add(About::Refusal(crate::path::Path::default()), Fault::Missing),
            Some(given) => {
                for (at, fault) in reply::faults(&reads.refusals, &expected, &given, &[]) {
                    add(About::Refusal(at), fault);
                }
            }
        }
    }
}

fn events(
    taken: &Taken,
    expected: Option<&Events>,
    given: Option<&Events>,
    add: &mut impl FnMut(About, Fault),
) {
    for name in &taken.types {
        let has = |events: Option<&Events>| events.is_some_and(|events| events.types.contains(name));
        if !has(expected) {
            add(About::EventType(name.clone()), Fault::Unknown);
        } else if !has(given) {
            add(About::EventType(name.clone()), Fault::Missing);
        }
    }
    let (Some(expected), Some(given)) = (expected, given) else { return };
    if expected.meaning != given.meaning {
        add(About::Meaning, Fault::Meant(given.meaning.clone(), expected.meaning.clone()));
    }
    // A further type reaches nobody: the subscription lets through what was registered.
    for (at, fault) in reply::faults(&taken.reads, &expected.message, &given.message, &["type"]) {
        add(About::Event(taken.types.iter().cloned().collect(), at), fault);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::contract::Documents;

    /// A service with one operation, `GET /a`, of this description.
    fn service(operation: Value) -> Contract {
        let document = json!({"paths": {"/a": {"get": operation}}});
        Documents { openapi: Some(document), ..Documents::default() }.read().unwrap()
    }

    /// What breaks a reader of everything.
    fn said(expected: &Contract, given: &Contract) -> Vec<String> {
        let found = breaches(&Reads::everything(expected), expected, given);
        found.into_iter().map(|breach| format!("{:?}: {:?}", breach.about, breach.fault)).collect()
    }

    #[test]
    fn who_was_let_in_must_go_on_being_let_in() {
        let open_to = |security: Value| service(json!({"responses": {"204": {}}, "security": security}));
        let (open, member, either, scoped) = (
            open_to(json!([])),
            open_to(json!([{"member": []}])),
            open_to(json!([{"member": []}, {"partner": []}])),
            open_to(json!([{"member": ["tern/gold"]}])),
        );
        let optional = open_to(json!([{"member": []}, {}]));
        for (expected, given, closed_to) in [
            (&open, &member, Some("member")),
            (&member, &scoped, Some("member with tern/gold")),
            (&either, &member, Some("member")),
            (&member, &open, None),
            (&member, &either, None),
            (&open, &optional, None),
            (&open, &open, None),
        ] {
            let closed = closed_to.map(|to| format!("Operation(\"GET /a\"): Closed(\"{to}\")"));
            assert_eq!(said(expected, given), Vec::from_iter(closed));
        }
    }

    #[test]
    fn success_is_told_by_the_same_statuses_with_the_same_kind_of_body() {
        let answers = |responses: Value| service(json!({"responses": responses}));
        let body = json!({"content": {"application/json": {"schema": {"type": "string"}}}});
        let text = json!({"content": {"text/plain": {"schema": {"type": "string"}}}});
        let (with_200, with_both) =
            (answers(json!({"200": body})), answers(json!({"200": body, "202": body})));
        let about = "Operation(\"GET /a\")";
        assert_eq!(said(&with_200, &with_both), [format!("{about}: FurtherReply(\"202\")")]);
        assert_eq!(said(&with_both, &with_200), [format!("{about}: NoReply(\"202\")")]);
        assert_eq!(said(&with_200, &answers(json!({"200": text}))), [format!("{about}: NoReply(\"200\")")]);
        assert_eq!(said(&with_200, &answers(json!({"200": body, "304": {}}))), [""; 0]);
        assert_eq!(said(&answers(json!({"204": {}})), &answers(json!({"204": {}}))), [""; 0]);
    }

    #[test]
    fn every_refusal_must_be_readable_as_refusals_were() {
        let refusal = |schema: Value| json!({"content": {"application/problem+json": {"schema": schema}}});
        let problem = |kind: &str| {
            refusal(json!({"type": "object", "required": ["code"], "properties": {"code": {"type": kind}}}))
        };
        let answers = |responses: Value| service(json!({"responses": responses}));
        let before = answers(json!({"204": {}, "default": problem("string")}));
        let other = answers(json!({"204": {}, "default": problem("string"), "409": problem("integer")}));
        let [found] = &said(&before, &other)[..] else { panic!("one breach") };
        assert!(found.starts_with("Refusal(Path([Field(\"code\")])): Wider(Kind"), "{found}");
        let same = answers(json!({"204": {}, "default": problem("string"), "409": problem("string")}));
        assert_eq!(said(&before, &same), [""; 0]);
        let silent = answers(json!({"204": {}}));
        assert_eq!(said(&before, &silent), ["Refusal(Path([])): Missing"]);
        assert_eq!(said(&silent, &before), [""; 0]);
    }

    #[test]
    fn parameters_are_read_through_references_and_from_the_path_as_a_whole() {
        let document = json!({
            "paths": {"/a": {
                "parameters": [{"$ref": "#/components/parameters/Locale"}],
                "get": {"responses": {"204": {}}},
            }},
            "components": {"parameters": {"Locale": {
                "in": "header", "name": "Accept-Language", "required": true, "schema": {"type": "string"},
            }}},
        });
        let after = Documents { openapi: Some(document), ..Documents::default() }.read().unwrap();
        let before = service(json!({"responses": {"204": {}}}));
        let [found] = &said(&before, &after)[..] else { panic!("one breach") };
        assert!(found.ends_with("Field(\"accept-language\")])): Needed"), "{found}");
    }
}
