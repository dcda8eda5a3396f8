use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::table::TableSpec;
use crate::{Error, check};

/// The default region of services.
const DEFAULT_REGION: &str = "eu-west-1";

/// One service, as its `service.toml` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name in stacks, paths, metrics and file names: lower case.
    pub name: String,
    /// The name in prose and, without spaces, in parameter names: `Booking`.
    pub title: String,
    /// What the service does, after its title: `sells flights`.
    pub summary: String,
    /// What a release holds besides the template.
    pub release: ReleaseContent,
    /// The cargo package that is built for a release.
    pub package: Option<String>,
    /// The AWS region of the service's stack.
    #[serde(default = "default_region")]
    pub region: String,
    /// The path prefix under which the service's REST API is served: `/api/booking`.
    pub base_path: Option<String>,
    /// Who may call the service.
    pub access: Access,
    /// The services that may call its private routes.
    #[serde(default)]
    pub callers: Vec<String>,
    /// The services that it calls, or whose user pool it trusts. Publishers of consumed events need no entry.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Its Lambda functions by short name; each binary is called `<service>-<function>`.
    #[serde(default)]
    pub functions: BTreeMap<String, Function>,
    /// Its DynamoDB table.
    pub table: Option<TableSpec>,
    /// The topics that it publishes to.
    #[serde(default)]
    pub publishes: Vec<Published>,
    /// The events of other services that it consumes.
    #[serde(default)]
    pub consumes: Vec<Consumed>,
    /// Graphs of its own metrics, in their order on dashboards.
    #[serde(default)]
    pub dashboard: Vec<Graph>,
}

fn default_region() -> String {
    DEFAULT_REGION.to_owned()
}

/// What a release of a service holds besides its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseContent {
    Functions,
    Files,
    /// The template is all.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Browsers, through the web app's origin, and other services.
    Public,
    /// The services in `callers` only: every route has the contract's security scheme `operator`.
    Private,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What starts it; at least one.
    pub triggers: Vec<Trigger>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A request to the service's REST API.
    Http,
    /// New items of the service's table whose partition key begins with the prefix.
    TableStream {
        /// The prefix: `OUTBOX#`.
        partition_prefix: String,
    },
    /// Messages of the queue that receives consumed events, by the queue's name.
    Queue(String),
    /// A schedule of EventBridge: `rate(1 minute)`.
    Schedule(String),
    /// An operator's call, by `cargo xtask` or the console.
    Operator,
}

/// A topic and the events published to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The topic's short name: `events`; in AWS `tern-<environment>-<service>-events`.
    pub topic: String,
    /// The event types with their versions: `booking.confirmed.v1`.
    pub events: Vec<String>,
}

/// Events consumed of one publisher, and the queue that receives them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Consumed {
    /// The service that publishes them.
    pub from: String,
    /// The event types with their versions.
    pub events: Vec<String>,
    /// The queue's short name: `booking-events`; in AWS `tern-<environment>-<service>-booking-events`.
    pub queue: String,
}

/// A graph of a service's own metrics.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    pub title: String,
    /// `<metric> <statistic>` of each line: `OutboxLag p99`.
    pub metrics: Vec<String>,
    /// A further line, worked out of the others; each is named by its metric in lower case: `searches / bookings`.
    pub expression: Option<String>,
}

impl Graph {
    /// Metric and statistic of each line.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metrics.iter().filter_map(|line| line.split_once(' '))
    }
}

impl Service {
    /// Reads one descriptor and checks it by itself.
    ///
    /// # Errors
    /// When the text is no descriptor, or it breaks a rule; the sentence names `file`.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let service: Self =
            toml::from_str(text).map_err(|cause| Error::Malformed { file: file.to_owned(), cause })?;
        match check::check(&service) {
            Ok(()) => Ok(service),
            Err(sentence) => Err(Error::Invalid(format!("{file}: {sentence}"))),
        }
    }

    /// Each function's short name and the name of its binary, in order.
    pub fn binaries(&self) -> impl Iterator<Item = (&str, String)> {
        self.functions.keys().map(|function| (function.as_str(), format!("{}-{function}", self.name)))
    }

    /// The short name of the function that has a trigger for which `is` holds.
    #[must_use]
    pub fn function_with(&self, is: impl Fn(&Trigger) -> bool) -> Option<&str> {
        let mut functions = self.functions.iter();
        functions.find(|(_, function)| function.triggers.iter().any(&is)).map(|(name, _)| name.as_str())
    }

    /// The services that must be there before this one: those that it calls, and those whose events it consumes.
    #[must_use]
    pub fn needs(&self) -> BTreeSet<&str> {
        self.calls
            .iter()
            .chain(self.consumes.iter().map(|consumed| &consumed.from))
            .map(String::as_str)
            .collect()
    }
}
