//! The rules that one descriptor keeps by itself.

use std::collections::BTreeSet;

use crate::service::{Access, ReleaseContent, Service, Trigger};
use crate::table::{IndexKind, TableSpec};

/// The first rule that `service` breaks, as a sentence.
pub(crate) fn check(service: &Service) -> Result<(), String> {
    names(service)?;
    release(service)?;
    access(service)?;
    triggers(service)?;
    events(service)?;
    if let Some(table) = &service.table {
        self::table(table)?;
    }
    for graph in &service.dashboard {
        if graph.lines().count() != graph.metrics.len() || graph.metrics.is_empty() {
            return Err(format!(
                "the graph `{}` needs lines of the form `<metric> <statistic>`",
                graph.title
            ));
        }
    }
    Ok(())
}

fn names(service: &Service) -> Result<(), String> {
    if !(2..=20).contains(&service.name.len()) || !service.name.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return Err(format!("the service's name `{}` is not 2 to 20 lower case letters", service.name));
    }
    let mut names: Vec<&str> = Vec::new();
    names.extend(service.functions.keys().map(String::as_str));
    names.extend(service.publishes.iter().map(|published| published.topic.as_str()));
    names.extend(service.consumes.iter().map(|consumed| consumed.queue.as_str()));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(format!("`{name}` is no name: a name is lower case letters, digits and hyphens")),
        None if service.title.is_empty() || !service.title.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Err(format!("the title `{}` is part of parameter names: letters and digits only", service.title))
        }
        None => Ok(()),
    }
}

fn release(service: &Service) -> Result<(), String> {
    let (has_package, has_functions) = (service.package.is_some(), !service.functions.is_empty());
    match service.release {
        ReleaseContent::Functions if !has_package || !has_functions => {
            Err("a release of functions needs a package and at least one function".to_owned())
        }
        ReleaseContent::Files if !has_package || has_functions => {
            Err("a release of files needs a package and has no functions".to_owned())
        }
        ReleaseContent::Nothing if has_package || has_functions => {
            Err("a release of nothing has neither package nor functions".to_owned())
        }
        _ => Ok(()),
    }
}

fn access(service: &Service) -> Result<(), String> {
    if service.access == Access::Private && service.callers.is_empty() {
        return Err("a private service lists its callers".to_owned());
    }
    match (&service.base_path, service.function_with(|trigger| *trigger == Trigger::Http)) {
        (Some(path), _) if !path.starts_with('/') || path.ends_with('/') => {
            Err(format!("the base path `{path}` begins with a slash and doesn't end with one"))
        }
        (Some(_), None) if service.release == ReleaseContent::Functions => {
            Err("a base path needs a function with the trigger http".to_owned())
        }
        (None, Some(function)) => {
            Err(format!("the function {function} answers requests, but there is no base path"))
        }
        _ => Ok(()),
    }
}

fn events(service: &Service) -> Result<(), String> {
    if service.publishes.len() > 1 {
        return Err("a service publishes to one topic".to_owned());
    }
    let has_outbox =
        service.function_with(|trigger| matches!(trigger, Trigger::TableStream { .. })).is_some();
    if let Some(published) = service.publishes.first()
        && !has_outbox
    {
        return Err(format!(
            "no function with the trigger table_stream publishes to the topic {}",
            published.topic
        ));
    }
    let mut seen = BTreeSet::new();
    for consumed in &service.consumes {
        if !seen.insert(("publisher", &consumed.from)) || !seen.insert(("queue", &consumed.queue)) {
            return Err(format!(
                "each publisher has one queue of its own: {} or {} stands twice",
                consumed.from, consumed.queue
            ));
        }
    }
    Ok(())
}

fn triggers(service: &Service) -> Result<(), String> {
    let mut triggered = BTreeSet::new();
    for (name, function) in &service.functions {
        if function.triggers.is_empty() {
            return Err(format!("nothing triggers the function {name}"));
        }
        for trigger in &function.triggers {
            match trigger {
                Trigger::Http | Trigger::Schedule(_) | Trigger::Operator => {}
                Trigger::TableStream { .. } => {
                    if service.table.as_ref().is_none_or(|table| table.stream.is_none()) {
                        return Err(format!("the function {name} reads a table stream, but there is none"));
                    }
                }
                Trigger::Queue(queue) => {
                    if !service.consumes.iter().any(|consumed| consumed.queue == *queue) {
                        return Err(format!(
                            "the function {name} reads the queue {queue}, which receives no events"
                        ));
                    }
                    if !triggered.insert(queue) {
                        return Err(format!("two functions read the queue {queue}"));
                    }
                }
            }
        }
    }
    match service.consumes.iter().find(|consumed| !triggered.contains(&consumed.queue)) {
        Some(consumed) => Err(format!("no function reads the queue {}", consumed.queue)),
        None => Ok(()),
    }
}

fn table(table: &TableSpec) -> Result<(), String> {
    let keyed: BTreeSet<&String> = table.keys().flat_map(|key| key.attributes()).collect();
    if let Some(untyped) = keyed.iter().find(|name| !table.attributes.contains_key(**name)) {
        return Err(format!("the key attribute {untyped} has no type in `attributes`"));
    }
    if let Some(unused) = table.attributes.keys().find(|name| !keyed.contains(name)) {
        return Err(format!("the attribute {unused} is part of no key: list key attributes only"));
    }
    for index in &table.indexes {
        if index.kind == IndexKind::Local && index.key.partition != table.key.partition {
            return Err(format!("the local index {} needs the table's partition key", index.name));
        }
    }
    Ok(())
}
