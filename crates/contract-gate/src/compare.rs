//! Does what a provider gives still satisfy a consumer?

use std::collections::BTreeSet;

use crate::breach::{Breach, Fault};
use crate::contract::{Contract, Operation};
use crate::places::{Places, way};
use crate::registration::{Call, Reads};

/// Where `given` fails a consumer with these `reads` that was built with `expected`.
pub fn breaches(reads: &Reads, expected: &Contract, given: &Contract) -> BTreeSet<Breach> {
    let mut found = Found::default();
    for (name, call) in &reads.operations {
        match (expected.operations.get(name), given.operations.get(name)) {
            (None, _) => found.add("calls", name, Fault::Unknown),
            (_, None) => found.add("calls", name, Fault::Missing),
            (Some(expected), Some(given)) => found.operation(name, call, reads, expected, given),
        }
    }
    if let Some(taken) = &reads.events {
        let has = |contract: &Contract, name| {
            contract.events.as_ref().is_some_and(|events| events.types.contains(name))
        };
        for name in &taken.types {
            if !has(expected, name) {
                found.add("consumes", name, Fault::Unknown);
            } else if !has(given, name) {
                found.add("consumes", name, Fault::Missing);
            }
        }
        if let (Some(expected), Some(given)) = (&expected.events, &given.events) {
            if expected.meaning != given.meaning {
                found.add("reads", "events", Fault::Means(given.meaning.clone()));
            }
            // A further type reaches nobody: the subscription lets through what is registered.
            let mut message = given.message.clone();
            if let Some((before, now)) = expected.message.get("type").zip(message.get_mut("type")) {
                now.values.clone_from(&before.values);
            }
            found.read(&taken.reads, &expected.message, &message, "events");
        }
    }
    for name in &reads.outputs {
        let object = format!("the output `{name}`");
        match (expected.outputs.get(name), given.outputs.get(name)) {
            (None, _) => found.add("looks up", &object, Fault::Unknown),
            (_, Some(_)) => {}
            (Some(meaning), None) => {
                let is_renamed = |(other, means): &(&String, &String)| {
                    *means == meaning && !expected.outputs.contains_key(*other)
                };
                let renamed = given.outputs.iter().find(is_renamed);
                let fault = renamed.map_or(Fault::Missing, |(name, _)| Fault::Renamed(name.clone()));
                found.add("looks up", &object, fault);
            }
        }
    }
    found.0
}

/// What a consumer does with a body.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Read,
    Send,
}

#[derive(Default)]
struct Found(BTreeSet<Breach>);

impl Found {
    fn add(&mut self, verb: &'static str, object: &str, fault: Fault) {
        self.0.insert(Breach { object: object.to_owned(), verb, fault });
    }

    fn operation(&mut self, name: &str, call: &Call, reads: &Reads, expected: &Operation, given: &Operation) {
        let open = given.security.is_empty() || given.security.contains("");
        if !open && (expected.security.is_empty() || !expected.security.is_subset(&given.security)) {
            let ways: Vec<&str> = given.security.iter().map(String::as_str).collect();
            self.add("calls", name, Fault::Closed(ways.join(" or ")));
        }
        self.sent(name, &call.sends, &expected.request, &given.request);
        for (status, expected) in &expected.replies {
            match (expected, given.replies.get(status)) {
                (_, None) | (Some(_), Some(None)) => self.add("calls", name, Fault::NoReply(status.clone())),
                (None, Some(_)) => {}
                (Some(expected), Some(Some(given))) => self.read(&call.reads, expected, given, name),
            }
        }
        for status in given.replies.keys().filter(|status| !expected.replies.contains_key(*status)) {
            self.add("calls", name, Fault::FurtherReply(status.clone()));
        }
        if reads.refusals.is_empty() {
            return;
        }
        let statuses: BTreeSet<&String> = expected.refusals.keys().chain(given.refusals.keys()).collect();
        for status in statuses {
            match (expected.refusal(status), given.refusal(status)) {
                (None, _) => {}
                (Some(_), None) => self.add("reads", "refusals", Fault::Missing),
                (Some(expected), Some(given)) => self.read(&reads.refusals, expected, given, "refusals"),
            }
        }
    }

