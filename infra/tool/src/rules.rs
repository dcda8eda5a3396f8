//! Tern's own rules over a translated template: what neither cfn-lint nor checkov knows.
//!
//! They are jq filters in `infra/tool/rules`, a file per subject, written with the definitions of `model.jq`. Each rule has a
//! patch in `fixtures/faulty` that breaks it and nothing else; a test holds them together.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::jq::Program;
use crate::project;

const MODEL: &str = include_str!("../rules/model.jq");
const SUBJECTS: [&str; 9] = [
    include_str!("../rules/access.jq"),
    include_str!("../rules/accounts.jq"),
    include_str!("../rules/audit.jq"),
    include_str!("../rules/pipelines.jq"),
    include_str!("../rules/messages.jq"),
    include_str!("../rules/keeping.jq"),
    include_str!("../rules/running.jq"),
    include_str!("../rules/watching.jq"),
    include_str!("../rules/edge.jq"),
];

/// Every rule.
pub(crate) struct Rules {
    program: Program,
    /// The names of the pages that alarms may point to.
    runbooks: Value,
}

/// A rule, and what breaks it.
#[derive(Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) rule: String,
    pub(crate) findings: Vec<Finding>,
}

/// A resource that breaks a rule.
#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    /// The resource's logical id.
    pub(crate) resource: String,
    /// What is wrong, and what would be right.
    pub(crate) says: String,
}

impl Rules {
    /// # Errors
    /// When the runbooks can't be listed, or a rule can't be compiled.
    pub(crate) fn read() -> Result<Self> {
        let text = format!("{MODEL}({})", SUBJECTS.join("),("));
        let program = Program::compile(&text, ["$template", "$runbooks"]).context("the rules")?;
        let folder = project::root().join("docs/runbooks");
        let pages = std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        let names = pages.map(|page| Ok(page?.file_name().to_string_lossy().into_owned()));
        Ok(Self { program, runbooks: names.collect::<Result<Vec<_>>>()?.into() })
    }

    /// What becomes of each rule over `template`.
    ///
    /// # Errors
    /// When the rules' program fails.
    pub(crate) fn check(&self, template: &Value) -> Result<Vec<Outcome>> {
        self.program.run(&Value::Null, [template, &self.runbooks])
    }
}

#[cfg(test)]
mod tests;
