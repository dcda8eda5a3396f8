//! What one consumer reads of others: `registration.json` in its package's folder.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::contract::{Contract, Operation};
use crate::places::{Places, leaves, marked};

/// What one consumer reads. Tests hold it to the consumer's code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub consumer: String,
    /// Browsers go on running the release before for as long as somebody keeps its page open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_in_browsers: bool,
    pub reads: BTreeMap<String, Reads>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// By method and path: `GET /flights`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operations: BTreeMap<String, Call>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refusals: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Taken>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outputs: BTreeSet<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// What is sent: `query.from`, `header.idempotency-key`, `body.passengers[].given_name?`.
    #[serde(default)]
    pub sends: BTreeSet<String>,
    #[serde(default)]
    pub reads: BTreeSet<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    pub types: BTreeSet<String>,
    pub reads: BTreeSet<String>,
}

impl Reads {
    /// What a reader would register who calls everything, reads everything and sends everything: whom every removal breaks.
    pub fn everything(contract: &Contract) -> Self {
        let call = |operation: &Operation| Call {
            sends: everything(&operation.request).collect(),
            reads: operation.replies.values().flatten().flat_map(everything).collect(),
        };
        let calls = contract.operations.iter().map(|(name, operation)| (name.clone(), call(operation)));
        let refusals = contract.operations.values().flat_map(|operation| operation.refusals.values());
        Self {
            operations: calls.collect(),
            refusals: refusals.flat_map(everything).collect(),
            events: contract.events.as_ref().map(|events| Taken {
                types: events.types.clone(),
                reads: everything(&events.message).collect(),
            }),
            outputs: contract.outputs.keys().cloned().collect(),
        }
    }
}

/// The leaves of `places` as someone would register them who reads or sends everything.
fn everything(places: &Places) -> impl Iterator<Item = String> {
    leaves(places).map(|place| marked(place, |at| !places[at].required))
}
