//! Starts the services on the laptop's stores and connects them as their descriptors say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use embedded_dynamo::{EmbeddedDynamo, OpenError};
use ring::hmac;
use service_descriptor::{Access, Service as Descriptor, Trigger};
use service_kit::Clock;
use service_kit::service::{BoxError, Environment, Function, LocalMember, Peers, Secrets, Service, Topic};
use service_kit::telemetry::in_one_line;

use crate::bus::{Bus, QueueMapping, Schedule, StreamMapping, StreamSource, Subscription, Wiring};
use crate::data_folder::{DataFolder, DataFolderError};

/// The services of a laptop: those with functions, as `build.rs` lists them. Everything else about them is in their
/// descriptors.
const SERVICES: &[Service] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// The services of a laptop, described and not yet started.
pub(crate) struct Catalogue(Vec<(Descriptor, Service)>);

/// All services, started.
#[derive(Default)]
pub(crate) struct Started {
    /// What answers requests, by service.
    pub(crate) mounted: Vec<Mounted>,
    /// What the bus runs.
    pub(crate) wiring: Wiring,
    /// The functions by full name: `booking-outbox`.
    pub(crate) functions: BTreeMap<String, Function>,
    /// Who can sign in.
    pub(crate) members: Vec<LocalMember>,
    /// Set to all routes when these are complete, for calls between services.
    pub(crate) peers: Arc<OnceLock<Router>>,
}

/// A service's routes and where they are.
pub(crate) struct Mounted {
    pub(crate) name: String,
    pub(crate) base_path: String,
    pub(crate) router: Router,
    /// The services that may call it; `None`: browsers too.
    pub(crate) callers: Option<Vec<String>>,
}

#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    #[error("The descriptor of a service is wrong: {0}.")]
    Descriptor(#[from] service_descriptor::Error),
    #[error("The service {service} can't start: {why}.")]
    Start { service: String, why: String },
    #[error("The service {service} doesn't fit its descriptor: {why}.")]
    Mismatch { service: String, why: String },
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
}

impl Catalogue {
    pub(crate) fn read() -> Result<Self, ServicesError> {
        let parsed = SERVICES
            .iter()
            .map(|service| Ok((Descriptor::parse(service.descriptor, "service.toml")?, *service)));
        Ok(Self(parsed.collect::<Result<_, service_descriptor::Error>>()?))
    }

    /// The queues of all services and what they subscribe to.
    pub(crate) fn subscriptions(&self) -> Vec<Subscription> {
        let consumed = self.0.iter().flat_map(|(descriptor, _)| {
            descriptor.consumes.iter().map(|consumed| Subscription {
                publisher: consumed.from.clone(),
                event_types: BTreeSet::from_iter(consumed.events.iter().cloned()),
                queue: queue_name(descriptor, &consumed.queue),
            })
        });
        consumed.collect()
    }

    /// Opens the stores and starts the services on them.
    pub(crate) async fn start(
        &self,
        folder: &DataFolder,
        bus: &Bus,
        clock: &Clock,
    ) -> Result<Started, ServicesError> {
        let mut started = Started::default();
        for (descriptor, service) in &self.0 {
            start(&mut started, descriptor, *service, folder, bus, clock).await?;
        }
        Ok(started)
    }
}

async fn start(
    started: &mut Started,
    descriptor: &Descriptor,
    service: Service,
    folder: &DataFolder,
    bus: &Bus,
    clock: &Clock,
) -> Result<(), ServicesError> {
    let name = &descriptor.name;
    let store = match &descriptor.table {
        Some(_) => EmbeddedDynamo::open(&folder.database(name)?)?,
        None => EmbeddedDynamo::in_memory()?,
    };
    let environment = Environment {
        dynamodb: store.client(),
        table: descriptor.table.as_ref().map(|table| table.name.clone()).unwrap_or_default(),
        topic: topic(bus, name),
        clock: clock.clone(),
        secret: secrets(&folder.keys().services, name),
        peers: Peers::new(name.clone(), Arc::clone(&started.peers)),
    };
    let opened = (service.open)(environment).await;
    let parts =
        opened.map_err(|error| ServicesError::Start { service: name.clone(), why: in_one_line(&*error) })?;
    let wiring = wire(descriptor, &parts.functions, &store, bus)
        .map_err(|why| ServicesError::Mismatch { service: name.clone(), why })?;
    started.wiring.streams.extend(wiring.streams);
    started.wiring.queues.extend(wiring.queues);
    started.wiring.schedules.extend(wiring.schedules);
    if descriptor.table.is_some() {
        started.wiring.stores.push(store);
    }
    if let Some(base_path) = descriptor.base_path.clone() {
        let callers = (descriptor.access == Access::Private).then(|| descriptor.callers.clone());
        started.mounted.push(Mounted { name: name.clone(), base_path, router: parts.router, callers });
    }
    let functions = parts.functions.into_iter();
    started.functions.extend(functions.map(|(function, invoke)| (format!("{name}-{function}"), invoke)));
    started.members.extend(parts.members);
    Ok(())
}