    /// Bodies that are read: `given` may hold less than `expected`, and nothing else.
    fn read(&mut self, reads: &BTreeSet<String>, expected: &Places, given: &Places, of: &str) {
        match given[""].beyond(&expected[""]).into_iter().next() {
            Some(excess) => self.add("reads", &format!("the body of {of}"), Fault::Gives(excess)),
            None => self.places(Use::Read, reads, expected, given, of),
        }
    }

    /// Requests that are sent: `given` may take more than `expected`, and nothing less.
    fn sent(&mut self, operation: &str, sends: &BTreeSet<String>, expected: &Places, given: &Places) {
        self.places(Use::Send, sends, expected, given, operation);
        // The query and the headers are there without being sent; only their fields can be missing.
        let sent: BTreeSet<String> = sends
            .iter()
            .flat_map(|registered| way(registered).map(|at| at.replace('?', "")))
            .chain(["", "query", "header", "path", "cookie"].map(str::to_owned))
            .collect();
        for (at, place) in given.iter().filter(|(at, place)| place.required && !sent.contains(*at)) {
            let holder = at.rfind(['.', '[', '{']).map_or("", |end| &at[..end]);
            if sent.contains(holder) && !at.ends_with([']', '}']) && !place.kinds.contains("null") {
                self.add("doesn't send", &format!("`{at}` to {operation}"), Fault::Required);
            }
        }
    }

