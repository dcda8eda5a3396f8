//! The web app's registration lists exactly the fields that it sends and reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use api_types::{BookingRequest, Cabin, Problem};
use contract_gate::contract::Operation as Described;
use contract_gate::registration::Reads;
use contract_gate::tree::Tree;
use contract_gate::trial::{found_to_read, found_to_send, sample};
use serde_json::{Value, json};

use super::FlightQuery;
use super::member::{bookings_after, entries_after};
use super::operations::{self, ACCOUNT, AIRPORTS, Ask, BOOK, BOOKING, BOOKING_MILES, Service};
use crate::query::Query;
use crate::route::Party;

fn tree() -> Tree {
    Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

fn name(service: Service) -> &'static str {
    match service {
        Service::Booking => "booking",
        Service::Airmiles => "airmiles",
    }
}

/// The fields that the web app registered of a service, and the service's documented operations.
fn of(tree: &Tree, service: &str) -> (Reads, BTreeMap<String, Described>) {
    let reads = tree.registrations["web"].reads[service].clone();
    (reads, tree.services[service].contract.operations.clone())
}

/// Whether the web app can parse a reply; else serde's reason and its path, which the app's own reader leaves out for size.
pub(super) fn readable<T: serde::de::DeserializeOwned>(text: &str) -> Result<(), String> {
    if crate::json::from_str::<T>(text).is_ok() {
        return Ok(());
    }
    let reason =
        serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(text)).err();
    Err(reason.map_or_else(|| "the web app's reader refuses it".to_owned(), |reason| reason.to_string()))
}

/// Removes and then corrupts each field of a reply: the fields without which parsing fails are the ones read.
#[test]
fn the_registration_names_exactly_what_is_read_of_answers() {
    let tree = tree();
    for service in [Service::Booking, Service::Airmiles] {
        let (reads, described) = of(&tree, name(service));
        let called = operations::ALL.iter().filter(|(of, ..)| *of == service);
        let called: BTreeMap<_, _> = called.map(|(_, name, takes)| (*name, *takes)).collect();
        let registered: BTreeSet<&str> = reads.operations.keys().map(String::as_str).collect();
        assert_eq!(called.keys().copied().collect::<BTreeSet<_>>(), registered, "operations of {service:?}");
        for (name, takes) in called {
            let replies: Vec<_> = described[name].replies.values().flatten().collect();
            let [reply] = replies[..] else { panic!("{name} answers success in one way") };
            let read = found_to_read(reply, |path| sample(reply, path), |body| takes(&body.to_string()));
            assert_eq!(read, reads.operations[name].reads, "{name}: correct registration.json");

            let refusal = &described[name].refusals["default"];
            let takes = |body: &Value| readable::<Problem>(&body.to_string());
            let read = found_to_read(refusal, |path| sample(refusal, path), takes);
            assert_eq!(read, reads.refusals, "refusals of {service:?}: correct registration.json");
        }
    }
}

/// A request in the form of a contract.
fn laid_out<T>(name: &str, ask: &Ask<T>, body: Option<Value>) -> Value {
    let (path, query) = ask.address.split_once('?').unwrap_or((&ask.address, ""));
    let mut request = json!({"query": {}, "header": {}, "path": {}});
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (parameter, _) = pair.split_once('=').unwrap();
        let value = Query::parse(query).get(parameter).unwrap().to_owned();
        request["query"][parameter] = value.into();
    }
    let (_, template) = name.split_once(' ').unwrap();
    let (pieces, given) = (template.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
    assert_eq!(pieces.len(), given.len(), "{path} is not of {template}");
    for (piece, given) in pieces.into_iter().zip(given) {
        match piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}')) {
            Some(parameter) => request["path"][parameter] = given.into(),
            None => assert_eq!(piece, given, "{path} is not of {template}"),
        }
    }
    if let Some(key) = &ask.key {
        request["header"]["idempotency-key"] = key.as_str().into();
    }
    if let Some(body) = body {
        request["body"] = body;
    }
    request
}

/// Every request, in each variant that sends different fields.
fn requests() -> BTreeMap<(&'static str, &'static str), Vec<Value>> {
    let bound = FlightQuery {
        from: "SFO".parse().unwrap(),
        to: "NRT".parse().unwrap(),
        date: "2026-12-05".parse().unwrap(),
        party: Party::default(),
        cabin: Cabin::Economy,
    };
    let mut passenger =
        json!({"family_name": "Ng", "given_name": "Zoë", "birth_date": "1990-01-02", "type": "adult"});
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let body =
            json!({"offer_ids": ["a"], "passengers": [passenger], "contact": {"email": "zoe@example.com"}});
        let body: BookingRequest = serde_json::from_value(body).unwrap();
        bodies.push(serde_json::to_value(body).unwrap());
        passenger.as_object_mut().unwrap().remove("given_name");
    }
    let key = "k".parse().unwrap();
    let mut all: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    fn add<T>(
        all: &mut BTreeMap<(&'static str, &'static str), Vec<Value>>,
        name_of: &'static str,
        ask: Ask<T>,
        body: Option<Value>,
    ) {
        let request = laid_out(name_of, &ask, body);
        all.entry((name(ask.service), name_of)).or_default().push(request);
    }
    add(&mut all, "GET /airports", AIRPORTS.ask(), None);
    add(&mut all, "GET /flights", bound.offers(), None);
    add(&mut all, "GET /fares", bound.day_fares(), None);
    for body in bodies {
        add(&mut all, "POST /bookings", BOOK.ask().once(&key), Some(body));
    }
    add(&mut all, "GET /bookings", bookings_after(None), None);
    add(&mut all, "GET /bookings", bookings_after(Some("c")), None);
    add(&mut all, "GET /bookings/{record_locator}", BOOKING.of("K7QZ4M"), None);
    add(&mut all, "GET /airmiles/{record_locator}", BOOKING_MILES.of("K7QZ4M"), None);
    add(&mut all, "GET /account", ACCOUNT.ask(), None);
    add(&mut all, "GET /account/entries", entries_after(5, None), None);
    add(&mut all, "GET /account/entries", entries_after(5, Some("c")), None);
    all
}

#[test]
fn the_registration_names_exactly_what_is_sent() {
    let tree = tree();
    let requests = requests();
    let tried: BTreeSet<(&str, &str)> = requests.keys().copied().collect();
    let all: BTreeSet<(&str, &str)> =
        operations::ALL.iter().map(|(service, operation, _)| (name(*service), *operation)).collect();
    assert_eq!(tried, all, "try the new operation here too");
    for ((service, name), sent) in requests {
        let (reads, described) = of(&tree, service);
        let request = &described[name].request;
        for parameter in sent.iter().flat_map(|sent| sent["query"].as_object().unwrap().keys()) {
            assert!(
                request.contains_key(&format!("query.{parameter}")),
                "{name} has no parameter {parameter}"
            );
        }
        assert_eq!(
            found_to_send(request, &sent),
            reads.operations[name].sends,
            "{name}: correct registration.json"
        );
    }
}
