//! Roles, policies, wildcards, and who may call whom.

use serde_json::Value;

use super::model::{is_intrinsic, list, text};
use super::policy::{Statement, statements};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "role-without-boundary", check: role_without_boundary },
    Rule { name: "foreign-managed-policy", check: foreign_managed_policy },
    Rule { name: "wildcard-action", check: wildcard_action },
    Rule { name: "wildcard-resource", check: wildcard_resource },
    Rule { name: "stale-reason", check: stale_reason },
    Rule { name: "policy-too-long", check: policy_too_long },
    Rule { name: "open-principal", check: open_principal },
    Rule { name: "service-without-source", check: service_without_source },
    Rule { name: "lookup-without-role", check: lookup_without_role },
    Rule { name: "secret-in-the-open", check: secret_in_the_open },
];

/// Actions that AWS gives no resource to name, and why every service of ours does them. What one resource needs alone has
/// its reason there: `Metadata: {Wildcards: {<Sid>: <reason>}}`.
const HAVE_NO_RESOURCE: [(&str, &str); 3] = [
    ("xray:PutTraceSegments", "traces"),
    ("xray:PutTelemetryRecords", "traces"),
    ("dynamodb:ListStreams", "Lambda's reading of a stream"),
];

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
            if statement.is_of_key() && statement.is_for_own_account() || statement.reason().is_some() {
                continue;
            }
            let says = format!("{} allows {action}: name the actions", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

fn wildcard_resource(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let anything = statement.is_of_everything() && statement.reason().is_none();
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

/// A reason that outlives its wildcard would excuse the next one.
fn stale_reason(template: &Template, findings: &mut Vec<Finding>) {
    let statements = statements(template);
    for resource in template.resources() {
        for (sid, reason) in resource.body["Metadata"]["Wildcards"].as_object().into_iter().flatten() {
            let excused = statements.iter().any(|statement| {
                statement.resource.id == resource.id
                    && statement.body["Sid"] == **sid
                    && (statement.is_of_everything()
                        || statement.actions().iter().any(|action| action.contains('*')))
            });
            if !excused {
                let says = format!("Wildcards gives a reason for {sid}, which has no wildcard: take it out");
                findings.push(Finding::new(resource.id, says));
            }
            if reason.as_str().is_none_or(|reason| reason.split_whitespace().count() < 4) {
                findings.push(Finding::new(resource.id, format!("Wildcards names {sid} without a reason")));
            }
        }
    }
}

/// IAM refuses a longer one, at deployment only. Blanks don't count; what is known at deployment only is taken as its name.
fn policy_too_long(template: &Template, findings: &mut Vec<Finding>) {
    const MANAGED: usize = 6_144;
    const INLINE: usize = 10_240;
    for policy in template.of_type("AWS::IAM::ManagedPolicy") {
        let length = policy_length(policy.property("PolicyDocument"));
        if length > MANAGED {
            let says = format!("{length} characters, and a managed policy takes {MANAGED}: make two of it");
            findings.push(Finding::new(policy.id, says));
        }
    }
    for role in template.of_type("AWS::IAM::Role") {
        let length: usize = list(role.property("Policies"))
            .iter()
            .map(|policy| policy_length(&policy["PolicyDocument"]))
            .sum();
        if length > INLINE {
            let says = format!("{length} characters of policies, and a role takes {INLINE}: manage some");
            findings.push(Finding::new(role.id, says));
        }
    }
}

fn policy_length(document: &Value) -> usize {
    fn resolved(value: &Value) -> Value {
        match value {
            Value::Object(_) if is_intrinsic(value) => text(value).into(),
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), resolved(value))).collect(),
            Value::Array(items) => items.iter().map(resolved).collect(),
            other => other.clone(),
        }
    }
    resolved(document).to_string().chars().filter(|c| !c.is_whitespace()).count()
}

fn open_principal(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let principal = &statement.body["Principal"];
        let anybody =
            text(principal) == "*" || list(&principal["AWS"]).into_iter().any(|who| text(who) == "*");
        // An API is for anybody as far as its contract says so; what is private is denied: open-private-route.
        let is_of_api = statement.resource.kind() == "AWS::ApiGateway::RestApi";
        if anybody && !is_of_api && !statement.condition_keys().contains(&"aws:PrincipalOrgID") {
            let says = format!("{} lets anybody in: name the account, or the organisation", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// A service that acts for other accounts' resources (the confused deputy) must be limited to ours.
fn service_without_source(template: &Template, findings: &mut Vec<Finding>) {
    const SAY_WHO: [&str; 3] = ["aws:SourceArn", "aws:SourceAccount", "kms:EncryptionContext:aws:logs:arn"];
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let service = text(&statement.body["Principal"]["Service"]);
        // They act for what was made with the role, and that took iam:PassRole, which no other account has.
        let is_passed = ["lambda.amazonaws.com", "cloudformation.amazonaws.com"].contains(&service.as_str())
            && statement.resource.kind() == "AWS::IAM::Role";
        let keys = statement.condition_keys();
        if !service.is_empty() && !is_passed && !keys.iter().any(|key| SAY_WHO.contains(key)) {
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

/// Another account's output is read through that account's lookup role, and only where CloudFormation allows it.
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
