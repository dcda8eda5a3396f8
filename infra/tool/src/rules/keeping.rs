//! What must outlive a mistake: tables, keys, buckets, logs.

use serde_json::{Value, json};

use super::model::list;
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "removed-with-the-stack", check: removed_with_the_stack },
    Rule { name: "table-without-safety", check: table_without_safety },
    Rule { name: "key-without-rotation", check: key_without_rotation },
    Rule { name: "logs-without-end", check: logs_without_end },
    Rule { name: "open-bucket", check: open_bucket },
];

fn removed_with_the_stack(template: &Template, findings: &mut Vec<Finding>) {
    const HOLD_STATE: [&str; 7] = [
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
        "AWS::Cognito::UserPool",
        "AWS::Logs::LogGroup",
    ];
    for resource in template.resources().filter(|resource| HOLD_STATE.contains(&resource.kind())) {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if resource.body[policy] != "Retain" {
                findings.push(Finding::new(
                    resource.id,
                    format!("{policy} must be Retain: it holds what can't be made again"),
                ));
            }
        }
    }
}

fn table_without_safety(template: &Template, findings: &mut Vec<Finding>) {
    for table in template.of_type("AWS::DynamoDB::Table") {
        let recovery = &table.property("PointInTimeRecoverySpecification")["PointInTimeRecoveryEnabled"];
        let encryption = table.property("SSESpecification");
        for (holds, says) in [
            (recovery == &json!(true), "PointInTimeRecoveryEnabled must be true"),
            (
                table.property("DeletionProtectionEnabled") == &json!(true),
                "DeletionProtectionEnabled must be true",
            ),
            (table.property("BillingMode") == "PAY_PER_REQUEST", "BillingMode must be PAY_PER_REQUEST"),
            (
                encryption["SSEEnabled"] == json!(true) && !encryption["KMSMasterKeyId"].is_null(),
                "it lies under the service's own key",
            ),
        ] {
            if !holds {
                findings.push(Finding::new(table.id, says));
            }
        }
    }
}

fn key_without_rotation(template: &Template, findings: &mut Vec<Finding>) {
    for key in template.of_type("AWS::KMS::Key") {
        if key.property("EnableKeyRotation") != &Value::Bool(true) {
            findings.push(Finding::new(key.id, "EnableKeyRotation must be true"));
        }
    }
}

fn logs_without_end(template: &Template, findings: &mut Vec<Finding>) {
    for group in template.of_type("AWS::Logs::LogGroup") {
        for property in ["RetentionInDays", "KmsKeyId"] {
            if !group.has(property) {
                findings.push(Finding::new(group.id, format!("logs need {property}")));
            }
        }
    }
    for function in template.of_type("AWS::Lambda::Function") {
        let group = &function.property("LoggingConfig")["LogGroup"];
        if template.referred(group).is_none() {
            let says = "it writes to a log group that Lambda makes, which keeps everything for ever: LoggingConfig.LogGroup";
            findings.push(Finding::new(function.id, says));
        }
    }
}

fn open_bucket(template: &Template, findings: &mut Vec<Finding>) {
    const BLOCKS: [&str; 4] =
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    for bucket in template.of_type("AWS::S3::Bucket") {
        let blocked = bucket.property("PublicAccessBlockConfiguration");
        for block in BLOCKS.iter().filter(|block| blocked[**block] != json!(true)) {
            findings.push(Finding::new(bucket.id, format!("{block} must be true")));
        }
        if list(bucket.property("BucketEncryption")).is_empty() {
            findings.push(Finding::new(bucket.id, "BucketEncryption is missing"));
        }
    }
}
