//! What a service's descriptor makes of the shared fragments in `infra/shared`.
//!
//! A fragment is a part of a template, written once, with placeholders (`<service>`, `<Function>`). Which fragments a service
//! gets, and how often, follows from its descriptor: one for each function, trigger, topic, queue and peer account.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use service_descriptor::{Access, IndexKind, KeySpec, ReleaseContent, Service, Services, TableSpec, Trigger};

use crate::{project, yaml};

/// The service whose user pool signs access tokens.
const USER_POOL: &str = "members";

/// Placeholders and their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(Vec<(&'static str, String)>);

impl Words {
    fn with(&self, word: &'static str, meaning: impl Into<String>) -> Self {
        let mut words = self.clone();
        words.0.insert(0, (word, meaning.into()));
        words
    }

    /// `text` with every placeholder replaced.
    ///
    /// # Errors
    /// When a placeholder is not among these words.
    pub(crate) fn fill(&self, text: &str) -> Result<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('<') {
            let (before, from) = rest.split_at(start);
            filled.push_str(before);
            match from[1..].split_once('>') {
                Some((word, after)) if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic()) => {
                    let meaning = self.0.iter().find(|(name, _)| *name == word);
                    let (_, meaning) = meaning.with_context(|| format!("nothing stands for <{word}>"))?;
                    filled.push_str(meaning);
                    rest = after;
                }
                _ => {
                    filled.push('<');
                    rest = &from[1..];
                }
            }
        }
        Ok(filled + rest)
    }
}

/// The part of `service`'s template that follows from its descriptor.
///
/// # Errors
/// When a fragment can't be read or doesn't fit.
pub(crate) fn of(service: &Service, services: &Services) -> Result<Value> {
    let words = words(service, services);
    let mut parts = Parts { template: json!({}), words: words.clone() };
    let peers = peers(service, services);
    for peer in &peers {
        parts.add("peer", &words.with("Peer", &peer.title))?;
    }
    match service.release {
        ReleaseContent::Functions => functions(service, services, &mut parts)?,
        ReleaseContent::Files => {
            for api in public_apis(service, services) {
                let path = api.base_path.clone().unwrap_or_default();
                parts.add(
                    "origin",
                    &words.with("Peer", &api.title).with("peer", &api.name).with("path", path),
                )?;
            }
        }
        ReleaseContent::Nothing => {}
    }
    Ok(parts.template)
}

/// The placeholders that a service's own folder can use, too.
pub(crate) fn words(service: &Service, services: &Services) -> Words {
    let apis: Vec<_> = public_apis(service, services).collect();
    let paths = apis.iter().filter_map(|api| api.base_path.as_deref());
    let paths: Vec<_> = paths.map(|path| path.trim_start_matches('/').replace('/', "\\/")).collect();
    let config = apis.iter().map(|api| {
        format!("{}_api: '{}'", api.name.replace('-', "_"), api.base_path.as_deref().unwrap_or_default())
    });
    let alarms = service.functions.keys().map(|function| format!("{}Function", camel(function)));
    let api = service.base_path.is_some().then(|| "ApiServer".to_owned());
    let alarms = api.into_iter().chain(alarms).map(|name| format!("ALARM(\"${{{name}ErrorsAlarm}}\")"));
    let (access, reached) = match service.access {
        Access::Public => {
            let path = service.base_path.as_deref().unwrap_or_default();
            ("public", format!("the web app's distribution sends {path}/* there"))
        }
        Access::Private => ("private", "only the accounts of its callers reach it".to_owned()),
    };
    Words::default()
        .with("service", &service.name)
        .with("Title", &service.title)
        .with("summary", &service.summary)
        .with("access", access)
        .with("reached", reached)
        .with("alarms", alarms.collect::<Vec<_>>().join(" OR "))
        .with("paths", paths.join("|"))
        .with("apis", config.collect::<Vec<_>>().join(", "))
}

/// The public APIs among the services that `service` calls, in their order of deployment.
fn public_apis<'a>(service: &'a Service, services: &'a Services) -> impl Iterator<Item = &'a Service> {
    let called = services.iter().filter(|other| service.calls.contains(&other.name));
    called.filter(|other| other.access == Access::Public && other.base_path.is_some())
}

/// The services whose accounts a template must know: those that it needs, that may call it and that consume its events.
fn peers<'a>(service: &'a Service, services: &'a Services) -> Vec<&'a Service> {
    let consumers: Vec<_> = services.consumers(&service.name).map(|(consumer, _)| &consumer.name).collect();
    let knows = |other: &Service| {
        service.needs().contains(other.name.as_str())
            || service.callers.contains(&other.name)
            || consumers.contains(&&other.name)
    };
    services.iter().filter(|other| knows(other)).collect()
}