/// Connects each function with its triggers. An error says what is missing or too much.
fn wire(
    descriptor: &Descriptor,
    functions: &BTreeMap<&'static str, Function>,
    store: &EmbeddedDynamo,
    bus: &Bus,
) -> Result<Wiring, String> {
    if let Some(unknown) = functions.keys().find(|name| !descriptor.functions.contains_key(**name)) {
        return Err(format!("it has a function {unknown} that the descriptor doesn't name"));
    }
    let mut wiring = Wiring::default();
    for (name, described) in &descriptor.functions {
        if described.triggers == [Trigger::Http] {
            continue;
        }
        let missing = || format!("it has no function {name}");
        let function = functions.get(name.as_str()).ok_or_else(missing)?;
        let full_name = format!("{}-{name}", descriptor.name);
        for trigger in &described.triggers {
            match trigger {
                Trigger::Queue(queue) => wiring.queues.push(QueueMapping::new(
                    bus.clone(),
                    queue_name(descriptor, queue),
                    Arc::clone(function),
                )),
                Trigger::Schedule(rate) => wiring.schedules.push(Schedule {
                    name: full_name.clone(),
                    every: interval(rate).ok_or_else(|| format!("{rate} is not rate(<number> <unit>)"))?,
                    function: Arc::clone(function),
                }),
                Trigger::TableStream { partition_prefix } => {
                    let table = descriptor
                        .table
                        .as_ref()
                        .ok_or("a function reads a stream, but there is no table")?;
                    if !wiring.streams.is_empty() {
                        return Err("two functions read the table's stream".to_owned());
                    }
                    let source = StreamSource {
                        checkpoint: table.name.clone(),
                        table: table.name.clone(),
                        partition: table.key.partition.clone(),
                        prefix: partition_prefix.clone(),
                    };
                    let function = Arc::clone(function);
                    wiring.streams.push(StreamMapping::new(bus.clone(), store.clone(), source, function));
                }
                Trigger::Http | Trigger::Operator => {} // the gateway, and POST /local/functions/<name>/invocations
            }
        }
    }
    Ok(wiring)
}

fn queue_name(descriptor: &Descriptor, queue: &str) -> String {
    format!("{}-{queue}", descriptor.name)
}

/// `rate(5 minutes)` as EventBridge reads it.
fn interval(rate: &str) -> Option<Duration> {
    let (number, unit) = rate.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

fn topic(bus: &Bus, publisher: &str) -> Topic {
    let (bus, publisher) = (bus.clone(), publisher.to_owned());
    Topic::new(move |message| {
        let (bus, publisher) = (bus.clone(), publisher.clone());
        Box::pin(async move { bus.publish(&publisher, message, 0).await.map_err(BoxError::from) })
    })
}

/// The secrets of `service`, derived from the data folder's key.
fn secrets(key: &[u8; 32], service: &str) -> Secrets {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let service = service.to_owned();
    Arc::new(move |name| {
        let tag = hmac::sign(&key, format!("{service}/{name}").as_bytes());
        tag.as_ref().try_into().expect("SHA-256 gives 32 bytes")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_service_of_the_tree_runs_on_the_laptop() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
        let descriptors = folders.map(|folder| folder.join("service.toml"));
        let name = |text: &str| Descriptor::parse(text, "service.toml").unwrap().name;
        let described: BTreeSet<String> = descriptors
            .filter(|file| file.is_file() && file.parent().unwrap().join("src/lib.rs").is_file())
            .filter(|file| file.to_str().unwrap().contains("/api-"))
            .map(|file| name(&fs::read_to_string(file).unwrap()))
            .collect();
        let linked = SERVICES.iter().map(|service| name(service.descriptor));
        assert_eq!(BTreeSet::from_iter(linked), described, "each is a dependency in local/Cargo.toml");
    }

    #[test]
    fn rates_are_read_as_eventbridge_reads_them() {
        for (rate, seconds) in [
            ("rate(1 minute)", Some(60)),
            ("rate(5 minutes)", Some(300)),
            ("rate(2 hours)", Some(7200)),
            ("rate(1 day)", Some(86_400)),
            ("rate(1 week)", None),
            ("cron(0 12 * * ? *)", None),
        ] {
            assert_eq!(interval(rate), seconds.map(Duration::from_secs), "{rate}");
        }
    }

    #[test]
    fn secrets_differ_by_service_name_and_folder() {
        let secret = |key, service, name| secrets(&key, service)(name);
        let one = secret([1; 32], "a", "x");
        assert_eq!(one, secret([1; 32], "a", "x"));
        for other in [secret([2; 32], "a", "x"), secret([1; 32], "b", "x"), secret([1; 32], "a", "y")] {
            assert_ne!(one, other);
        }
    }

    #[tokio::test]
    async fn a_service_must_fit_its_descriptor() {
        let text = "name='tests'\ntitle='Tests'\nsummary='s'\nrelease='functions'\npackage='api-tests'\n\
            access='private'\ncallers=['others']\n[functions]\nhandler.triggers=[{schedule='rate(1 minute)'}]\n";
        let descriptor = Descriptor::parse(text, "service.toml").unwrap();
        let store = EmbeddedDynamo::in_memory().unwrap();
        let bus = Bus::in_memory(Clock::system(), vec![]).unwrap();
        let nothing: Function = Arc::new(|payload| Box::pin(async { Ok(payload) }));
        let wired = |functions: BTreeMap<&'static str, Function>| {
            wire(&descriptor, &functions, &store, &bus).map(|wiring| wiring.schedules.len())
        };
        assert_eq!(wired(BTreeMap::from([("handler", Arc::clone(&nothing))])), Ok(1));
        assert_eq!(wired(BTreeMap::new()), Err("it has no function handler".to_owned()));
        let other = BTreeMap::from([("handler", Arc::clone(&nothing)), ("other", nothing)]);
        assert_eq!(wired(other), Err("it has a function other that the descriptor doesn't name".to_owned()));
    }
}
