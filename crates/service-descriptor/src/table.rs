use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The table's name on a laptop, unique among all services; in AWS the stack names the table.
    pub name: String,
    pub key: KeySpec,
    /// The types of all attributes that are part of a key.
    pub attributes: BTreeMap<String, AttributeType>,
    /// Secondary indexes; all project every attribute.
    #[serde(default)]
    pub indexes: Vec<IndexSpec>,
    /// What the table's stream shows; without it there is no stream.
    pub stream: Option<StreamView>,
    /// The attribute that holds when an item may be removed, in seconds since 1970; without it nothing expires.
    pub ttl: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    pub partition: String,
    pub sort: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSpec {
    pub name: String,
    /// Whether it has its own partitions.
    pub kind: IndexKind,
    pub key: KeySpec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKind {
    /// With a partition key of its own; eventually consistent.
    Global,
    /// With the table's partition key; can be read consistently.
    Local,
}

/// The type of a key's attribute, as DynamoDB abbreviates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum AttributeType {
    S,
    N,
    B,
}

/// What the table's stream shows of a changed item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamView {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

impl AttributeType {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

impl StreamView {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

impl TableSpec {
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeySpec> {
        std::iter::once(&self.key).chain(self.indexes.iter().map(|index| &index.key))
    }
}

impl KeySpec {
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.partition).chain(&self.sort)
    }
}
