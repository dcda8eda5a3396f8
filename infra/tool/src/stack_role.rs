//! Whether a service's stack role may do what CloudFormation does for its stack: else the first deployment to have a new type
//! of resource fails, in the environment.
//!
//! What a type needs is what its handlers in CloudFormation's registry say, less what they need for features that no
//! stack of ours uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{python, yaml};

/// What handlers name for features that our stacks don't have.
#[derive(Deserialize)]
struct Unused {
    /// Patterns of actions, by the features that need them.
    everywhere: BTreeMap<String, Vec<String>>,
    /// The same for the types of one service.
    only_with: BTreeMap<String, Vec<String>>,
}

static UNUSED: LazyLock<Unused> = LazyLock::new(|| yaml::embedded(include_str!("unused_actions.yaml")));

/// What CloudFormation needs for a type.
pub(crate) struct Needs {
    keep: Vec<String>,
    remove: Vec<String>,
}

/// Asks the registry's schemas, which cfn-lint brings, what the types of these templates need.
///
/// # Errors
/// When a type is unknown there.
pub(crate) fn needs<'a>(
    programs: &Path,
    templates: impl Iterator<Item = &'a Value>,
) -> Result<BTreeMap<String, Needs>> {
    let types: BTreeSet<_> =
        templates.flat_map(|template| resources(template).map(|(_, kind)| kind)).collect();
    let mut command = Command::new(programs.join("python3"));
    command.arg("-B").arg(python::script("needs.py")).args(&types);
    let done = python::output(command)?;
    if !done.status.success() {
        bail!("what the types need is not known: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    let said: BTreeMap<String, BTreeMap<String, Vec<String>>> = serde_json::from_slice(&done.stdout)?;
    said.into_iter()
        .map(|(kind, mut needs)| {
            let mut of = |name: &str| needs.remove(name).with_context(|| format!("needs.py said no {name}"));
            Ok((kind, Needs { keep: of("keep")?, remove: of("remove")? }))
        })
        .collect()
}

/// What the stack role of `service`, as `baseline` makes it, lacks for `template`: a sentence for each type of resource.
pub(crate) fn lacks(
    baseline: &Value,
    service: &str,
    template: &Value,
    needs: &BTreeMap<String, Needs>,
) -> Vec<String> {
    let allowed = allowed(baseline, service);
    let mut lacking: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (resource, kind) in resources(template) {
        let Some(needs) = needs.get(kind) else { continue };
        let is_kept = template["Resources"][resource]["DeletionPolicy"] == "Retain";
        let removing = needs.remove.iter().filter(|_| !is_kept);
        for action in needs.keep.iter().chain(removing) {
            if !is_unused(kind, action) && !allowed.contains(&action.to_lowercase()) {
                lacking.entry(kind).or_default().insert(action);
            }
        }
    }
    let sentence = |(kind, actions): (&str, BTreeSet<&str>)| {
        let actions = actions.into_iter().collect::<Vec<_>>().join(", ");
        format!(
            "tern-stack-{service} lacks {actions}, which CloudFormation needs for {kind}: infra/baseline/stack-*.yaml"
        )
    };
    lacking.into_iter().map(sentence).collect()
}

fn resources(template: &Value) -> impl Iterator<Item = (&str, &str)> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.filter_map(|(id, resource)| Some((id.as_str(), resource["Type"].as_str()?)))
}

fn is_unused(kind: &str, action: &str) -> bool {
    let of_kind =
        UNUSED.only_with.iter().filter(|(service, _)| kind.starts_with(&format!("AWS::{service}::")));
    UNUSED
        .everywhere
        .iter()
        .chain(of_kind)
        .flat_map(|(_, patterns)| patterns)
        .any(|pattern| matches(pattern, action))
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            after.is_empty()
                || (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(after, &rest[at..]))
        }),
    }
}