fn functions(service: &Service, services: &Services, parts: &mut Parts) -> Result<()> {
    let words = parts.words.clone();
    for fragment in ["stack", "key", "canary"] {
        parts.add(fragment, &words)?;
    }
    if let Some(table) = &service.table {
        parts.add("table", &words)?;
        merge(
            &mut parts.template,
            json!({ "Resources": { "Table": { "Properties": table_properties(table) } } }),
        );
    }
    for (name, function) in &service.functions {
        let words = words.with("function", name).with("Function", camel(name));
        parts.add("function", &words)?;
        if service.table.is_some() {
            parts.add("table-of-function", &words)?;
        }
        for trigger in &function.triggers {
            match trigger {
                Trigger::Http => http(service, services, parts, &words)?,
                Trigger::TableStream { partition_prefix } => {
                    let key = service.table.as_ref().map_or("", |table| &table.key.partition);
                    parts.add("table-stream", &words.with("prefix", partition_prefix).with("pk", key))?;
                    publishing(service, services, parts, &words)?;
                }
                Trigger::Queue(queue) => consuming(service, services, queue, parts, &words)?,
                Trigger::Operator => {} // by an operator's own permissions, not by the template's
                Trigger::Schedule(schedule) => parts.add("schedule", &words.with("schedule", schedule))?,
            }
        }
    }
    Ok(())
}

fn http(service: &Service, services: &Services, parts: &mut Parts, words: &Words) -> Result<()> {
    parts.add("http", words)?;
    if service.calls.iter().any(|called| called == USER_POOL) {
        parts.add("user-pool", words)?;
    }
    for caller in &service.callers {
        parts.add("organization", words)?;
        parts.add("caller", &words.with("Peer", &services.get(caller)?.title))?;
    }
    Ok(())
}

/// The topic of a function that publishes what the table's stream shows, and its subscribers.
fn publishing(service: &Service, services: &Services, parts: &mut Parts, words: &Words) -> Result<()> {
    for published in &service.publishes {
        let words = words.with("topic", &published.topic).with("Topic", camel(&published.topic));
        parts.add("topic", &words)?;
        for (consumer, consumed) in services.consumers(&service.name) {
            parts.add("organization", &words)?;
            let peer = words.with("Peer", &consumer.title).with("peer", &consumer.name);
            parts.add("subscriber", &peer.with("queue", &consumed.queue))?;
        }
    }
    Ok(())
}

fn consuming(
    service: &Service,
    services: &Services,
    queue: &str,
    parts: &mut Parts,
    words: &Words,
) -> Result<()> {
    for consumed in service.consumes.iter().filter(|consumed| consumed.queue == queue) {
        let publisher = services.get(&consumed.from)?;
        let topic = publisher.publishes.first().context("who publishes events has a topic")?;
        let words = words.with("Peer", &publisher.title).with("peer", &publisher.name);
        let words = words.with("queue", queue).with("Queue", camel(queue)).with("topic", &topic.topic);
        parts.add("queue", &words.with("events", format!("[{}]", consumed.events.join(", "))))?;
    }
    Ok(())
}

/// The template that grows, and the words that hold in all its fragments.
struct Parts {
    template: Value,
    words: Words,
}

impl Parts {
    fn add(&mut self, fragment: &str, words: &Words) -> Result<()> {
        let file = format!("infra/shared/{fragment}.yaml");
        let text = std::fs::read_to_string(project::root().join(&file))
            .with_context(|| format!("reading {file}"))?;
        let filled = words.fill(&text).with_context(|| file.clone())?;
        merge(&mut self.template, yaml::read(&filled).with_context(|| file.clone())?);
        Ok(())
    }
}

/// Merges `over` into `base`: maps grow, lists are joined without repeating an item, and of two other values the later holds.
pub(crate) fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) if !is_function(base) && !is_function(&over) => {
            for (name, value) in over {
                match base.get_mut(&name) {
                    Some(existing) => merge(existing, value),
                    None => drop(base.insert(name, value)),
                }
            }
        }
        (Value::Array(base), Value::Array(over)) => {
            for item in over {
                if !base.contains(&item) {
                    base.push(item);
                }
            }
        }
        (base, over) => *base = over,
    }
}

/// Whether a map is one of CloudFormation's functions, which is a value as a whole.
fn is_function(map: &Map<String, Value>) -> bool {
    let mut names = map.keys();
    names.next().is_some_and(|name| name == "Ref" || (name.starts_with("Fn::") && name != "Fn::Transform"))
        && names.next().is_none()
}

