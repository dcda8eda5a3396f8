//! What the emulator can't do, and how the step goes round it. All of it is printed at every run.
//!
//! Seen with ministack 1.5.33. A resource type that is in neither list fails the run: it would be skipped unseen.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// Types that the emulator was seen to make.
const MADE: &[&str] = &[
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeBuild::Project",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::WebACL",
];

/// Types that are taken out: what, and what is not shown by the run therefore.
const TAKEN_OUT: &[(&str, &str)] = &[
    (
        "AWS::CodeDeploy::Application",
        "aliases point at a new version at once; canary and rollback are held by the rules no-canary and unknown-canary",
    ),
    ("AWS::CodeDeploy::DeploymentGroup", "see AWS::CodeDeploy::Application"),
    (
        "AWS::CodePipeline::Pipeline",
        "the deploying step puts on the pipeline's role, then the deploy role, and hands CloudFormation the stack role; the pipeline's stages are held by the rules pipeline-without-...",
    ),
    ("AWS::CodeConnections::Connection", "nothing is fetched: what is deployed lies here"),
    ("AWS::Oam::Sink", "see AWS::Oam::Link"),
    (
        "AWS::CloudWatch::CompositeAlarm",
        "alarms don't ring here; that each is heard is held by the rule silent-alarm",
    ),
    (
        "AWS::Logs::QueryDefinition",
        "nobody asks here; a test holds each query to the fields that the services' lines have",
    ),
    (
        "AWS::Oam::Link",
        "one account can't look into another here; what is shared is held by the rules open-sink and half-a-link",
    ),
    (
        "AWS::Budgets::Budget",
        "nothing is paid for here; that somebody hears it is held by the rule budget-unheard",
    ),
    (
        "AWS::CloudTrail::Trail",
        "nobody is watched here; that the trail can't be stopped or unsaid is held by trail-unprotected and audit-can-be-stopped",
    ),
    (
        "AWS::Config::ConfigRule",
        "nothing is found here; that a finding reaches a person is held by finding-unheard",
    ),
    ("AWS::Config::ConfigurationRecorder", "see AWS::Config::ConfigRule"),
    ("AWS::Config::DeliveryChannel", "see AWS::Config::ConfigRule"),
    ("AWS::IAM::ServiceLinkedRole", "it is Config's own"),
    ("AWS::WAFv2::LoggingConfiguration", "the firewall's rules aren't run either"),
];

/// What is the same in every run.
const ALWAYS: &[(&str, &str)] = &[
    ("TLS", "statements that refuse what comes in the clear are taken out: loopback is plain HTTP"),
    (
        "sns:Protocol and sns:Endpoint",
        "taken out of the topic's policy, where open-subscribing asks for them: its evaluator knows neither",
    ),
    (
        "organisations over several accounts",
        "each emulated account is one of its own; the policy of a topic lists them all",
    ),
    ("arm64 functions", "run as what this machine is"),
    (
        "a function whose zip is not there",
        "taken by the emulator all the same; the journeys call every function",
    ),
    (
        "who puts on the pipeline's role",
        "the Tools account itself: the role's trust in codepipeline.amazonaws.com is changed to that",
    ),
    (
        "aws:PrincipalArn of who puts on a role",
        "it is the session's here and not the role's: sessions are written in",
    ),
    (
        "cloudformation:RoleArn, iam:PassedToService and aws:ResourceOrgID",
        "taken out of the conditions: its evaluator knows none of them; the rules deploy-role-open and passes-any-role ask for them",
    ),
    (
        "the role that makes a stack",
        "given, but not acted as: what a stack role may do is compared with the templates by infra check",
    ),
    ("a stack that was never wholly made", "the account itself takes it away: a deploy role may not"),
    ("a change set of outputs alone", "it finds no change; such a stack is updated without one"),
    (
        "alarms over several metrics",
        "taken out: its alarms have one; cfn-lint and the alarms' own tests hold them",
    ),
    (
        "Fn::GetStackOutput across accounts",
        "the deploying step reads the other stack's output and writes it in",
    ),
    ("AWS::Region and its like in a condition", "the deploying step writes them in"),
    (
        "AWS::SNS::Subscription to a topic of another account",
        "made by sns.subscribe with the subscriber's account after its stack",
    ),
    ("ExcludePunctuation of a generated secret", "the punctuation is listed in ExcludeCharacters too"),
    (
        "gateway responses, models and validators in an OpenAPI body",
        "the functions check every request themselves; the body is held by rules and tests",
    ),
    (
        "CloudFront's functions and headers",
        "the files are read from the bucket, the services at their gateways; the functions' code is run by tests, with node",
    ),
    ("partial batches and retry limits of a stream", "tested at the handlers"),
];

/// Says all of it.
pub(crate) fn print() {
    println!("What the emulator can't do, and how this run goes round it:");
    for (what, how) in ALWAYS.iter().chain(TAKEN_OUT) {
        println!("  {what}: {how}");
    }
}

