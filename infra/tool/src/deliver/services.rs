use anyhow::{Context, Result};

/// What a service's release is made of, besides its template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service {
    pub(super) name: &'static str,
    /// The crate that is its own.
    pub(super) package: Option<&'static str>,
    pub(super) holds: Holds,
}

/// What is deployed beside the stack itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The zips of its functions.
    Functions,
    /// The web app's files.
    Files,
    /// Nothing: the template is all.
    Nothing,
}

/// Every service that has a pipeline.
pub(super) const SERVICES: [Service; 4] = [
    Service { name: "members", package: None, holds: Holds::Nothing },
    Service { name: "booking", package: Some("api-booking"), holds: Holds::Functions },
    Service { name: "airmiles", package: Some("api-airmiles"), holds: Holds::Functions },
    Service { name: "web", package: Some("frontend"), holds: Holds::Files },
];

/// The service of that name.
///
/// # Errors
/// When there is none.
pub(super) fn of(name: &str) -> Result<Service> {
    SERVICES.into_iter().find(|service| service.name == name).with_context(|| {
        let names: Vec<_> = SERVICES.iter().map(|service| service.name).collect();
        format!(
            "there is no service {name}, only {}: add it to infra/tool/src/deliver/services.rs",
            names.join(", ")
        )
    })
}
