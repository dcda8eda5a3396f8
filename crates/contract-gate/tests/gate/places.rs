//! Every registered place of the real contracts, one after the other.

use std::path::Path;

use contract_gate::breach::{Seen, titled};
use contract_gate::compare::breaches;
use contract_gate::contract::Contract;
use contract_gate::places::Places;
use contract_gate::registration::Reads;
use contract_gate::tree::Tree;

fn tree() -> Tree {
    Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

/// Removes the field that `registered` ends in, or whose items it ends in.
fn remove(places: &mut Places, registered: &str) {
    let place = registered.replace('?', "");
    let place = place.trim_end_matches("[]");
    places.retain(|at, _| {
        !at.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{']))
    });
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
                remove(&mut contract.operations.get_mut(name).unwrap().request, sent);
            });
        }
        for read in &call.reads {
            add(format!("{read} of {name}"), &|contract| {
                for reply in contract.operations.get_mut(name).unwrap().replies.values_mut().flatten() {
                    remove(reply, read);
                }
            });
        }
    }
    for read in &reads.refusals {
        add(format!("{read} of refusals"), &|contract| {
            for refusal in contract.operations.values_mut().flat_map(|each| each.refusals.values_mut()) {
                remove(refusal, read);
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
                remove(&mut contract.events.as_mut().unwrap().message, read);
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
fn the_consumer_of_each_removed_place_is_named() {
    let tree = tree();
    let mut tried = 0;
    for (consumer, registration) in &tree.registrations {
        for (provider, reads) in &registration.reads {
            let expected = &tree.services[provider].contract;
            for (what, given) in contracts_without(reads, expected) {
                let found = breaches(reads, expected, &given);
                assert!(!found.is_empty(), "{consumer} should miss {what}");
                for breach in &found {
                    let sentence = breach.sentence(consumer, provider, Seen::ByProvider("prod"));
                    let (who, whom) = (titled(consumer), titled(provider));
                    assert!(sentence.starts_with(&format!("{who} in prod ")), "{sentence}");
                    assert!(sentence.contains(&format!("which this {whom} doesn't ")), "{sentence}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "{tried} places only");
}

#[test]
fn a_removed_place_breaks_only_its_consumers() {
    let tree = tree();
    let mut spared = 0;
    for (provider, given) in &tree.services {
        let expected = &given.contract;
        for (what, given) in contracts_without(&Reads::everything(expected), expected) {
            for (consumer, registration) in &tree.registrations {
                let Some(reads) = registration.reads.get(provider) else { continue };
                let found = breaches(reads, expected, &given);
                // A breach must be about the removed place.
                for breach in &found {
                    let about = breach.object.rsplit(" of ").next().unwrap().rsplit(" to ").next().unwrap();
                    let about = about.trim_start_matches("the output ").trim_matches('`');
                    assert!(what.ends_with(about), "{consumer} missed {about} when {what} was removed");
                }
                spared += usize::from(found.is_empty());
            }
        }
    }
    assert!(spared > 100, "{spared} only");
}

#[test]
fn every_contract_satisfies_consumers_built_with_it() {
    for (service, given) in tree().services {
        let everything = Reads::everything(&given.contract);
        let found = breaches(&everything, &given.contract, &given.contract);
        assert!(found.is_empty(), "{service}: {found:?}");
    }
}