/// Makes of a translated template what the emulator takes.
///
/// # Errors
/// When it holds a type that is in neither list.
pub(crate) fn go_round(stack: &str, mut template: Value) -> Result<Value> {
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else {
        return Ok(template);
    };
    let mut taken_out = Vec::new();
    for (id, resource) in resources.iter_mut() {
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        let over_several = kind == "AWS::CloudWatch::Alarm" && !resource["Properties"]["Metrics"].is_null();
        if over_several || TAKEN_OUT.iter().any(|(out, _)| *out == kind) {
            taken_out.push(id.clone());
            continue;
        }
        if !MADE.contains(&kind.as_str()) {
            bail!(
                "{stack}: {id} is an {kind}, which the emulator was never seen to make: try it, then list it as made or taken out in infra/tool/src/emulate/gaps.rs"
            );
        }
        // Its only use here is CodeDeploy's.
        if let Some(resource) = resource.as_object_mut() {
            resource.remove("UpdatePolicy");
        }
        let properties = &mut resource["Properties"];
        match kind.as_str() {
            "AWS::S3::BucketPolicy" => without_tls(properties),
            "AWS::IAM::Role" | "AWS::IAM::ManagedPolicy" => {
                without_unknown_conditions(properties);
                with_sessions(properties);
            }
            "AWS::SNS::TopicPolicy" => {
                without_tls(properties);
                without_unknown_conditions(properties);
            }
            "AWS::Lambda::Function" => {
                let own = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
                properties["Architectures"] = json!([own]);
            }
            "AWS::SecretsManager::Secret"
                if properties["GenerateSecretString"]["ExcludePunctuation"] == json!(true) =>
            {
                let punctuation: String = ('!'..='~').filter(char::is_ascii_punctuation).collect();
                properties["GenerateSecretString"]["ExcludeCharacters"] = json!(punctuation);
            }
            _ => {}
        }
    }
    resources.retain(|id, _| !taken_out.contains(id));
    if let Some(outputs) = template.get_mut("Outputs").and_then(Value::as_object_mut) {
        outputs.retain(|_, output| !mentions(&output["Value"], &taken_out));
    }
    Ok(template)
}

/// Whether `value` refers to one of these resources.
fn mentions(value: &Value, resources: &[String]) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| match (key.as_str(), value) {
            ("Ref", Value::String(id)) => resources.contains(id),
            ("Fn::GetAtt", Value::Array(path)) => {
                path.first().and_then(Value::as_str).is_some_and(|id| resources.iter().any(|out| out == id))
            }
            _ => mentions(value, resources),
        }),
        Value::Array(items) => items.iter().any(|item| mentions(item, resources)),
        _ => false,
    }
}

/// Takes out the statements of a policy that refuse plain HTTP.
fn without_tls(properties: &mut Value) {
    if let Some(statements) = properties["PolicyDocument"]["Statement"].as_array_mut() {
        statements.retain(|statement| statement["Condition"]["Bool"]["aws:SecureTransport"].is_null());
    }
}

/// What no request to the emulator carries.
const UNKNOWN_CONDITIONS: [&str; 5] =
    ["sns:Protocol", "sns:Endpoint", "cloudformation:RoleArn", "iam:PassedToService", "aws:ResourceOrgID"];

/// Takes out the condition keys that the emulator's evaluator would find absent, and so refuse everybody.
fn without_unknown_conditions(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !UNKNOWN_CONDITIONS.contains(&key.as_str()));
            map.values_mut().for_each(without_unknown_conditions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_unknown_conditions),
        _ => {}
    }
}

/// Writes the sessions of roles where `aws:PrincipalArn` asks for roles.
fn with_sessions(value: &mut Value) {
    fn write(value: &mut Value) {
        match value {
            Value::String(arn) if arn.contains(":iam::") && arn.contains(":role/") => {
                *arn = arn.replace(":iam::", ":sts::").replace(":role/", ":assumed-role/") + "/*";
            }
            Value::Array(items) => items.iter_mut().for_each(write),
            Value::Object(map) => map.values_mut().for_each(write),
            _ => {}
        }
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "aws:PrincipalArn" { write(value) } else { with_sessions(value) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(with_sessions),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_emulator_skips_unseen_fails_the_run() {
        let template = json!({ "Resources": { "Flow": { "Type": "AWS::StepFunctions::StateMachine" } } });
        let error = go_round("booking", template).unwrap_err().to_string();
        assert!(error.starts_with("booking: Flow is an AWS::StepFunctions::StateMachine"), "{error}");
    }

    #[test]
    fn of_alarms_those_over_several_metrics_go() {
        let alarm = |properties| json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": properties });
        let template = json!({ "Resources": {
            "Burn": alarm(json!({ "Metrics": [{ "Id": "rate", "Expression": "errors / calls" }] })),
            "Errors": alarm(json!({ "MetricName": "Errors" })),
        } });
        let local = go_round("booking", template).unwrap();
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
        let local = go_round("baseline", template).unwrap();
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
        let local = go_round("operations", template).unwrap();
        assert_eq!(local["Outputs"], json!({ "TopicArn": { "Value": { "Ref": "Topic" } } }));
    }

    #[test]
    fn canaries_are_taken_out_with_what_refers_to_them() {
        let template = json!({ "Resources": {
            "Canary": { "Type": "AWS::CodeDeploy::DeploymentGroup" },
            "Alias": { "Type": "AWS::Lambda::Alias", "UpdatePolicy": { "CodeDeployLambdaAliasUpdate": {} }, "Properties": {} },
        } });
        let local = go_round("booking", template).unwrap();
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
        let local = go_round("booking", template).unwrap();
        assert_eq!(
            local["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"],
            json!([{ "Effect": "Allow", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o" } } }])
        );
    }

    #[test]
    fn no_type_is_both_made_and_taken_out() {
        assert!(TAKEN_OUT.iter().all(|(out, _)| !MADE.contains(out)));
    }
}
