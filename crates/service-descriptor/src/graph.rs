//! All services together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::service::{Access, Consumed, Service};

/// All services, each after those that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Services {
    services: Vec<Service>,
}

impl Services {
    /// Reads every descriptor of the project in `root`: `api-*/`, `frontend/` and `infra/services/*/service.toml`.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let mut folders = vec![root.join("frontend")];
        folders.extend(folders_in(root, "api-")?);
        folders.extend(folders_in(&root.join("infra/services"), "")?);
        let mut services = Vec::new();
        for path in folders.iter().map(|folder| folder.join("service.toml")).filter(|path| path.is_file()) {
            let text =
                fs::read_to_string(&path).map_err(|cause| Error::Unreadable { path: path.clone(), cause })?;
            let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            services.push(Service::parse(&text, &file)?);
        }
        Self::new(services)
    }

    /// Checks the graph of `services` and puts each after those that it needs; otherwise they are ordered by name.
    ///
    /// # Errors
    /// When a name is a duplicate or unknown, a table has two services, a private service doesn't list its caller, nobody
    /// publishes a consumed event, or services need each other in a circle.
    pub fn new(mut services: Vec<Service>) -> Result<Self, Error> {
        services.sort_by(|a, b| a.name.cmp(&b.name));
        unique(&services)?;
        let unsorted = Self { services };
        for service in unsorted.iter() {
            unsorted.known_and_allowed(service)?;
        }
        unsorted.sorted()
    }

    /// Each service, after those that it needs.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Service> + Clone {
        self.services.iter()
    }

    /// The names of all services, in the same order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|service| service.name.as_str())
    }

    /// The service of that name.
    pub fn get(&self, name: &str) -> Result<&Service, Error> {
        self.iter().find(|service| service.name == name).ok_or_else(|| Error::Unknown {
            name: name.to_owned(),
            known: self.names().collect::<Vec<_>>().join(", "),
        })
    }

    /// Who consumes events of `publisher`, and which.
    pub fn consumers<'a>(&'a self, publisher: &'a str) -> impl Iterator<Item = (&'a Service, &'a Consumed)> {
        let all =
            self.iter().flat_map(|service| service.consumes.iter().map(move |consumed| (service, consumed)));
        all.filter(move |(_, consumed)| consumed.from == publisher)
    }

    fn known_and_allowed(&self, service: &Service) -> Result<(), Error> {
        let invalid = |sentence| Err(Error::Invalid(sentence));
        let name = &service.name;
        for (other, how) in service
            .calls
            .iter()
            .map(|other| (other, "calls"))
            .chain(service.callers.iter().map(|other| (other, "may be called by")))
            .chain(service.consumes.iter().map(|consumed| (&consumed.from, "consumes events of")))
        {
            if let Err(unknown) = self.get(other) {
                return invalid(format!("{name} {how} {other}, but {unknown}"));
            }
        }
        for other in &service.calls {
            let called = self.get(other)?;
            if called.access == Access::Private && !called.callers.contains(name) {
                return invalid(format!(
                    "{name} calls {other}, which is private: add {name} to the callers of {other}"
                ));
            }
        }
        for Consumed { from, events, .. } in &service.consumes {
            let publisher = self.get(from)?;
            let published = || publisher.publishes.iter().flat_map(|published| &published.events);
            if let Some(event) = events.iter().find(|event| !published().any(|other| other == *event)) {
                return invalid(format!("{name} consumes {event} of {from}, which doesn't publish it"));
            }
        }
        Ok(())
    }

    /// The same services, each after those that it needs.
    fn sorted(self) -> Result<Self, Error> {
        let mut waiting = self.services;
        let mut services: Vec<Service> = Vec::new();
        while !waiting.is_empty() {
            let placed = |name: &str| services.iter().any(|service| service.name == name);
            match waiting.iter().position(|service| service.needs().into_iter().all(placed)) {
                Some(next) => services.push(waiting.remove(next)),
                None => return Err(Error::Invalid(circle(&waiting))),
            }
        }
        Ok(Self { services })
    }
}

/// The folders in `folder` whose names begin with `prefix`, by name.
fn folders_in(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |cause| Error::Unreadable { path: folder.to_owned(), cause };
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// Names, titles, base paths, packages and tables belong to one service each.
fn unique(services: &[Service]) -> Result<(), Error> {
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for service in services {
        let own = [
            ("name", Some(&service.name)),
            ("title", Some(&service.title)),
            ("base path", service.base_path.as_ref()),
            ("package", service.package.as_ref()),
            ("table", service.table.as_ref().map(|table| &table.name)),
        ];
        for (what, value) in own {
            let Some(value) = value else { continue };
            if let Some(other) = owners.insert((what, value), &service.name) {
                let sentence = match what {
                    "name" => format!("two services have the name {value}"),
                    _ => format!("{other} and {} both have the {what} {value}", service.name),
                };
                return Err(Error::Invalid(sentence));
            }
        }
    }
    Ok(())
}

/// A circle among services of which each needs another one of them.
fn circle(waiting: &[Service]) -> String {
    let mut path: Vec<&str> = Vec::new();
    let mut next = waiting[0].name.as_str();
    while !path.contains(&next) {
        path.push(next);
        let service = waiting.iter().find(|service| service.name == next);
        let blocked = |need: &&str| waiting.iter().any(|service| service.name == *need);
        let need = service.and_then(|service| service.needs().into_iter().find(blocked));
        next = need.expect("a waiting service needs another waiting one");
    }
    path.drain(..path.iter().position(|name| *name == next).unwrap_or_default());
    path.push(next);
    format!("services need each other in a circle: {}", path.join(" -> "))
}
