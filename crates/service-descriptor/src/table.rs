use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The table's name on a laptop, unique among all services; in AWS the stack names the table.
    pub name: String,
    /// The table's key.
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

/// The attributes of a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// The partition key.
    pub partition: String,
    /// The sort key.
    pub sort: Option<String>,
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSpec {
    /// The index's name.
    pub name: String,
    /// Whether it has its own partitions.
    pub kind: IndexKind,
    /// The index's key.
    pub key: KeySpec,
}

/// The two kinds of secondary index.
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
    /// Text.
    S,
    /// A number.
    N,
    /// Bytes.
    B,
}

/// What the table's stream shows of a changed item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamView {
    /// The keys only.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// The item before and after the change.
    NewAndOldImages,
}

impl AttributeType {
    /// DynamoDB's name of it.
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
    /// DynamoDB's name of it.
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
    /// The key of the table and of each index.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeySpec> {
        std::iter::once(&self.key).chain(self.indexes.iter().map(|index| &index.key))
    }
}

impl KeySpec {
    /// The attributes of the key.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.partition).chain(&self.sort)
    }
}
