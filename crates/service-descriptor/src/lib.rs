//! What each service is: its `service.toml`, parsed and checked.
//!
//! A service is a folder and a descriptor. The laptop, the templates, releases, pipelines, the emulated accounts, dashboards and
//! contracts are derived from the descriptors; there is no other list of services.
//!
//! | entry point | what it gives |
//! |---|---|
//! | [`Services::read`] | all services of the tree, checked as a graph, in the order in which they are deployed |
//! | [`Service::parse`] | one service, checked by itself: for the crate that is the service |
//! | [`TableSpec`] | the service's table, for whatever creates it |

mod check;
mod graph;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use graph::Services;
pub use service::{Access, Consumed, Function, Graph, Published, ReleaseContent, Service, Trigger};
pub use table::{AttributeType, IndexKind, IndexSpec, KeySpec, StreamView, TableSpec};

use std::path::PathBuf;

/// Why a descriptor, or the graph of all of them, can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} can't be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{file}: {cause}")]
    Malformed {
        /// The file, relative to the project.
        file: String,
        cause: toml::de::Error,
    },
    /// A descriptor, or the graph, breaks the rule in the sentence.
    #[error("{0}")]
    Invalid(String),
    #[error("there is no service {name}: take one of {known}")]
    Unknown { name: String, known: String },
}
