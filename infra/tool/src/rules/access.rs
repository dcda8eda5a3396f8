//! Roles, policies, wildcards, and who may call whom.

use serde_json::Value;

use super::model::{Resource, list, text};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "role-without-boundary", check: role_without_boundary },
    Rule { name: "foreign-managed-policy", check: foreign_managed_policy },
    Rule { name: "wildcard-action", check: wildcard_action },
    Rule { name: "wildcard-resource", check: wildcard_resource },
    Rule { name: "open-principal", check: open_principal },
    Rule { name: "service-without-source", check: service_without_source },
    Rule { name: "lookup-without-role", check: lookup_without_role },
    Rule { name: "secret-in-the-open", check: secret_in_the_open },
];

/// Actions that AWS gives no resource to name, and why a service of ours does them.
const HAVE_NO_RESOURCE: [(&str, &str); 3] = [
    ("xray:PutTraceSegments", "traces"),
    ("xray:PutTelemetryRecords", "traces"),
    ("dynamodb:ListStreams", "Lambda's reading of a stream"),
];

struct Statement<'a> {
    resource: Resource<'a>,
    body: &'a Value,
}

/// Every statement of every policy, wherever in a resource it stands.
fn statements(template: &Template) -> Vec<Statement<'_>> {
    fn walk<'a>(resource: Resource<'a>, value: &'a Value, found: &mut Vec<Statement<'a>>) {
        match value {
            Value::Object(map) => {
                if let Some(statement) = map.get("Statement") {
                    found.extend(list(statement).into_iter().map(|body| Statement { resource, body }));
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
    fn allows(&self) -> bool {
        self.body["Effect"] == "Allow"
    }

    fn actions(&self) -> Vec<String> {
        list(&self.body["Action"]).into_iter().map(text).collect()
    }

    fn name(&self) -> String {
        self.body["Sid"]
            .as_str()
            .map_or_else(|| "a statement".to_owned(), |sid| format!("the statement {sid}"))
    }

    /// In a key's own policy, `*` is that key.
    fn is_of_key(&self) -> bool {
        self.resource.kind() == "AWS::KMS::Key"
    }

    /// The account's own root stands for the account's IAM, which must be able to manage a key.
    fn is_for_own_account(&self) -> bool {
        text(&self.body["Principal"]["AWS"]).ends_with("iam::${AWS::AccountId}:root")
    }

    fn condition_keys(&self) -> Vec<&str> {
        let operators = self.body["Condition"].as_object().into_iter().flatten();
        operators
            .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
            .map(|(key, _)| key.as_str())
            .collect()
    }
}

fn role_without_boundary(template: &Template, findings: &mut Vec<Finding>) {
    for role in template.of_type("AWS::IAM::Role").filter(|role| !role.has("PermissionsBoundary")) {
        findings.push(Finding::new(role.id, "the role has no PermissionsBoundary: give it tern-boundary"));
    }
}

fn foreign_managed_policy(template: &Template, findings: &mut Vec<Finding>) {
    for role in template.of_type("AWS::IAM::Role") {
        for policy in list(role.property("ManagedPolicyArns")) {
            if text(policy).contains(":iam::aws:policy/") {
                let says = format!("{} changes without us: write out what the role does", text(policy));
                findings.push(Finding::new(role.id, says));
            }
        }
    }
}

fn wildcard_action(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        if statement.body.get("NotAction").is_some() {
            let says = format!("{} allows by NotAction: name what it allows", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
        for action in statement.actions().into_iter().filter(|action| action.contains('*')) {
            if statement.is_of_key() && statement.is_for_own_account() {
                continue;
            }
            let says = format!("{} allows {action}: name the actions", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

fn wildcard_resource(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let anything = list(&statement.body["Resource"]).into_iter().any(|resource| text(resource) == "*");
        let without_need = statement
            .actions()
            .into_iter()
            .find(|action| !HAVE_NO_RESOURCE.iter().any(|(known, _)| known == action));
        if let (true, false, Some(action)) = (anything, statement.is_of_key(), without_need) {
            let says = format!("{} allows {action} on every resource: name which", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

fn open_principal(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let principal = &statement.body["Principal"];
        let anybody =
            text(principal) == "*" || list(&principal["AWS"]).into_iter().any(|who| text(who) == "*");
        if anybody && !statement.condition_keys().contains(&"aws:PrincipalOrgID") {
            let says = format!("{} lets anybody in: name the account, or the organisation", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// A service that acts for anybody's resource (the confused deputy) must say for whose.
fn service_without_source(template: &Template, findings: &mut Vec<Finding>) {
    const SAY_WHO: [&str; 3] = ["aws:SourceArn", "aws:SourceAccount", "kms:EncryptionContext:aws:logs:arn"];
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let service = text(&statement.body["Principal"]["Service"]);
        // Lambda gives a role to the function that was made with it, by iam:PassRole.
        let is_lambdas_trust =
            service == "lambda.amazonaws.com" && statement.resource.kind() == "AWS::IAM::Role";
        let keys = statement.condition_keys();
        if !service.is_empty() && !is_lambdas_trust && !keys.iter().any(|key| SAY_WHO.contains(key)) {
            let says = format!(
                "{} lets {service} act for anybody: name aws:SourceArn or aws:SourceAccount",
                statement.name()
            );
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
    for permission in template.of_type("AWS::Lambda::Permission") {
        if !permission.has("SourceArn") {
            let says =
                format!("lets any {} call: name its SourceArn", text(permission.property("Principal")));
            findings.push(Finding::new(permission.id, says));
        }
    }
}

/// Another account's output is read through that account's lookup role, and stands where it may.
fn lookup_without_role(template: &Template, findings: &mut Vec<Finding>) {
    fn walk(at: &str, value: &Value, findings: &mut Vec<Finding>) {
        match value {
            Value::Object(map) => {
                if let Some(lookup) = map.get("Fn::GetStackOutput") {
                    if !text(&lookup["RoleArn"]).ends_with(":role/tern-lookup") {
                        findings.push(Finding::new(
                            at,
                            "Fn::GetStackOutput needs RoleArn, the other account's tern-lookup",
                        ));
                    }
                    if lookup["Region"].is_null() {
                        findings
                            .push(Finding::new(at, "Fn::GetStackOutput needs Region: stacks stand in two"));
                    }
                }
                map.values().for_each(|value| walk(at, value, findings));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(at, value, findings)),
            _ => {}
        }
    }
    template.resources().for_each(|resource| walk(resource.id, resource.body, findings));
    if template.value()["Conditions"].to_string().contains("Fn::GetStackOutput") {
        findings.push(Finding::new("Conditions", "Fn::GetStackOutput is not allowed in conditions"));
    }
}

fn secret_in_the_open(template: &Template, findings: &mut Vec<Finding>) {
    const SOUND_SECRET: [&str; 5] = ["KEYS", "SECRET", "PASSWORD", "TOKEN", "CREDENTIAL"];
    for function in template.of_type("AWS::Lambda::Function") {
        let variables = function.property("Environment")["Variables"].as_object();
        for (name, value) in variables.into_iter().flatten() {
            let sounds_secret = SOUND_SECRET.iter().any(|word| name.to_uppercase().contains(word));
            let values = value
                .get("Fn::If")
                .map_or_else(|| vec![value], |choice| list(choice).into_iter().skip(1).collect());
            if sounds_secret
                && !values.into_iter().all(|value| text(value).starts_with("{{resolve:secretsmanager:"))
            {
                findings.push(Finding::new(
                    function.id,
                    format!("{name} is written out: resolve it from Secrets Manager"),
                ));
            }
        }
    }
}
