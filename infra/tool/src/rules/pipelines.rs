//! Pipelines: triggers, gate, approval and rollback.

use serde_json::{Value, json};

use super::audit::reaches_a_person;
use super::model::{Resource, list, sides, text};
use super::policy::{Statement, statements};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "pipeline-without-filter", check: pipeline_without_filter },
    Rule { name: "pipeline-without-gate", check: pipeline_without_gate },
    Rule { name: "pipeline-without-approval", check: pipeline_without_approval },
    Rule { name: "pipeline-without-rollback", check: pipeline_without_rollback },
    Rule { name: "pipeline-without-change-set", check: pipeline_without_change_set },
    Rule { name: "pipeline-unheard", check: pipeline_unheard },
    Rule { name: "releases-can-change", check: releases_can_change },
    Rule { name: "step-unconfined", check: step_unconfined },
];

fn pipelines(template: &Template) -> impl Iterator<Item = Resource<'_>> {
    template.of_type("AWS::CodePipeline::Pipeline")
}

fn stages(pipeline: Resource<'_>) -> Vec<&Value> {
    list(pipeline.property("Stages"))
}

fn actions(stage: &Value) -> Vec<&Value> {
    list(&stage["Actions"]).into_iter().flat_map(sides).filter(|action| action["Name"].is_string()).collect()
}

fn is_by(action: &Value, provider: &str) -> bool {
    action["ActionTypeId"]["Provider"] == provider
}

/// The stages that deploy, and what they are called.
fn deploying(pipeline: Resource<'_>) -> impl Iterator<Item = (&Value, String)> {
    stages(pipeline)
        .into_iter()
        .filter(|stage| actions(stage).into_iter().any(|action| is_by(action, "CloudFormation")))
        .map(|stage| (stage, text(&stage["Name"])))
}

/// Without one, each team's change would start everybody's pipeline.
fn pipeline_without_filter(template: &Template, findings: &mut Vec<Finding>) {
    const MOST: usize = 8;
    for pipeline in pipelines(template) {
        if pipeline.property("PipelineType") != "V2" {
            findings.push(Finding::new(pipeline.id, "PipelineType must be V2: only that filters by path"));
        }
        let triggers = list(pipeline.property("Triggers"));
        let pushes: Vec<_> =
            triggers.iter().flat_map(|trigger| list(&trigger["GitConfiguration"]["Push"])).collect();
        if pushes.is_empty() {
            findings.push(Finding::new(pipeline.id, "any change starts it: Triggers must filter FilePaths"));
        }
        for push in pushes {
            let includes = &push["FilePaths"]["Includes"];
            let says = match includes {
                Value::Null => {
                    "a push starts it whatever changed: FilePaths.Includes names the service's files"
                }
                Value::Array(paths) if paths.len() > MOST => "CodePipeline takes eight paths in a filter",
                Value::Array(paths) if paths.iter().any(|path| path == "**" || path == "*") => {
                    "FilePaths.Includes has everything, and so starts it for everybody's changes"
                }
                _ => continue,
            };
            findings.push(Finding::new(pipeline.id, says));
        }
        for stage in stages(pipeline) {
            for action in
                actions(stage).into_iter().filter(|action| is_by(action, "CodeStarSourceConnection"))
            {
                if text(&action["Configuration"]["DetectChanges"]) != "false" {
                    findings.push(Finding::new(
                        pipeline.id,
                        "DetectChanges must be false, or the filters are passed by",
                    ));
                }
            }
        }
    }
}

/// The contract gate runs in the stage itself, before the change set: environments differ.
fn pipeline_without_gate(template: &Template, findings: &mut Vec<Finding>) {
    for pipeline in pipelines(template) {
        for (stage, name) in deploying(pipeline) {
            let order = |action: &Value| action["RunOrder"].as_u64().unwrap_or(1);
            let gate =
                actions(stage).into_iter().filter(|action| asks_the_gate(template, action)).map(order).min();
            let first =
                actions(stage).into_iter().filter(|action| is_by(action, "CloudFormation")).map(order).min();
            if gate.is_none() || gate >= first {
                let says =
                    format!("{name} deploys before `cargo xtask contract check` has said whom it breaks");
                findings.push(Finding::new(pipeline.id, says));
            }
        }
    }
}

fn asks_the_gate(template: &Template, action: &Value) -> bool {
    template.referred(&action["Configuration"]["ProjectName"]).is_some_and(|project| {
        let steps = text(&project.property("Source")["BuildSpec"]);
        steps.contains("cargo xtask contract check --environment")
    })
}

fn pipeline_without_approval(template: &Template, findings: &mut Vec<Finding>) {
    for pipeline in pipelines(template) {
        let mut approved = false;
        for stage in stages(pipeline) {
            let name = text(&stage["Name"]);
            if name == "Prod" && !approved {
                findings.push(Finding::new(
                    pipeline.id,
                    "nobody is asked before Prod: a stage with a Manual approval",
                ));
            }
            let waits =
                actions(stage).into_iter().any(|action| action["ActionTypeId"]["Category"] == "Approval");
            let also_deploys = actions(stage).into_iter().any(|action| is_by(action, "CloudFormation"));
            if waits && also_deploys {
                let says = format!(
                    "{name} waits for a person, and so would taking it back: approve in a stage before"
                );
                findings.push(Finding::new(pipeline.id, says));
            }
            approved |= waits;
        }
    }
}

