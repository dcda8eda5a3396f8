//! Who may deploy into an account, and what CloudFormation may make there.

use super::model::text;
use super::policy::{Statement, statements};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "deploy-role-open", check: deploy_role_open },
    Rule { name: "passes-any-role", check: passes_any_role },
    Rule { name: "unbounded-role-maker", check: unbounded_role_maker },
    Rule { name: "deletes-what-is-kept", check: deletes_what_is_kept },
    Rule { name: "lookup-reads-more", check: lookup_reads_more },
];

/// A deployment role is put on by its service's pipeline and by nobody else.
fn deploy_role_open(template: &Template, findings: &mut Vec<Finding>) {
    for trust in statements(template).into_iter().filter(Statement::allows) {
        if !text(trust.resource.property("RoleName")).starts_with("tern-deploy-")
            || !trust.covers("sts:AssumeRole")
        {
            continue;
        }
        let who = trust.condition("ArnEquals", "aws:PrincipalArn");
        let is_pipeline = |arn: &String| {
            !arn.contains('*')
                && (arn.contains(":role/tern-pipeline-") || arn.contains(":role/tern-publish-"))
        };
        if who.is_empty() || !who.iter().all(is_pipeline) {
            let says = "ArnEquals aws:PrincipalArn must name the pipeline's roles, without a wildcard";
            findings.push(Finding::new(trust.resource.id, says));
        }
        if trust.condition("StringEquals", "aws:PrincipalOrgID").is_empty() {
            findings.push(Finding::new(trust.resource.id, "StringEquals must name aws:PrincipalOrgID"));
        }
    }
}

fn passes_any_role(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        if !statement.covers("iam:PassRole") || statement.reason().is_some() {
            continue;
        }
        let resource = text(&statement.body["Resource"]);
        if resource == "*" || resource.ends_with(":role/*") {
            let says = format!("{} passes any role: name which", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
        if statement.condition("StringEquals", "iam:PassedToService").is_empty() {
            let says = format!("{} passes roles to any service: name iam:PassedToService", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// Who makes roles without a bound can make one that may do everything, and so may do everything.
fn unbounded_role_maker(template: &Template, findings: &mut Vec<Finding>) {
    const MAKE: [&str; 2] = ["iam:CreateRole", "iam:PutRolePolicy"];
    const UNBIND: [&str; 5] = [
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ];
    let statements = statements(template);
    for statement in statements.iter().filter(|statement| statement.allows()) {
        for action in MAKE.into_iter().filter(|action| statement.covers(action)) {
            let is_asked_for = !statement.condition("StringEquals", "iam:PermissionsBoundary").is_empty();
            let is_denied_without = statements.iter().any(|other| {
                other.resource.id == statement.resource.id
                    && other.body["Effect"] == "Deny"
                    && other.covers(action)
                    && other.is_of_everything()
                    && !other.condition("StringNotEquals", "iam:PermissionsBoundary").is_empty()
            });
            if !is_asked_for && !is_denied_without {
                let says = format!(
                    "{} allows {action} without a bound: name iam:PermissionsBoundary",
                    statement.name()
                );
                findings.push(Finding::new(statement.resource.id, says));
            }
        }
        for action in UNBIND.into_iter().filter(|action| statement.covers(action)) {
            let says = format!("{} allows {action}, which undoes bounds", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// Templates retain what holds state, so nobody who deploys needs to delete it.
fn deletes_what_is_kept(template: &Template, findings: &mut Vec<Finding>) {
    const DELETE: [&str; 9] = [
        "dynamodb:DeleteTable",
        "s3:DeleteBucket",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "kms:ScheduleKeyDeletion",
        "sqs:DeleteQueue",
        "secretsmanager:DeleteSecret",
        "cognito-idp:DeleteUserPool",
        "logs:DeleteLogGroup",
    ];
    for statement in statements(template).into_iter().filter(Statement::allows) {
        let manages_its_key = statement.is_of_key() && statement.is_for_own_account();
        if manages_its_key || statement.reason().is_some() {
            continue;
        }
        for action in statement.actions().into_iter().filter(|action| DELETE.contains(&action.as_str())) {
            let says = format!("{} allows {action}: what it deletes can't be made again", statement.name());
            findings.push(Finding::new(statement.resource.id, says));
        }
    }
}

/// The whole organisation's stacks may put it on: it shows outputs, and nothing else.
fn lookup_reads_more(template: &Template, findings: &mut Vec<Finding>) {
    for statement in statements(template).into_iter().filter(Statement::allows) {
        if text(statement.resource.property("RoleName")) != "tern-lookup"
            || statement.covers("sts:AssumeRole")
        {
            continue;
        }
        for action in statement.actions() {
            if action != "cloudformation:DescribeStacks" {
                let says = format!(
                    "tern-lookup allows {action}: it reads outputs, by cloudformation:DescribeStacks"
                );
                findings.push(Finding::new(statement.resource.id, says));
            }
        }
    }
}
