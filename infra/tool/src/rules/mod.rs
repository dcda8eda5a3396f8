//! Tern's own rules over a translated template: what neither cfn-lint nor checkov knows.
//!
//! | module | about |
//! |---|---|
//! | [`accounts`] | who may deploy into an account, and what CloudFormation may make there |
//! | [`audit`] | audit and alarms of an account, and their recipients |
//! | [`access`] | roles, policies, wildcards, who may call whom |
//! | [`pipelines`] | a pipeline's triggers, gate, approval and rollback |
//! | [`messages`] | queues, topics, subscriptions, streams |
//! | [`keeping`] | what must outlive a mistake: tables, keys, buckets, logs |
//! | [`running`] | functions, canaries, alarms |
//! | [`watching`] | metrics, traces and alarms, over all accounts |
//! | [`edge`] | gateways and the distribution |
//!
//! Each rule has a template in `fixtures/` that breaks it and nothing else; a test holds them together.

mod access;
mod accounts;
mod audit;
mod edge;
mod keeping;
mod messages;
mod model;
mod pipelines;
mod policy;
mod running;
mod watching;

pub(crate) use model::Template;
#[cfg(test)]
pub(crate) use model::text;

/// One thing that must hold in every template.
pub(crate) struct Rule {
    /// What findings, and the rule's faulty template, are called by.
    pub(crate) name: &'static str,
    /// Adds a sentence for each resource that breaks it.
    check: fn(&Template, &mut Vec<Finding>),
}

/// A resource that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The resource's logical id.
    pub(crate) resource: String,
    /// What is wrong, and what would be right.
    pub(crate) says: String,
}

impl Finding {
    fn new(resource: &str, says: impl Into<String>) -> Self {
        Self { resource: resource.to_owned(), says: says.into() }
    }
}

/// Every rule.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        access::RULES,
        accounts::RULES,
        audit::RULES,
        pipelines::RULES,
        messages::RULES,
        keeping::RULES,
        running::RULES,
        watching::RULES,
        edge::RULES,
    ]
    .into_iter()
    .flatten()
}

/// What in `template` breaks which rule.
pub(crate) fn check(template: &Template) -> Vec<(&'static str, Finding)> {
    all()
        .flat_map(|rule| {
            let mut findings = Vec::new();
            (rule.check)(template, &mut findings);
            findings.into_iter().map(|finding| (rule.name, finding))
        })
        .collect()
}

#[cfg(test)]
mod tests;