fn pipeline_without_rollback(template: &Template, findings: &mut Vec<Finding>) {
    for pipeline in pipelines(template) {
        for (stage, name) in deploying(pipeline) {
            if stage["OnFailure"]["Result"] != "ROLLBACK" {
                let says = format!("{name} stays half deployed when it fails: OnFailure must be ROLLBACK");
                findings.push(Finding::new(pipeline.id, says));
            }
            let watches = sides(&stage["OnSuccess"]).into_iter().any(|success| {
                list(&success["Conditions"]).into_iter().any(|condition| {
                    condition["Result"] == "ROLLBACK"
                        && list(&condition["Rules"])
                            .into_iter()
                            .any(|rule| rule["RuleTypeId"]["Provider"] == "CloudWatchAlarm")
                })
            });
            if !watches {
                let says =
                    format!("{name} isn't watched once it is deployed: OnSuccess must roll back on an alarm");
                findings.push(Finding::new(pipeline.id, says));
            }
        }
    }
}

/// A change set shows what will happen, is made as the account's deploy role, and executed as its stack role.
fn pipeline_without_change_set(template: &Template, findings: &mut Vec<Finding>) {
    const MODES: [&str; 2] = ["CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"];
    for pipeline in pipelines(template) {
        for (stage, stage_name) in deploying(pipeline) {
            for action in actions(stage).into_iter().filter(|action| is_by(action, "CloudFormation")) {
                let mut says = |what: &str| {
                    let name = text(&action["Name"]);
                    findings.push(Finding::new(pipeline.id, format!("{name} in {stage_name} {what}")));
                };
                let mode = text(&action["Configuration"]["ActionMode"]);
                if !MODES.contains(&mode.as_str()) {
                    says("changes the stack at once: CHANGE_SET_REPLACE, then CHANGE_SET_EXECUTE");
                }
                if !text(&action["RoleArn"]).contains(":role/tern-deploy-") {
                    says("needs RoleArn, the deploy role of the environment's account");
                }
                let made_as = text(&action["Configuration"]["RoleArn"]);
                if mode == "CHANGE_SET_REPLACE" && !made_as.contains(":role/tern-stack-") {
                    says("needs Configuration.RoleArn, the stack role of the environment's account");
                }
            }
        }
    }
}

fn pipeline_unheard(template: &Template, findings: &mut Vec<Finding>) {
    for pipeline in pipelines(template) {
        let heard = template.of_type("AWS::Events::Rule").any(|rule| {
            let pattern = rule.property("EventPattern");
            list(&pattern["source"]).contains(&&json!("aws.codepipeline"))
                && list(&pattern["detail"]["state"]).contains(&&json!("FAILED"))
                && pattern["detail"]["pipeline"]
                    .to_string()
                    .contains(&json!({ "Ref": pipeline.id }).to_string())
                && list(rule.property("Targets"))
                    .into_iter()
                    .any(|target| reaches_a_person(template, &target["Arn"], "events.amazonaws.com"))
        });
        if !heard {
            let says = "nobody hears when it fails: an AWS::Events::Rule must take FAILED to a topic with a subscriber";
            findings.push(Finding::new(pipeline.id, says));
        }
    }
}

/// What was built once is deployed three times: a bucket of releases keeps every version, and others only read it.
fn releases_can_change(template: &Template, findings: &mut Vec<Finding>) {
    let is_of_releases =
        |bucket: &Resource| text(bucket.property("BucketName")).starts_with("tern-releases-");
    for bucket in template.of_type("AWS::S3::Bucket").filter(is_of_releases) {
        if bucket.property("VersioningConfiguration")["Status"] != "Enabled" {
            findings.push(Finding::new(bucket.id, "a release can be overwritten: VersioningConfiguration"));
        }
        let encryption = list(&bucket.property("BucketEncryption")["ServerSideEncryptionConfiguration"]);
        if !encryption.iter().any(|rule| rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms") {
            findings.push(Finding::new(
                bucket.id,
                "releases lie under no key of ours: BucketEncryption with aws:kms",
            ));
        }
        for statement in statements(template).into_iter().filter(Statement::allows) {
            let of_it =
                template.referred(statement.resource.property("Bucket")).is_some_and(|of| of.id == bucket.id);
            let writes = |action: &String| action != "s3:GetObject" && action != "s3:GetObjectVersion";
            if let (true, Some(action)) = (of_it, statement.actions().into_iter().find(writes)) {
                let says = format!("{} lets others do {action}: releases are read only", statement.name());
                findings.push(Finding::new(statement.resource.id, says));
            }
        }
    }
}

/// A build runs what its dependencies wrote: it gets no privileges, and what it does is logged where it ends.
fn step_unconfined(template: &Template, findings: &mut Vec<Finding>) {
    for project in template.of_type("AWS::CodeBuild::Project") {
        if project.property("Environment")["PrivilegedMode"] == json!(true) {
            findings
                .push(Finding::new(project.id, "PrivilegedMode is root on the machine: no step needs it"));
        }
        if !project.has("EncryptionKey") {
            findings
                .push(Finding::new(project.id, "what it hands on lies under no key of ours: EncryptionKey"));
        }
        let logs = &project.property("LogsConfig")["CloudWatchLogs"];
        if template.referred(&logs["GroupName"]).is_none_or(|group| group.kind() != "AWS::Logs::LogGroup") {
            findings.push(Finding::new(
                project.id,
                "it logs where nothing ends: LogsConfig with a log group of ours",
            ));
        }
        for variable in list(&project.property("Environment")["EnvironmentVariables"]) {
            let name = text(&variable["Name"]).to_uppercase();
            let is_plain = text(&variable["Type"]).is_empty() || variable["Type"] == "PLAINTEXT";
            if is_plain && ["SECRET", "TOKEN", "PASSWORD", "KEY"].iter().any(|word| name.contains(word)) {
                findings.push(Finding::new(
                    project.id,
                    format!("{name} is written out: read it from Secrets Manager"),
                ));
            }
        }
    }
}
