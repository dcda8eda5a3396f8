//! The two verbs: check before a release, and record it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::breach::{Breach, Fault, Seen, titled};
use crate::compare::breaches;
use crate::contract::{Contract, Documents};
use crate::registration::Reads;
use crate::store::{Client, Release, Store};
use crate::tree::{self, Tree};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// What breaks, a sentence each; none if all may be released.
    pub refusals: Vec<String>,
    /// What breaks nobody: additions, removals that no consumer misses, what must be released first.
    pub notes: Vec<String>,
    /// What was compared, a line for each environment.
    pub held: Vec<String>,
}

/// Finds the consumers that a release from this checkout would break, and the providers that it would miss: of one service
/// or all, into one environment or all that have a release.
pub fn check(
    tree: &Tree,
    store: &Store,
    environment: Option<&str>,
    service: Option<&str>,
) -> Result<Verdict> {
    let services: Vec<&str> = match service {
        Some(service) => {
            tree.service(service)?;
            vec![service]
        }
        None => tree.services.keys().map(String::as_str).collect(),
    };
    let environments = match environment {
        Some(environment) => vec![tree::environment(environment)?],
        None => store.environments(),
    };
    let mut verdict = Verdict::default();
    registrations_fit(tree, &services, &mut verdict)?;
    for name in &environments {
        let there = Environment { name, running: store.running(name)?, tree };
        let mut readers = BTreeSet::new();
        for each in &services {
            readers.extend(there.as_provider(each, &mut verdict)?);
            there.as_consumer(each, service.is_some(), &mut verdict)?;
        }
        verdict.held.push(format!(
            "{name}: {} compared with {} and {}",
            services.join(", "),
            counted(there.running.len(), "released copy", "released copies"),
            counted(readers.len(), "registered consumer", "registered consumers"),
        ));
    }
    if environments.is_empty() {
        verdict.held.push("no release is recorded in any environment".to_owned());
    }
    Ok(verdict)
}

/// Records that `service`, as this checkout has it, runs in `environment` now. `name` is the release's, for instance its
/// digest: the same one recorded again is still one release.
pub fn release(
    tree: &Tree,
    store: &Store,
    environment: &str,
    service: &str,
    name: Option<&str>,
) -> Result<PathBuf> {
    let environment = tree::environment(environment)?;
    let given = tree.service(service)?;
    let held = store.last(environment, service)?.and_then(|before| {
        let again = name.is_some() && before.name.as_deref() == name;
        let held = if again { before.held } else { before.client };
        held.filter(|held| held.registration.held_in_browsers)
    });
    let client = tree.registrations.get(service).map(|registration| {
        let documents = |provider: &String| tree.services[provider].documents.clone();
        let built_with = registration.reads.keys().map(|provider| (provider.clone(), documents(provider)));
        Client { registration: registration.clone(), built_with: built_with.collect() }
    });
    store.note(&Release {
        environment: environment.to_owned(),
        service: service.to_owned(),
        name: name.map(str::to_owned),
        gives: given.documents.clone(),
        client,
        held,
    })
}

/// Every registration must fit the contracts beside it: they are of one commit.
fn registrations_fit(tree: &Tree, services: &[&str], verdict: &mut Verdict) -> Result<()> {
    for (consumer, registration) in &tree.registrations {
        for (provider, reads) in &registration.reads {
            if [consumer, provider].iter().any(|name| services.contains(&name.as_str())) {
                let contract = &tree.service(provider)?.contract;
                verdict.refuse(&breaches(reads, contract, contract), consumer, provider, Seen::InTree);
            }
        }
    }
    Ok(())
}

/// One environment, and the checkout from which something is to be released into it.
struct Environment<'a> {
    name: &'a str,
    running: BTreeMap<String, Release>,
    tree: &'a Tree,
}

