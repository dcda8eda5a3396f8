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
    read(&fixtures().join("sound.yaml"))
}

/// RFC 7396: what is null is taken away.
fn merge(target: &mut Value, patch: &Value) {
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

fn broken_rules(template: Value) -> BTreeSet<&'static str> {
    check(&Template::new(template)).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn the_sound_template_breaks_no_rule() {
    assert_eq!(check(&Template::new(sound())), []);
}

#[test]
fn each_rule_is_broken_by_its_faulty_template_alone() {
    for rule in all() {
        let mut template = sound();
        merge(&mut template, &read(&fixtures().join(format!("faulty/{}.yaml", rule.name))));
        assert_eq!(broken_rules(template), BTreeSet::from([rule.name]), "{}", rule.name);
    }
}

#[test]
fn every_faulty_template_belongs_to_a_rule() {
    let rules: BTreeSet<String> = all().map(|rule| format!("{}.yaml", rule.name)).collect();
    let files = std::fs::read_dir(fixtures().join("faulty")).unwrap();
    let files: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, rules);
}

#[test]
fn further_faults_are_seen_too() {
    for (patch, rule) in [
        ("Resources: {FunctionAlias: {UpdatePolicy: null}}", "no-canary"),
        ("Resources: {Canary: {Properties: {AutoRollbackConfiguration: null}}}", "no-canary"),
        ("Resources: {FromTable: {Properties: {FilterCriteria: null}}}", "stream-filter"),
        (
            "Resources: {FromTable: {Properties: {FilterCriteria: {Filters: [{Pattern: '{eventName'}]}}}}",
            "stream-filter",
        ),
        ("Resources: {FromTable: {Properties: {MaximumRetryAttempts: -1}}}", "stream-blocks"),
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
        assert!(broken_rules(template).contains(rule), "{patch}");
    }
}
