//! Statements of policies, wherever in a template they stand.

use serde_json::Value;

use super::Template;
use super::model::{Resource, list, sides, text};

/// A statement of a policy, and the policy's resource.
pub(super) struct Statement<'a> {
    pub(super) resource: Resource<'a>,
    pub(super) body: &'a Value,
}

/// Every statement of every policy, anywhere in a resource.
pub(super) fn statements(template: &Template) -> Vec<Statement<'_>> {
    fn walk<'a>(resource: Resource<'a>, value: &'a Value, found: &mut Vec<Statement<'a>>) {
        match value {
            Value::Object(map) => {
                if let Some(statement) = map.get("Statement") {
                    let bodies = list(statement).into_iter().flat_map(sides);
                    found.extend(bodies.map(|body| Statement { resource, body }));
                }
                map.values().for_each(|value| walk(resource, value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(resource, value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for resource in template.resources() {
        if resource.kind() != "AWS::WAFv2::WebACL" {
            walk(resource, &resource.body["Properties"], &mut found);
        }
    }
    found
}

impl Statement<'_> {
    pub(super) fn allows(&self) -> bool {
        self.body["Effect"] == "Allow"
    }

    pub(super) fn actions(&self) -> Vec<String> {
        list(&self.body["Action"]).into_iter().map(text).collect()
    }

    pub(super) fn name(&self) -> String {
        self.body["Sid"]
            .as_str()
            .map_or_else(|| "a statement".to_owned(), |sid| format!("the statement {sid}"))
    }

    /// In a key's own policy, `*` is that key.
    pub(super) fn is_of_key(&self) -> bool {
        self.resource.kind() == "AWS::KMS::Key"
    }

    /// The account's root principal is the account's IAM, which must be able to manage a key.
    pub(super) fn is_for_own_account(&self) -> bool {
        text(&self.body["Principal"]["AWS"]).ends_with("iam::${AWS::AccountId}:root")
    }

    pub(super) fn condition_keys(&self) -> Vec<&str> {
        let operators = self.body["Condition"].as_object().into_iter().flatten();
        operators
            .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
            .map(|(key, _)| key.as_str())
            .collect()
    }

    pub(super) fn is_of_everything(&self) -> bool {
        list(&self.body["Resource"]).into_iter().any(|resource| text(resource) == "*")
    }

    /// The resource's reasons for its wildcards.
    pub(super) fn reason(&self) -> Option<&str> {
        let sid = self.body["Sid"].as_str()?;
        self.resource.body["Metadata"]["Wildcards"][sid].as_str()
    }

    /// Whether it names `action`, or a wildcard that covers it.
    pub(super) fn covers(&self, action: &str) -> bool {
        self.actions().iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => action.to_lowercase().starts_with(&prefix.to_lowercase()),
            None => pattern.eq_ignore_ascii_case(action),
        })
    }

    /// The values that `operator` requires of `key`, as text.
    pub(super) fn condition(&self, operator: &str, key: &str) -> Vec<String> {
        list(&self.body["Condition"][operator][key]).into_iter().map(text).collect()
    }
}