impl Environment<'_> {
    /// Finds the consumers there that it would break; returns those that read it.
    fn as_provider(&self, service: &str, verdict: &mut Verdict) -> Result<BTreeSet<&str>> {
        let given = &self.tree.service(service)?.contract;
        let (mut readers, mut broken) = (BTreeSet::new(), BTreeSet::new());
        for (consumer, release) in &self.running {
            let clients = [
                (release.client.as_ref(), Seen::ByProvider(self.name)),
                (release.held.as_ref(), Seen::ByProviderOfHeldPages(self.name)),
            ];
            let mut named = BTreeSet::new(); // an older page mostly misses the same as the newer
            for (client, seen) in clients {
                let Some((reads, built_with)) = client.and_then(|client| client.of(service)) else {
                    continue;
                };
                readers.insert(consumer.as_str());
                let expected = self.read(built_with, consumer)?;
                let found = &breaches(reads, &expected, given) - &named;
                verdict.refuse(&found, consumer, service, seen);
                named.extend(found);
            }
            broken.extend(named);
        }
        self.changes_unread(service, given, &broken, verdict)?;
        Ok(readers)
    }

    /// Lists what else changes there.
    fn changes_unread(
        &self,
        service: &str,
        given: &Contract,
        broken: &BTreeSet<Breach>,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let (at, whom) = (self.name, titled(service));
        let Some(release) = self.running.get(service) else {
            verdict.notes.push(format!("{whom} would be released in {at} for the first time"));
            return Ok(());
        };
        let before = self.read(&release.gives, service)?;
        let removed = breaches(&Reads::everything(&before), &before, given);
        verdict.notes.extend(removed.difference(broken).map(|breach| {
            let problem = breach.problem(&format!("this {whom}"));
            format!("{at}: no consumer depends on {}, {problem}", breach.object)
        }));
        // What the release adds is what a consumer of all of it would miss in the release before.
        let mut added = breaches(&Reads::everything(given), given, &before);
        added.retain(|breach| matches!(breach.fault, Fault::Missing | Fault::Spared | Fault::NotTaken));
        verdict.notes.extend(added.iter().map(|breach| format!("{at}: {whom} adds {}", breach.object)));
        let described = |(name, meaning): &(&String, &String)| {
            given.outputs.get(*name).is_some_and(|now| now != *meaning)
        };
        verdict.notes.extend(before.outputs.iter().filter(described).map(|(name, _)| {
            format!(
                "{at}: the output `{name}` of {whom} has another description: a new meaning needs a new name"
            )
        }));
        Ok(())
    }

    /// Finds what it reads and its providers don't have there yet. When all services are checked, that is a matter of order
    /// and only a note.
    fn as_consumer(&self, service: &str, alone: bool, verdict: &mut Verdict) -> Result<()> {
        let Some(registration) = self.tree.registrations.get(service) else { return Ok(()) };
        for (provider, reads) in &registration.reads {
            let Some(release) = self.running.get(provider) else {
                let (who, whom, at) = (titled(service), titled(provider), self.name);
                let sentence = format!(
                    "{who} reads {whom}, which is not released in {at} yet. {who}: wait until it is."
                );
                verdict.add(sentence, alone);
                continue;
            };
            let runs = self.read(&release.gives, provider)?;
            for breach in breaches(reads, &self.tree.service(provider)?.contract, &runs) {
                let sentence = breach.sentence(service, provider, Seen::ByConsumer(self.name));
                verdict.add(sentence, alone && breach.fault != Fault::Spared);
            }
        }
        Ok(())
    }

    fn read(&self, documents: &Documents, of: &str) -> Result<Contract> {
        documents.read().with_context(|| format!("the released copy of {of} in {}", self.name))
    }
}

impl Client {
    /// What it reads of `provider`, and that one's contract when it was built.
    fn of(&self, provider: &str) -> Option<(&Reads, &Documents)> {
        Some((self.registration.reads.get(provider)?, self.built_with.get(provider)?))
    }
}

impl Verdict {
    fn refuse(&mut self, found: &BTreeSet<Breach>, consumer: &str, provider: &str, seen: Seen<'_>) {
        self.refusals.extend(found.iter().map(|breach| breach.sentence(consumer, provider, seen)));
    }

    /// Adds a sentence that `stops` the release, or is only a note.
    fn add(&mut self, sentence: String, stops: bool) {
        if stops { &mut self.refusals } else { &mut self.notes }.push(sentence);
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