/// The actions that the stack role of `service` allows, in lower case.
fn allowed(baseline: &Value, service: &str) -> BTreeSet<String> {
    let role = &baseline["Resources"]["Stack"]["Properties"];
    let mut documents: Vec<&Value> =
        list(&role["Policies"]).map(|policy| &policy["PolicyDocument"]).collect();
    for policy in list(&role["ManagedPolicyArns"]) {
        let holds = match policy["Fn::If"][0].as_str() {
            Some("IsMembers") => service == "members",
            Some("IsWeb") => service == "web",
            Some("IsApi") => !["members", "web", "tools"].contains(&service),
            _ => false,
        };
        if let (true, Some(id)) = (holds, policy["Fn::If"][1]["Ref"].as_str()) {
            documents.push(&baseline["Resources"][id]["Properties"]["PolicyDocument"]);
        }
    }
    let statements = documents.into_iter().flat_map(|document| list(&document["Statement"]));
    let actions = statements.filter(|statement| statement["Effect"] == "Allow").flat_map(|statement| {
        list(&statement["Action"]).chain(statement["Action"].is_string().then_some(&statement["Action"]))
    });
    actions.filter_map(Value::as_str).map(str::to_lowercase).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::template;

    fn needs_of(kind: &str, keep: &[&str], remove: &[&str]) -> BTreeMap<String, Needs> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BTreeMap::from([(kind.to_owned(), Needs { keep: owned(keep), remove: owned(remove) })])
    }

    #[test]
    fn a_type_that_the_role_cant_make_is_named_with_what_it_needs() {
        let baseline = template::render("baseline").unwrap();
        let flow = json!({ "Resources": { "Flow": { "Type": "AWS::StepFunctions::StateMachine" } } });
        let needs = needs_of(
            "AWS::StepFunctions::StateMachine",
            &["states:CreateStateMachine", "ec2:DescribeVpcs"],
            &[],
        );
        assert_eq!(
            lacks(&baseline, "booking", &flow, &needs),
            ["tern-stack-booking lacks states:CreateStateMachine, which CloudFormation needs for \
              AWS::StepFunctions::StateMachine: infra/baseline/stack-*.yaml"]
        );
    }

    #[test]
    fn each_kind_of_service_has_its_own_policies() {
        let baseline = template::render("baseline").unwrap();
        let pool = json!({ "Resources": { "Pool": { "Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain" } } });
        let needs = needs_of(
            "AWS::Cognito::UserPool",
            &["cognito-idp:CreateUserPool"],
            &["cognito-idp:DeleteUserPool"],
        );
        for (service, lacking) in [("members", 0), ("web", 1), ("booking", 1), ("a-further-service", 1)] {
            assert_eq!(lacks(&baseline, service, &pool, &needs).len(), lacking, "{service}");
        }
    }

    #[test]
    fn what_is_not_retained_must_be_removable() {
        let baseline = template::render("baseline").unwrap();
        let needs = needs_of("AWS::Cognito::UserPool", &[], &["cognito-idp:DeleteUserPool"]);
        let pool = json!({ "Resources": { "Pool": { "Type": "AWS::Cognito::UserPool" } } });
        assert_eq!(lacks(&baseline, "members", &pool, &needs).len(), 1);
    }

    #[test]
    fn who_looks_outputs_up_is_the_stack_role() {
        let baseline = template::render("baseline").unwrap();
        let of = |id: &str| &baseline["Resources"][id]["Properties"];
        let trusted = of("Lookup")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["ArnLike"]["aws:PrincipalArn"]
            ["Fn::Sub"]
            .as_str()
            .unwrap();
        let name = of("Stack")["RoleName"]["Fn::Sub"].as_str().unwrap();
        assert!(matches(trusted.rsplit('/').next().unwrap(), name), "{trusted} doesn't let {name} in");
        let lookup = &of("Stack")["Policies"][0]["PolicyDocument"]["Statement"][0];
        let role = format!(":role/{}", of("Lookup")["RoleName"].as_str().unwrap());
        assert_eq!(lookup["Action"], "sts:AssumeRole");
        assert!(lookup["Resource"]["Fn::Sub"].as_str().unwrap().ends_with(&role));
        assert!(allowed(&baseline, "booking").contains("sts:assumerole"));
    }
}
