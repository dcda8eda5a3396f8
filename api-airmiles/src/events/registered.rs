//! What Airmiles registered that it reads of Booking's events is what it reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use contract_gate::path::Registered;
use contract_gate::tree::Tree;
use contract_gate::trial;

use super::message;

fn folder(inside: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api-types").join(inside)
}

/// Each place of an example is taken out, and then spoilt: what then can't be read any more is what is read.
#[test]
fn the_registration_names_exactly_what_is_read_of_an_event() {
    let tree = Tree::read(&folder("contracts")).unwrap();
    let events = tree.services["booking"].contract.events.as_ref().unwrap();
    let taken = tree.registrations["airmiles"].reads["booking"].events.as_ref().unwrap();
    for event_type in &taken.types {
        let example = fs::read(folder(&format!("fixtures/{event_type}.json"))).unwrap();
        let example: serde_json::Value = serde_json::from_slice(&example).unwrap();
        let takes = |body: &serde_json::Value| message::read(Some(&body.to_string())).is_ok();
        let read = trial::found_to_read(&events.message, |_| example.clone(), takes);
        let listed =
            |places: &BTreeSet<Registered>| places.iter().map(Registered::to_string).collect::<Vec<_>>();
        assert_eq!(
            listed(&read),
            listed(&taken.reads),
            "{event_type}: correct api-types/contracts/consumers/airmiles.json"
        );
    }
}
