use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(path: &Path) -> Value {
    crate::yaml::read(&std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
        .unwrap()
}

fn sound() -> Value {
    let mut sound = Value::Null;
    for file in ["service", "watching", "account", "pipeline"] {
        merge(&mut sound, &read(&fixtures().join(format!("sound/{file}.yaml"))));
    }
    sound
}

/// RFC 7396: what is null is taken away.
fn merge(target: &mut Value, patch: &Value) {
    if target.is_null() {
        *target = Value::Object(serde_json::Map::new());
    }
    let (Value::Object(target), Value::Object(patch)) = (&mut *target, patch) else {
        *target = patch.clone();
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            assert!(target.remove(key).is_some(), "{key} is not there to be taken away");
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The rules that `template` breaks.
fn broken(rules: &Rules, template: Value) -> BTreeSet<String> {
    let outcomes = rules.check(&template).unwrap().into_iter();
    outcomes.filter(|outcome| !outcome.findings.is_empty()).map(|outcome| outcome.rule).collect()
}

#[test]
fn the_sound_template_breaks_no_rule() {
    for outcome in Rules::read().unwrap().check(&sound()).unwrap() {
        assert!(outcome.findings.is_empty(), "{outcome:?}");
    }
}

#[test]
fn each_rule_is_broken_by_its_faulty_template_alone() {
    let rules = Rules::read().unwrap();
    let names: Vec<String> = rules.check(&sound()).unwrap().into_iter().map(|outcome| outcome.rule).collect();
    for name in &names {
        let mut template = sound();
        merge(&mut template, &read(&fixtures().join(format!("faulty/{name}.yaml"))));
        assert_eq!(broken(&rules, template), BTreeSet::from([name.clone()]), "{name}");
    }
    let files = std::fs::read_dir(fixtures().join("faulty")).unwrap().count();
    assert_eq!(files, names.len(), "every faulty template belongs to a rule, and no two rules share a name");
}

#[test]
fn further_faults_are_seen_too() {
    let rules = Rules::read().unwrap();
    for (patch, rule) in [
        ("Resources: {FunctionAlias: {UpdatePolicy: null}}", "no-canary"),
        ("Resources: {Canary: {Properties: {AutoRollbackConfiguration: null}}}", "no-canary"),
        ("Resources: {FromTable: {Properties: {FilterCriteria: null}}}", "stream-filter"),
        (
            "Resources: {FromTable: {Properties: {FilterCriteria: {Filters: [{Pattern: '{eventName'}]}}}}",
            "stream-filter",
        ),
        ("Resources: {FromTable: {Properties: {MaximumRetryAttempts: -1}}}", "stream-blocks"),
        ("Resources: {Bucket: {Properties: {BucketEncryption: []}}}", "open-bucket"),
        // What a rule can't evaluate is a finding, not silence.
        ("Resources: {Table: {Properties: {SSESpecification: none}}}", "table-without-safety"),
        ("Resources: {Function: {Properties: {Environment: []}}}", "secret-in-the-open"),
        ("Resources: {Subscription: {Properties: {FilterPolicy: null}}}", "subscription-loses-messages"),
        ("Resources: {Permission: {Properties: {SourceArn: null}}}", "service-without-source"),
        (
            "Resources: {Role: {Properties: {AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '*'}, Action: sts:AssumeRole}]}}}}",
            "open-principal",
        ),
        ("Resources: {Api: {Properties: {Body: null}}}", "route-without-answer"),
        ("Resources: {Function: {Properties: {LoggingConfig: null}}}", "logs-without-end"),
        (
            "Resources: {All: {Type: 'AWS::CloudWatch::CompositeAlarm', Properties: {AlarmDescription: docs/runbooks/x.md, AlarmRule: 'ALARM(x)'}}}",
            "silent-alarm",
        ),
        ("Resources: {FunctionIteratorAgeAlarm: null}", "no-alarm"),
        ("Resources: {TableByMemberReadThrottlesAlarm: null}", "no-alarm"),
        ("Resources: {TopicLostAlarm: null}", "no-alarm"),
        (
            "Conditions: {Peer: !Equals [!GetStackOutput {StackName: a, OutputName: b}, c]}",
            "lookup-without-role",
        ),
        ("Resources: {Alarms: {Properties: {Subscription: null}}}", "finding-unheard"),
        ("Resources: {AlarmsKey: {Properties: {KeyPolicy: {Statement: []}}}}", "budget-unheard"),
        ("Resources: {Trail: {Properties: {IsLogging: false}}}", "trail-unprotected"),
        ("Resources: {Maker: {Metadata: {Wildcards: {New: because}}}}", "stale-reason"),
        ("Resources: {Pipeline: {Properties: {Triggers: null}}}", "pipeline-without-filter"),
        ("Resources: {Pipeline: {Properties: {PipelineType: V1}}}", "pipeline-without-filter"),
        ("Resources: {Gate: {Properties: {Source: {BuildSpec: 'true'}}}}", "pipeline-without-gate"),
        (
            "Resources: {ReleasesPolicy: {Properties: {PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: s3:PutObject, Resource: x, Condition: {StringEquals: {aws:PrincipalOrgID: o}}}]}}}}",
            "releases-can-change",
        ),
        ("Resources: {Maker: {Metadata: null}}", "wildcard-resource"),
        (
            "Resources: {Role: {Properties: {Policies: [{PolicyDocument: {Statement: [!If [Always, {Effect: Allow, Action: s3:GetObject, Resource: '*'}, !Ref AWS::NoValue]]}}]}}}",
            "wildcard-resource",
        ),
        (
            "Resources: {Role: {Properties: {Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: 'iam:*', Resource: x}]}}]}}}",
            "unbounded-role-maker",
        ),
        (
            "Resources: {Distribution: {Properties: {DistributionConfig: {CustomErrorResponses: [{ErrorCode: 404}]}}}}",
            "open-distribution",
        ),
    ] {
        let mut template = sound();
        merge(&mut template, &crate::yaml::read(patch).unwrap());
        assert!(broken(&rules, template).contains(rule), "{patch}");
    }
}
