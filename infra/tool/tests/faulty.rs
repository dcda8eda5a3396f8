//! Faulty templates through the whole check, as `cargo xtask infra check FILE...` does it: each checker finds what the
//! others can't. Every rule of our own has its faulty template beside the rules.
//!
//! It needs the checkers, which the first check installs; `cargo xtask test infra` runs it.

#![allow(clippy::unwrap_used)] // all of this is tests; clippy.toml only knows functions marked so

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn infra_tool(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_infra-tool")).args(words).output().unwrap()
}

/// A service's template as it is rendered.
fn rendered(service: &str) -> Value {
    let paths = String::from_utf8(infra_tool(&["render"]).stdout).unwrap();
    let path = paths.lines().find(|path| path.ends_with(&format!("/{service}.json"))).unwrap();
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Whom a fault is found by, and where.
struct Fault {
    file: &'static str,
    service: &'static str,
    change: fn(&mut Value),
    /// All of these stand in one finding.
    found: &'static [&'static str],
}

const FAULTS: [Fault; 5] = [
    Fault {
        file: "no-alarm.json",
        service: "booking",
        change: |template| {
            let alarms = template["Resources"].as_object_mut().unwrap();
            let id =
                alarms.keys().find(|id| id.contains("DeadLetters") && id.ends_with("Alarm")).unwrap().clone();
            alarms.remove(&id).unwrap();
        },
        found: &["no-alarm: "],
    },
    Fault {
        file: "any-action.json",
        service: "airmiles",
        change: |template| {
            let resources = template["Resources"].as_object_mut().unwrap();
            let role = resources
                .values_mut()
                .find(|resource| !resource["Properties"]["Policies"].is_null())
                .unwrap();
            role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"] =
                json!("dynamodb:*");
        },
        found: &["wildcard-action: "],
    },
    Fault {
        // Seen in what the translator makes of it alone.
        file: "no-such-attribute.json",
        service: "members",
        change: |template| {
            template["Outputs"]["Nothing"] = json!({ "Value": { "Fn::GetAtt": ["UserPool", "Colour"] } });
        },
        found: &["cfn-lint: ", "Colour"],
    },
    Fault {
        file: "unversioned.json",
        service: "web",
        change: |template| {
            template["Resources"]["Files"]["Properties"]["VersioningConfiguration"] =
                json!({ "Status": "Suspended" });
        },
        found: &["checkov: ", "CKV_AWS_21 "],
    },
    Fault {
        file: "unread-route.json",
        service: "booking",
        change: |template| {
            let resources = template["Resources"].as_object_mut().unwrap();
            let api =
                resources.values_mut().find(|resource| resource["Type"] == "AWS::Serverless::Api").unwrap();
            let paths = api["Properties"]["DefinitionBody"]["paths"].as_object_mut().unwrap();
            let route = paths.values_mut().next().unwrap().as_object_mut().unwrap();
            route
                .values_mut()
                .next()
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove("x-amazon-apigateway-integration")
                .unwrap();
        },
        found: &["route-without-answer: "],
    },
];

#[test]
#[ignore = "needs the checkers: cargo xtask test infra"]
fn each_faulty_template_fails_with_the_rule_that_it_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound.json");
    std::fs::write(&sound, rendered("members").to_string()).unwrap();
    let mut words = vec!["check".to_owned(), sound.display().to_string()];
    for fault in &FAULTS {
        let mut template = rendered(fault.service);
        (fault.change)(&mut template);
        let file = folder.path().join(fault.file);
        std::fs::write(&file, template.to_string()).unwrap();
        words.push(file.display().to_string());
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let done = infra_tool(&words);
    let said = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    for fault in &FAULTS {
        let found = said
            .lines()
            .any(|line| names(line, fault.file) && fault.found.iter().all(|words| line.contains(words)));
        assert!(found, "{} is not found to break {:?}:\n{said}", fault.file, fault.found);
    }
    assert!(!said.lines().any(|line| names(line, "sound.json")), "{said}");
}

/// checkov names the translated file, whose name is the template's behind a number.
fn names(line: &str, file: &str) -> bool {
    line.contains(&format!("/{file}")) || line.contains(&format!("-{file}"))
}

#[test]
#[ignore = "needs the checkers: cargo xtask test infra"]
fn what_cant_be_translated_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("unknown-event.json");
    let function = json!({
        "Type": "AWS::Serverless::Function",
        "Properties": { "Runtime": "provided.al2023", "Handler": "x", "InlineCode": "x", "Events": { "E": { "Type": "Doorbell" } } },
    });
    let template = json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": { "F": function } });
    std::fs::write(&file, template.to_string()).unwrap();
    let done = infra_tool(&["check", Path::new(&file).to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("can't be translated") && said.contains("unknown-event.json"), "{said}");
    assert!(said.contains("[F]"), "{said}");
}
