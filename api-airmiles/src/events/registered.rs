//! Airmiles reads of Booking's events exactly what it registered.

use std::fs;
use std::path::PathBuf;

use contract_gate::tree::Tree;
use contract_gate::trial;
use service_kit::telemetry::in_one_line;

use super::message;

fn folder(inside: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api-types").join(inside)
}

/// Removes and then spoils each place of an example: the places without which the event can't be read are the ones read.
#[test]
fn the_registration_names_exactly_what_is_read_of_an_event() {
    let tree = Tree::read(&folder("contracts")).unwrap();
    let events = tree.services["booking"].contract.events.as_ref().unwrap();
    let taken = tree.registrations["airmiles"].reads["booking"].events.as_ref().unwrap();
    for event_type in &taken.types {
        let example = fs::read(folder(&format!("fixtures/{event_type}.json"))).unwrap();
        let example: serde_json::Value = serde_json::from_slice(&example).unwrap();
        let takes = |body: &serde_json::Value| {
            let read = message::read(Some(&body.to_string()));
            read.map(drop).map_err(|refused| in_one_line(&refused))
        };
        let read = trial::found_to_read(&events.message, |_| example.clone(), takes);
        assert_eq!(read, taken.reads, "{event_type}: correct api-types/contracts/consumers/airmiles.json");
    }
}