/// Moves the statements in the template's metadata, `Permissions: {<function>: [...]}`, into the functions' roles.
///
/// # Errors
/// When a function that there isn't gets a permission.
pub(crate) fn grant_permissions(template: &mut Value) -> Result<()> {
    let Some(metadata) = template.get_mut("Metadata").and_then(Value::as_object_mut) else { return Ok(()) };
    let Some(Value::Object(permissions)) = metadata.remove("Permissions") else { return Ok(()) };
    let nothing_left = metadata.is_empty();
    if nothing_left && let Some(template) = template.as_object_mut() {
        template.remove("Metadata");
    }
    for (function, statements) in permissions {
        let role =
            format!("/Resources/{}Role/Properties/Policies/0/PolicyDocument/Statement", camel(&function));
        match (template.pointer_mut(&role), statements) {
            (Some(Value::Array(all)), Value::Array(statements)) => drop(all.splice(0..0, statements)),
            _ => bail!("Permissions are a list for one of the service's functions, which {function} is not"),
        }
    }
    Ok(())
}

/// The parts of a table that its descriptor holds, as CloudFormation has them.
fn table_properties(table: &TableSpec) -> Value {
    let keys = |key: &KeySpec| -> Value {
        let sort = key.sort.iter().map(|sort| json!({ "AttributeName": sort, "KeyType": "RANGE" }));
        std::iter::once(json!({ "AttributeName": key.partition, "KeyType": "HASH" })).chain(sort).collect()
    };
    let attributes = table.attributes.iter();
    let attributes =
        attributes.map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind.as_str() }));
    let mut properties =
        json!({ "AttributeDefinitions": attributes.collect::<Value>(), "KeySchema": keys(&table.key) });
    for (property, kind) in
        [("GlobalSecondaryIndexes", IndexKind::Global), ("LocalSecondaryIndexes", IndexKind::Local)]
    {
        let indexes = table.indexes.iter().filter(|index| index.kind == kind).map(|index| {
            let projection = json!({ "ProjectionType": "ALL" });
            json!({ "IndexName": index.name, "KeySchema": keys(&index.key), "Projection": projection })
        });
        let indexes: Vec<_> = indexes.collect();
        if !indexes.is_empty() {
            properties[property] = indexes.into();
        }
    }
    if let Some(stream) = table.stream {
        properties["StreamSpecification"] = json!({ "StreamViewType": stream.as_str() });
    }
    if let Some(attribute) = &table.ttl {
        properties["TimeToLiveSpecification"] = json!({ "AttributeName": attribute, "Enabled": true });
    }
    properties
}

/// `by_member` or `booking-events` as part of a logical id, which has letters and digits only: `ByMember`.
pub(crate) fn camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_an_unknown_one_is_named() {
        let words = Words::default().with("service", "booking").with("Title", "Booking");
        assert_eq!(
            words.fill("<Title>: tern-${E}-<service>, a < b > c").unwrap(),
            "Booking: tern-${E}-booking, a < b > c"
        );
        assert_eq!(words.fill("<colour>").unwrap_err().to_string(), "nothing stands for <colour>");
    }

    #[test]
    fn the_later_of_two_parts_holds_and_lists_are_joined() {
        for (base, over, merged) in [
            (
                json!({ "a": { "b": 1, "c": 2 } }),
                json!({ "a": { "b": 3 } }),
                json!({ "a": { "b": 3, "c": 2 } }),
            ),
            (json!({ "a": [1, 2] }), json!({ "a": [2, 3] }), json!({ "a": [1, 2, 3] })),
            (
                json!({ "a": { "Ref": "X" } }),
                json!({ "a": { "Fn::Sub": "y" } }),
                json!({ "a": { "Fn::Sub": "y" } }),
            ),
            (
                json!({ "a": { "Fn::Transform": { "Name": "n" } } }),
                json!({ "a": { "Fn::Transform": { "Scope": "s" } } }),
                json!({ "a": { "Fn::Transform": { "Name": "n", "Scope": "s" } } }),
            ),
        ] {
            let mut value = base;
            merge(&mut value, over);
            assert_eq!(value, merged);
        }
    }

    #[test]
    fn a_permission_is_granted_to_a_function_that_there_is() {
        let role =
            json!({ "Properties": { "Policies": [{ "PolicyDocument": { "Statement": ["shared"] } }] } });
        let template = |function: &str| json!({ "Metadata": { "Permissions": { function: ["own"] } }, "Resources": { "HttpRole": role } });
        let mut granted = template("http");
        grant_permissions(&mut granted).unwrap();
        let statements =
            granted.pointer("/Resources/HttpRole/Properties/Policies/0/PolicyDocument/Statement");
        assert_eq!(statements, Some(&json!(["own", "shared"])));
        assert!(granted.get("Metadata").is_none());
        let error = grant_permissions(&mut template("htp")).unwrap_err().to_string();
        assert!(error.ends_with("which htp is not"), "{error}");
    }
}
