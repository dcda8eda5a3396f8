//! Every registered place of the real contracts, one after the other.

use contract_gate::breach::{About, Seen};
use contract_gate::compare::breaches;
use contract_gate::contract::Contract;
use contract_gate::path::{Path, Step};
use contract_gate::registration::Reads;
use contract_gate::schema::Schema;

use crate::common::Field;

/// The schema without the field that `path` ends in, or whose items it ends in; `None` if it ends in the root.
fn without(schema: &Schema, path: &Path) -> Schema {
    let length = path.0.iter().rposition(|step| matches!(step, Step::Field(_))).unwrap();
    let Step::Field(name) = &path.0[length] else { unreachable!("it was looked for") };
    let mut changed = schema.clone();
    let mut inside = &mut changed;
    for step in &path.0[..length] {
        inside = match step {
            Step::Field(name) => &mut inside.fields.get_mut(name).unwrap().schema,
            Step::Items => inside.items.as_mut().unwrap(),
            Step::Variant(value) => inside.variants.get_mut(value).unwrap(),
        };
    }
    inside.fields.remove(name).unwrap();
    changed
}

/// Each place that is registered, in words, and the provider's contract without it.
fn contracts_without(reads: &Reads, contract: &Contract) -> Vec<(String, Contract)> {
    let mut changed = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Contract)| {
        let mut contract = contract.clone();
        change(&mut contract);
        changed.push((what, contract));
    };
    for (name, call) in &reads.operations {
        add(name.clone(), &|contract| {
            contract.operations.remove(name);
        });
        for sent in &call.sends {
            add(format!("{sent} to {name}"), &|contract| {
                let request = &mut contract.operations.get_mut(name).unwrap().request;
                *request = without(request, sent.path());
            });
        }
        for read in &call.reads {
            add(format!("{read} of {name}"), &|contract| {
                for reply in contract.operations.get_mut(name).unwrap().replies.values_mut().flatten() {
                    *reply = without(reply, read.path());
                }
            });
        }
    }
    for read in &reads.refusals {
        add(format!("{read} of refusals"), &|contract| {
            for refusal in contract.operations.values_mut().flat_map(|each| each.refusals.values_mut()) {
                *refusal = without(refusal, read.path());
            }
        });
    }
    if let Some(taken) = &reads.events {
        for name in &taken.types {
            add(name.clone(), &|contract| {
                contract.events.as_mut().unwrap().types.remove(name);
            });
        }
        for read in &taken.reads {
            add(format!("{read} of events"), &|contract| {
                let message = &mut contract.events.as_mut().unwrap().message;
                *message = without(message, read.path());
            });
        }
    }
    for name in &reads.outputs {
        add(name.clone(), &|contract| {
            contract.outputs.remove(name);
        });
    }
    changed
}

#[test]
fn whatever_registered_place_is_taken_out_its_consumer_is_named() {
    let tree = Field::new().tree();
    let mut tried = 0;
    for (consumer, registration) in &tree.registrations {
        for (provider, reads) in &registration.reads {
            let expected = &tree.services[provider].contract;
            for (what, given) in contracts_without(reads, expected) {
                let found = breaches(reads, expected, &given);
                assert!(!found.is_empty(), "{consumer} was to miss {what}");
                for breach in &found {
                    let sentence = breach.sentence(consumer, provider, Seen::ByProvider("prod"));
                    let (who, whom) =
                        (contract_gate::breach::titled(consumer), contract_gate::breach::titled(provider));
                    assert!(sentence.starts_with(&format!("{who} in prod ")), "{sentence}");
                    assert!(sentence.contains(&format!("which {whom} would no longer ")), "{sentence}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "{tried} places only");
}

#[test]
fn whatever_else_is_taken_out_breaks_nobody() {
    let tree = Field::new().tree();
    let mut spared = 0;
    for (provider, given) in &tree.services {
        let expected = &given.contract;
        for (what, given) in contracts_without(&Reads::everything(expected), expected) {
            for (consumer, registration) in &tree.registrations {
                let Some(reads) = registration.reads.get(provider) else { continue };
                let found = breaches(reads, expected, &given);
                // What is broken must be of what was taken out: a place of another operation is none.
                for breach in &found {
                    let about = match &breach.about {
                        About::Operation(name) | About::Request(name, _) | About::Reply(name, _) => name,
                        About::Refusal(_) => "refusals",
                        About::EventType(name) | About::Output(name) => name,
                        About::Event(..) | About::Meaning => "events",
                    };
                    assert!(what.ends_with(about), "{consumer} missed {about} when {what} was taken out");
                }
                spared += usize::from(found.is_empty());
            }
        }
    }
    assert!(spared > 100, "{spared} only");
}

#[test]
fn every_contract_satisfies_who_was_built_with_it() {
    for (service, given) in Field::new().tree().services {
        let everything = Reads::everything(&given.contract);
        let found = breaches(&everything, &given.contract, &given.contract);
        assert!(found.is_empty(), "{service}: {found:?}");
    }
}