    /// The places that are `registered`, each with those on the way to it, until one is missing.
    fn places(
        &mut self,
        usage: Use,
        registered: &BTreeSet<String>,
        expected: &Places,
        given: &Places,
        of: &str,
    ) {
        let (verb, joint) = match usage {
            Use::Read => ("reads", "of"),
            Use::Send => ("sends", "to"),
        };
        for place in registered {
            let mut bearable = false;
            for holder in way(place) {
                let optional = holder.ends_with('?');
                bearable |= optional;
                let at = holder.replace('?', "");
                let object = format!("`{at}` {joint} {of}");
                let Some(before) = expected.get(&at) else {
                    self.add(verb, &object, Fault::Unknown);
                    break;
                };
                let Some(now) = given.get(&at) else {
                    // Without a list or a variant there is nothing to use; another type is found at its holder.
                    match usage {
                        _ if at.ends_with([']', '}']) => {}
                        Use::Send => self.add(verb, &object, Fault::NotTaken),
                        Use::Read if bearable => self.add(verb, &object, Fault::Spared),
                        Use::Read => self.add(verb, &object, Fault::Missing),
                    }
                    break;
                };
                let excess: Vec<Fault> = match usage {
                    Use::Send => before.beyond(now).into_iter().map(Fault::Refuses).collect(),
                    Use::Read => now.beyond(before).into_iter().map(Fault::Gives).collect(),
                };
                excess.into_iter().for_each(|fault| self.add(verb, &object, fault));
                if usage == Use::Send && now.required && !before.required && optional {
                    self.add("doesn't always send", &object, Fault::Required);
                } else if usage == Use::Read && !now.required && before.required && !optional {
                    self.add(verb, &object, Fault::Optional);
                }
            }
        }
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

    fn answers(responses: Value) -> Contract {
        service(json!({"responses": responses}))
    }

    fn replies(schema: &Value) -> Contract {
        answers(json!({"200": {"content": {"application/json": {"schema": schema}}}}))
    }

    fn takes(schema: &Value) -> Contract {
        let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        service(json!({"responses": {"204": {}}, "requestBody": body}))
    }

    /// Faults for a consumer of everything, or of these places.
    fn faults(reads: &Reads, expected: &Contract, given: &Contract) -> Vec<String> {
        let found = breaches(reads, expected, given);
        found
            .into_iter()
            .map(|breach| format!("{} {}: {:?}", breach.verb, breach.object, breach.fault))
            .collect()
    }

    fn all_faults(expected: &Contract, given: &Contract) -> Vec<String> {
        faults(&Reads::everything(expected), expected, given)
    }

    fn call(sends: &[&str], reads: &[&str]) -> Reads {
        let set = |places: &[&str]| places.iter().map(|place| (*place).to_owned()).collect();
        let call = Call { sends: set(sends), reads: set(reads) };
        Reads { operations: [("GET /a".to_owned(), call)].into(), ..Reads::default() }
    }

    /// An object that requires all of its fields.
    fn object(fields: Value) -> Value {
        let required: Vec<String> = fields.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "properties": fields, "required": required})
    }

    #[test]
    fn a_caller_who_was_let_in_stays_let_in() {
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
        ] {
            let closed = closed_to.map(|to| format!("calls GET /a: Closed(\"{to}\")"));
            assert_eq!(all_faults(expected, given), Vec::from_iter(closed));
        }
    }

    #[test]
    fn success_keeps_its_statuses_and_kind_of_body() {
        let body = json!({"content": {"application/json": {"schema": {"type": "string"}}}});
        let text = json!({"content": {"text/plain": {"schema": {"type": "string"}}}});
        let (with_200, with_both) =
            (answers(json!({"200": body})), answers(json!({"200": body, "202": body})));
        assert_eq!(all_faults(&with_200, &with_both), ["calls GET /a: FurtherReply(\"202\")"]);
        assert_eq!(all_faults(&with_both, &with_200), ["calls GET /a: NoReply(\"202\")"]);
        assert_eq!(all_faults(&with_200, &answers(json!({"200": text}))), ["calls GET /a: NoReply(\"200\")"]);
        assert_eq!(all_faults(&with_200, &answers(json!({"200": body, "304": {}}))), [""; 0]);
    }

    #[test]
    fn refusals_of_every_status_stay_readable() {
        let problem = |kind: &str| {
            let schema = object(json!({"code": {"type": kind}}));
            json!({"content": {"application/problem+json": {"schema": schema}}})
        };
        let before = answers(json!({"204": {}, "default": problem("string")}));
        let other = answers(json!({"204": {}, "default": problem("string"), "409": problem("integer")}));
        assert_eq!(all_faults(&before, &other), ["reads `code` of refusals: Gives(\"integer\")"]);
        let silent = answers(json!({"204": {}}));
        assert_eq!(all_faults(&before, &silent), ["reads refusals: Missing"]);
        assert_eq!(all_faults(&silent, &before), [""; 0]);
    }

    #[test]
    fn a_place_that_is_read_stays_and_others_may_go() {
        let price = object(json!({"amount": {"type": "integer"}}));
        let before = replies(&object(json!({"price": price, "zone": {"type": "string"}})));
        let gone = replies(&object(json!({"zone": {"type": "string"}})));
        let optional = replies(&json!({"type": "object", "properties": {"price": price}}));
        let nullable = replies(&object(json!({"price": {"oneOf": [price, {"type": "null"}]}})));
        let listed = replies(&object(json!({"price": {"type": "array", "items": price}})));
        for (reads, given, expected) in [
            ("price.amount", &gone, vec!["reads `price` of GET /a: Missing"]),
            ("price?.amount", &gone, vec!["reads `price` of GET /a: Spared"]),
            ("price.amount?", &gone, vec!["reads `price` of GET /a: Missing"]),
            ("zone", &gone, vec![]),
            ("price.amount", &optional, vec!["reads `price` of GET /a: Optional"]),
            ("price?.amount", &optional, vec![]),
            ("price.amount", &nullable, vec!["reads `price` of GET /a: Gives(\"null\")"]),
            (
                "price.amount",
                &listed,
                vec!["reads `price.amount` of GET /a: Missing", "reads `price` of GET /a: Gives(\"array\")"],
            ),
            ("meal", &gone, vec!["reads `meal` of GET /a: Unknown"]),
        ] {
            assert_eq!(faults(&call(&[], &[reads]), &before, given), expected, "{reads}");
        }
    }

    #[test]
    fn a_request_that_was_taken_stays_taken() {
        let name = json!({"type": "string"});
        let before = takes(&json!({"type": "object", "properties": {"name": name, "nick": name}}));
        let required = takes(&object(json!({"name": name, "nick": name, "age": {"type": "integer"}})));
        let without = takes(&object(json!({"nick": name})));
        let sends = call(&["body.name", "body.nick?"], &[]);
        assert_eq!(
            faults(&sends, &before, &required),
            [
                "doesn't send `body.age` to GET /a: Required",
                "doesn't always send `body.nick` to GET /a: Required"
            ]
        );
        assert_eq!(
            faults(&sends, &before, &without),
            ["sends `body.name` to GET /a: NotTaken", "doesn't always send `body.nick` to GET /a: Required",]
        );
        assert_eq!(faults(&sends, &required, &before), [""; 0]);
    }

    #[test]
    fn a_parameter_behind_a_reference_is_read() {
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
        let before = answers(json!({"204": {}}));
        assert_eq!(
            all_faults(&before, &after),
            ["doesn't send `header.accept-language` to GET /a: Required"]
        );
    }
}
