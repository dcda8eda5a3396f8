//! What one service gives: operations, events, stack outputs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::places::{self, Place, Places};

/// The documents that say what a service gives, as they are committed and released.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// OpenAPI 3.1, if it has a REST API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openapi: Option<Value>,
    /// JSON Schema of its events, if it publishes any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Value>,
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
}

/// What one service gives, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// By method and path: `GET /flights`.
    pub operations: BTreeMap<String, Operation>,
    pub events: Option<Events>,
    pub outputs: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Parameters and body: `query.from`, `header.idempotency-key`, `body.offer_ids`.
    pub request: Places,
    /// What success answers, by status; `None` where it has no JSON.
    pub replies: BTreeMap<String, Option<Places>>,
    /// What a refusal holds, by status or `default`.
    pub refusals: BTreeMap<String, Places>,
    /// Who may call: each entry is one way to be let in. Empty: anybody.
    pub security: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// Which meaning the fields have: the schema's `$id`.
    pub meaning: String,
    pub types: BTreeSet<String>,
    pub message: Places,
}

impl Documents {
    pub fn read(&self) -> Result<Contract> {
        let operations = self.openapi.as_ref().map(operations).transpose().context("its OpenAPI document")?;
        let events = self.events.as_ref().map(events).transpose().context("its events' schema")?;
        Ok(Contract { operations: operations.unwrap_or_default(), events, outputs: self.outputs.clone() })
    }
}

impl Operation {
    /// What a refusal with this status holds: without a schema of its own, that of the default.
    pub fn refusal(&self, status: &str) -> Option<&Places> {
        self.refusals.get(status).or_else(|| self.refusals.get("default"))
    }
}

fn operations(document: &Value) -> Result<BTreeMap<String, Operation>> {
    let paths = document["paths"].as_object().context("it has no `paths`")?;
    let mut found = BTreeMap::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().with_context(|| format!("`{path}` is no object"))? {
            if !["get", "put", "post", "delete", "patch", "head", "options"].contains(&method.as_str()) {
                continue;
            }
            let name = format!("{} {path}", method.to_uppercase());
            let operation = read_operation(document, item, operation).with_context(|| format!("`{name}`"))?;
            found.insert(name, operation);
        }
    }
    Ok(found)
}

fn read_operation(document: &Value, item: &Value, operation: &Value) -> Result<Operation> {
    let mut replies = BTreeMap::new();
    let mut refusals = BTreeMap::new();
    let responses = operation["responses"].as_object().context("it has no `responses`")?;
    for (status, response) in responses {
        let response = places::resolved(document, response)?;
        let schema = json_schema(document, response).with_context(|| format!("its reply {status}"))?;
        match status.as_bytes().first() {
            Some(b'2') => replies.extend([(status.clone(), schema)]),
            Some(b'4' | b'5' | b'd') => refusals.extend(schema.map(|schema| (status.clone(), schema))),
            _ => {} // 1xx and 3xx are between the client's library and the gateway
        }
    }
    let security = operation.get("security").or_else(|| document.get("security"));
    Ok(Operation {
        request: request(document, item, operation)?,
        replies,
        refusals,
        security: security.and_then(Value::as_array).into_iter().flatten().map(ways_in).collect(),
    })
}

/// One entry of `security`: all its schemes together. `{}` lets anybody in.
fn ways_in(entry: &Value) -> String {
    let schemes = entry.as_object().into_iter().flatten().map(|(scheme, scopes)| {
        let scopes: Vec<&str> = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if scopes.is_empty() { scheme.clone() } else { format!("{scheme} with {}", scopes.join(" ")) }
    });
    schemes.collect::<Vec<_>>().join(" and ")
}

fn request(document: &Value, item: &Value, operation: &Value) -> Result<Places> {
    let mut request = Places::from([(String::new(), Place::of("object", true))]);
    let mut add = |at: &str, required: bool, places: Places| {
        for (inside, mut place) in places {
            if inside.is_empty() {
                place.required = required;
            }
            let joint = if inside.is_empty() || inside.starts_with(['[', '{']) { "" } else { "." };
            request.insert(format!("{at}{joint}{inside}"), place);
        }
    };
    let parameters = [&item["parameters"], &operation["parameters"]];
    for parameter in parameters.into_iter().filter_map(Value::as_array).flatten() {
        let parameter = places::resolved(document, parameter)?;
        let section = parameter["in"].as_str().context("a parameter says where it is: `in`")?;
        let name = parameter["name"].as_str().context("a parameter has a name")?;
        let name = if section == "header" { name.to_lowercase() } else { name.to_owned() };
        let value =
            places::read(document, &parameter["schema"]).with_context(|| format!("the parameter {name}"))?;
        add(section, true, Places::from([(String::new(), Place::of("object", true))]));
        add(&format!("{section}.{name}"), parameter["required"] == true, value);
    }
    if let Some(body) = operation.get("requestBody") {
        let body = places::resolved(document, body)?;
        if let Some(schema) = json_schema(document, body).context("its body")? {
            add("body", body["required"] == true, schema);
        }
    }
    Ok(request)
}

/// The schema of the JSON among an object's `content`.
fn json_schema(document: &Value, holder: &Value) -> Result<Option<Places>> {
    let content = holder["content"].as_object().into_iter().flatten();
    let json = content.into_iter().find(|(kind, _)| kind.ends_with("/json") || kind.ends_with("+json"));
    json.map(|(_, media)| places::read(document, &media["schema"])).transpose()
}

fn events(document: &Value) -> Result<Events> {
    let message = places::read(document, document)?;
    let types = message.get("type").and_then(|place| place.values.clone());
    Ok(Events {
        meaning: document["$id"].as_str().context("it has no `$id`")?.to_owned(),
        types: types.context("its `type` lists no event types")?,
        message,
    })
}
