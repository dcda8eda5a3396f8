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

#[derive(Clone, Debug, Default)]
pub struct Question {
    pub environment: Option<String>,
    pub service: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// What breaks, a sentence each; none if all may be released.
    pub refusals: Vec<String>,
    /// What breaks nobody: additions, removals that no consumer misses, what must be released first.
    pub notes: Vec<String>,
    /// What was compared, a line for each environment.
    pub held: Vec<String>,
}

/// Finds the consumers that a release from this checkout would break, and the providers that it would miss.
pub fn check(tree: &Tree, store: &Store, question: &Question) -> Result<Verdict> {
    let services: Vec<&str> = match &question.service {
        Some(service) => {
            tree.service(service)?;
            vec![service]
        }
        None => tree.services.keys().map(String::as_str).collect(),
    };
    let environments = match &question.environment {
        Some(environment) => vec![tree::environment(environment)?],
        None => store.environments(),
    };
    let mut verdict = Verdict::default();
    registrations_fit(tree, &services, &mut verdict)?;
    for environment in &environments {
        let there = Environment { name: environment, running: store.running(environment)?, tree };
        let mut readers = BTreeSet::new();
        for service in &services {
            there.as_provider(service, &mut readers, &mut verdict)?;
            there.as_consumer(service, question.service.is_some(), &mut verdict)?;
        }
        let running = there.running.len();
        verdict.held.push(format!(
            "{environment}: {} compared with {running} released {} and {} registered {}",
            services.join(", "),
            plural(running, "copy", "copies"),
            readers.len(),
            plural(readers.len(), "consumer", "consumers"),
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
    let before = store.last(environment, service)?;
    let client = tree.registrations.get(service).map(|registration| Client {
        registration: registration.clone(),
        built_with: registration
            .reads
            .keys()
            .map(|provider| (provider.clone(), tree.services[provider].documents.clone()))
            .collect(),
    });
    let held = before.and_then(|before| {
        let again = name.is_some() && before.name.as_deref() == name;
        let held = if again { before.held } else { before.client };
        held.filter(|held| held.registration.held_in_browsers)
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
            if services.contains(&consumer.as_str()) || services.contains(&provider.as_str()) {
                let contract = &tree.service(provider)?.contract;
                let found = breaches(reads, contract, contract);
                refuse(verdict, &found, consumer, provider, Seen::InTree);
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
    /// Finds the consumers there that it would break.
    fn as_provider<'s>(
        &'s self,
        service: &str,
        readers: &mut BTreeSet<&'s str>,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let given = &self.tree.service(service)?.contract;
        let mut broken: BTreeSet<Breach> = BTreeSet::new();
        for (consumer, release) in &self.running {
            let clients = [
                (release.client.as_ref(), Seen::ByProvider(self.name)),
                (release.held.as_ref(), Seen::ByProviderOfHeldPages(self.name)),
            ];
            let mut said: BTreeSet<Breach> = BTreeSet::new(); // an older page mostly lacks what the newer does
            for (client, seen) in clients {
                let Some((reads, built_with)) = client.and_then(|client| client.of(service)) else {
                    continue;
                };
                readers.insert(consumer);
                let expected = self.read(built_with, consumer)?;
                let found: BTreeSet<Breach> =
                    breaches(reads, &expected, given).difference(&said).cloned().collect();
                refuse(verdict, &found, consumer, service, seen);
                said.extend(found);
            }
            broken.extend(said);
        }
        self.changes_unread(service, given, &broken, verdict)
    }

    /// Lists what else changes there.
    fn changes_unread(
        &self,
        service: &str,
        given: &Contract,
        broken: &BTreeSet<Breach>,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let whom = titled(service);
        let Some(release) = self.running.get(service) else {
            verdict.notes.push(format!("{whom} would be released in {} for the first time", self.name));
            return Ok(());
        };
        let before = self.read(&release.gives, service)?;
        for breach in breaches(&Reads::everything(&before), &before, given).difference(broken) {
            let (object, problem) = (&breach.object, breach.problem(&format!("this {whom}")));
            verdict.notes.push(format!("{}: no consumer depends on {object}, {problem}", self.name));
        }
        // What the release adds is what a consumer of all of it would miss in the release before.
        for breach in breaches(&Reads::everything(given), given, &before) {
            if matches!(breach.fault, Fault::Missing | Fault::Spared | Fault::NotTaken) {
                verdict.notes.push(format!("{}: {whom} adds {}", self.name, breach.object));
            }
        }
        for (name, meaning) in &before.outputs {
            if given.outputs.get(name).is_some_and(|now| now != meaning) {
                verdict.notes.push(format!(
                    "{}: the output `{name}` of {whom} has another description: a new meaning needs a new name",
                    self.name
                ));
            }
        }
        Ok(())
    }

    /// Finds what it reads and its providers don't have there yet. When all services are checked, that is a matter of order
    /// and only a note.
    fn as_consumer(&self, service: &str, alone: bool, verdict: &mut Verdict) -> Result<()> {
        let Some(registration) = self.tree.registrations.get(service) else { return Ok(()) };
        for (provider, reads) in &registration.reads {
            let Some(release) = self.running.get(provider) else {
                let (who, whom) = (titled(service), titled(provider));
                let sentence = format!(
                    "{who} reads {whom}, which is not released in {at} yet. {who}: wait until it is.",
                    at = self.name
                );
                if alone {
                    verdict.refusals.push(sentence)
                } else {
                    verdict.notes.push(sentence)
                }
                continue;
            };
            let runs = self.read(&release.gives, provider)?;
            for breach in breaches(reads, &self.tree.service(provider)?.contract, &runs) {
                let sentence = breach.sentence(service, provider, Seen::ByConsumer(self.name));
                let stops = alone && breach.fault != Fault::Spared;
                if stops { verdict.refusals.push(sentence) } else { verdict.notes.push(sentence) }
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

fn refuse(verdict: &mut Verdict, found: &BTreeSet<Breach>, consumer: &str, provider: &str, seen: Seen<'_>) {
    verdict.refusals.extend(found.iter().map(|breach| breach.sentence(consumer, provider, seen)));
}

fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
