//! What the emulator can't do, and how the step goes round it. All of it is printed at every run.

use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::jq::Program;
use crate::yaml;

static GAPS: LazyLock<Value> = LazyLock::new(|| yaml::embedded(include_str!("gaps.yaml")));

/// Says all of it.
pub(crate) fn print() {
    println!("What the emulator can't do, and how this run goes round it:");
    for (what, how) in ["always", "taken_out"].iter().filter_map(|part| GAPS[part].as_object()).flatten() {
        println!("  {what}: {}", how.as_str().unwrap_or_default());
    }
}

/// Makes of a translated template what the emulator takes.
///
/// # Errors
/// When it holds a type that is in neither list.
pub(crate) fn go_round(stack: &str, template: &Value) -> Result<Value> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let program = Program::compile(include_str!("gaps.jq"), ["$gaps", "$stack", "$architecture"])?;
    let local = program.run(template, [&GAPS, &stack.into(), &architecture.into()])?;
    local.into_iter().next().context("gaps.jq makes one template of one")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_emulator_skips_unseen_fails_the_run() {
        let template = json!({ "Resources": { "Flow": { "Type": "AWS::StepFunctions::StateMachine" } } });
        let error = go_round("booking", &template).unwrap_err().to_string();
        assert!(error.starts_with("booking: Flow is an AWS::StepFunctions::StateMachine"), "{error}");
    }

    #[test]
    fn of_alarms_those_over_several_metrics_go() {
        let alarm = |properties| json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": properties });
        let template = json!({ "Resources": {
            "Burn": alarm(json!({ "Metrics": [{ "Id": "rate", "Expression": "errors / calls" }] })),
            "Errors": alarm(json!({ "MetricName": "Errors" })),
        } });
        let local = go_round("booking", &template).unwrap();
        assert_eq!(local["Resources"], json!({ "Errors": alarm(json!({ "MetricName": "Errors" })) }));
    }

    #[test]
    fn who_may_put_on_a_role_is_known_by_its_session() {
        let role = |arn: &str| {
            json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": { "Statement": [
                { "Condition": { "ArnEquals": { "aws:PrincipalArn": [{ "Fn::Sub": arn }] } } },
            ] } } })
        };
        let template = json!({ "Resources": { "Deploy": role("arn:aws:iam::${Tools}:role/tern-pipeline") } });
        let local = go_round("baseline", &template).unwrap();
        assert_eq!(local["Resources"]["Deploy"], role("arn:aws:sts::${Tools}:assumed-role/tern-pipeline/*"));
    }

    #[test]
    fn an_output_of_what_is_taken_out_goes_with_it() {
        let template = json!({
            "Resources": { "Sink": { "Type": "AWS::Oam::Sink" }, "Topic": { "Type": "AWS::SNS::Topic", "Properties": {} } },
            "Outputs": {
                "SinkArn": { "Value": { "Fn::GetAtt": ["Sink", "Arn"] } },
                "TopicArn": { "Value": { "Ref": "Topic" } },
            },
        });
        let local = go_round("operations", &template).unwrap();
        assert_eq!(local["Outputs"], json!({ "TopicArn": { "Value": { "Ref": "Topic" } } }));
    }

    #[test]
    fn canaries_are_taken_out_with_what_refers_to_them() {
        let template = json!({ "Resources": {
            "Canary": { "Type": "AWS::CodeDeploy::DeploymentGroup" },
            "Alias": { "Type": "AWS::Lambda::Alias", "UpdatePolicy": { "CodeDeployLambdaAliasUpdate": {} }, "Properties": {} },
        } });
        let local = go_round("booking", &template).unwrap();
        assert_eq!(
            local["Resources"],
            json!({ "Alias": { "Type": "AWS::Lambda::Alias", "Properties": {} } })
        );
    }

    #[test]
    fn of_a_topics_policy_only_what_cant_be_evaluated_goes() {
        let template = json!({ "Resources": { "P": { "Type": "AWS::SNS::TopicPolicy", "Properties": { "PolicyDocument": {
            "Statement": [
                { "Effect": "Deny", "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
                { "Effect": "Allow", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o", "sns:Protocol": "sqs" } } },
            ],
        } } } } });
        let local = go_round("booking", &template).unwrap();
        assert_eq!(
            local["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"],
            json!([{ "Effect": "Allow", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o" } } }])
        );
    }

    #[test]
    fn no_type_is_both_made_and_taken_out() {
        let mut made = GAPS["made"].as_array().unwrap().iter();
        assert!(made.all(|made| GAPS["taken_out"][made.as_str().unwrap()].is_null()));
    }
}
