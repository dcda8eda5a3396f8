//! Failed deployments: each ends with one sentence that has the next step, and the next run continues from its state.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::emulator::{Emulator, infra_tool};

impl Emulator {
    /// Deploys into it: whether that went well, and what was said.
    fn deploy(&self, words: &[&str]) -> Result<String, String> {
        deploy(&[&["--at", &self.url], words].concat())
    }
}

/// What was said; if it failed, its one sentence.
fn deploy(words: &[&str]) -> Result<String, String> {
    let done = infra_tool(words).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    if done.status.success() {
        return Ok(said);
    }
    let errors = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{errors}");
    let sentence = errors.trim().strip_prefix("error: ").unwrap_or_else(|| panic!("{errors}"));
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    Err(sentence.to_owned())
}

/// A service's rendered template, changed, in a file.
fn changed(service: &str, folder: &Path, change: impl FnOnce(&mut Value)) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_infra-tool"));
    let rendered = Command::new(program).arg("render").output().unwrap();
    let paths = String::from_utf8(rendered.stdout).unwrap();
    let path = paths.lines().find(|path| path.ends_with(&format!("/{service}.json"))).unwrap();
    let mut template: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut template);
    let file = folder.join(format!("{service}.json"));
    std::fs::write(&file, template.to_string()).unwrap();
    format!("{service}={}", file.display())
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_missing_peer_stack_is_named_and_the_next_run_goes_on_from_there() {
    let emulator = Emulator::start(&["--only", "members"]);
    let said = emulator.deploy(&["--only", "airmiles"]).unwrap_err();
    assert_eq!(
        said,
        "tern-dev-airmiles reads the stack tern-dev-booking, which is not in account 222222222222: deploy tern-dev-booking first"
    );
    let said = emulator.deploy(&["--only", "booking", "--only", "airmiles"]).unwrap();
    // What the run before had made stays as it was.
    let baseline = said.lines().find(|line| line.contains("tern-baseline in 333333333333")).unwrap();
    assert!(baseline.contains("as it should be"), "{said}");
    let airmiles = said.lines().find(|line| line.contains("tern-dev-airmiles in 333333333333")).unwrap();
    assert!(airmiles.contains(", made ("), "{said}");
    assert!(said.contains("subscription: "), "{said}");
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_wrong_account_id_is_told_with_the_right_one() {
    let emulator = Emulator::start(&["--only", "members", "--only", "booking"]);
    for (id, said) in [
        (
            "999999999999",
            "tern-dev-airmiles looks for tern-dev-booking in account 999999999999, but it belongs in 222222222222: correct that account id",
        ),
        (
            "12345",
            "tern-dev-airmiles reads tern-dev-booking by arn:aws:iam::12345:role/tern-lookup, which is no account's tern-lookup: correct the account id",
        ),
    ] {
        let parameter = format!("airmiles.BookingAccountId={id}");
        let refused = emulator.deploy(&["--only", "airmiles", "--parameter", &parameter]).unwrap_err();
        assert_eq!(refused, said);
    }
    emulator.deploy(&["--only", "airmiles"]).unwrap();
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_peer_whose_outputs_are_stale_is_to_be_released_first() {
    let emulator = Emulator::start(&["--only", "members"]);
    let folder = tempfile::tempdir().unwrap();
    let stale = changed("booking", folder.path(), |template| {
        template["Outputs"].as_object_mut().unwrap().remove("TopicArn").unwrap();
    });
    emulator.deploy(&["--only", "booking", "--template", &stale]).unwrap();
    let said = emulator.deploy(&["--only", "airmiles"]).unwrap_err();
    assert_eq!(
        said,
        "tern-dev-airmiles reads TopicArn of tern-dev-booking, which puts out no such thing: release tern-dev-booking as it stands here first"
    );
    let said = emulator.deploy(&["--only", "booking", "--only", "airmiles"]).unwrap();
    assert!(said.contains("tern-dev-booking in 222222222222") && said.contains(", changed ("), "{said}");
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_resource_that_the_emulator_would_skip_is_no_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let unseen = changed("members", folder.path(), |template| {
        template["Resources"]["Flow"] =
            json!({ "Type": "AWS::StepFunctions::StateMachine", "Properties": {} });
    });
    let said = deploy(&["--only", "members", "--template", &unseen]).unwrap_err();
    assert_eq!(
        said,
        "members: Flow is an AWS::StepFunctions::StateMachine, which the emulator was never seen to make: try it, then list it as made or taken out in infra/tool/src/emulate/gaps.yaml"
    );
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_stack_that_broke_in_its_middle_is_made_anew_by_the_next_run() {
    let emulator = Emulator::start(&["--only", "members"]);
    let folder = tempfile::tempdir().unwrap();
    let broken = changed("booking", folder.path(), |template| {
        let resources = template["Resources"].as_object_mut().unwrap();
        // After what keeps its own name and outlives a stack: log groups and queues among them.
        let kept: Vec<_> = resources
            .iter()
            .filter(|(_, kept)| !kept["DeletionPolicy"].is_null())
            .map(|(id, _)| id.clone())
            .collect();
        assert!(kept.len() >= 5, "{kept:?}");
        let function = |after: Value| {
            json!({ "Type": "AWS::CloudFront::Function", "DependsOn": after, "Properties": {
                "Name": "taken", "FunctionCode": "", "FunctionConfig": { "Comment": "", "Runtime": "cloudfront-js-2.0" },
            } })
        };
        resources.insert("First".to_owned(), function(json!(kept)));
        resources.insert("Broken".to_owned(), function(json!("First")));
    });
    let said = emulator.deploy(&["--only", "booking", "--template", &broken]).unwrap_err();
    assert!(
        said.starts_with("the stack tern-dev-booking in 222222222222 is ROLLBACK_COMPLETE: Broken: "),
        "{said}"
    );
    assert!(said.ends_with("; put that right and run it again"), "{said}");
    // Nobody reads half of it meanwhile.
    let said = emulator.deploy(&["--only", "airmiles"]).unwrap_err();
    assert!(said.ends_with("which is ROLLBACK_COMPLETE: deploy tern-dev-booking again first"), "{said}");

    let said = emulator.deploy(&["--only", "booking", "--only", "airmiles"]).unwrap();
    assert!(said.contains("was left ROLLBACK_COMPLETE: it is taken away and made anew"), "{said}");
    assert!(said.contains("tern-dev-airmiles in 333333333333"), "{said}");
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn a_change_set_that_nobody_executed_is_dropped() {
    let emulator = Emulator::start(&["--only", "members"]);
    let propose = |account: &str, stack: &str, kind: &str| {
        let template = json!({ "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } } });
        emulator.python(&format!(
            "client('cloudformation', '{account}', 'eu-west-1').create_change_set(\
             StackName='{stack}', ChangeSetName='half', ChangeSetType='{kind}', TemplateBody='{template}')"
        ));
    };
    propose("222222222222", "tern-dev-booking", "CREATE");
    propose("111111111111", "tern-dev-members", "UPDATE");
    let said = emulator.deploy(&["--only", "members", "--only", "booking"]).unwrap();
    assert!(
        said.contains(
            "tern-dev-booking in 222222222222 was left REVIEW_IN_PROGRESS: it is taken away and made anew"
        ),
        "{said}"
    );
    assert!(said.contains("tern-dev-members has the change set half left over: it is dropped"), "{said}");
    let said = emulator.deploy(&["--only", "members", "--only", "booking"]).unwrap();
    assert!(!said.contains("left"), "nothing is left a second time: {said}");
}

#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn where_no_emulator_is_one_is_named() {
    let said = deploy(&["--only", "members", "--at", "http://127.0.0.1:9"]).unwrap_err();
    assert_eq!(
        said,
        "nothing answers at http://127.0.0.1:9: start an emulator with `cargo xtask infra emulate --stay`"
    );
    let said =
        deploy(&["--only", "members", "--at", "https://cloudformation.eu-west-1.amazonaws.com"]).unwrap_err();
    assert!(said.contains("is no emulator of ours"), "{said}");
}

/// Processes from `/proc`: process group and name by id.
#[cfg(target_os = "linux")]
fn processes() -> std::collections::BTreeMap<u32, (u32, String)> {
    let ids = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let words: Vec<_> = rest.split_whitespace().collect();
        let lives = words[0] != "Z";
        lives.then(|| (id, (words[2].parse().unwrap(), name.to_owned())))
    })
    .collect()
}

/// The process group of the emulator that listens at `url`.
#[cfg(target_os = "linux")]
fn group(url: &str) -> u32 {
    let port = format!("GATEWAY_PORT={}", url.rsplit(':').next().unwrap());
    let of_emulator = |id: &u32| {
        std::fs::read(format!("/proc/{id}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|variable| variable == port.as_bytes())
        })
    };
    let processes = processes();
    processes.iter().find(|(id, _)| of_emulator(id)).map(|(_, (group, _))| *group).unwrap()
}

#[cfg(target_os = "linux")]
fn ends_within(limit: Duration, what: impl Fn() -> Vec<String>) {
    let until = Instant::now() + limit;
    while !what().is_empty() {
        assert!(Instant::now() < until, "still there: {:?}", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn killed_in_the_middle_it_leaves_no_process_and_the_next_run_goes_well() {
    let mut emulator = Emulator::start(&[]);
    assert!(emulator.said.contains("journey: "), "{}", emulator.said);
    let group = group(&emulator.url);
    let members = || -> Vec<String> {
        processes().into_values().filter(|(other, _)| *other == group).map(|(_, name)| name).collect()
    };
    assert!(members().iter().any(|name| name == "bootstrap"), "functions run: {:?}", members());
    emulator.tool.kill().unwrap(); // kill -9
    emulator.tool.wait().unwrap();
    ends_within(Duration::from_secs(15), members);

    let said = deploy(&["--enforced-only"]).unwrap();
    assert!(said.contains("emulated deployment and its journeys: "), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs the emulator: cargo xtask test emulate"]
fn an_emulator_that_dies_is_told() {
    let mut emulator = Emulator::start_and_tell(&["--only", "members"], Stdio::piped());
    let group = group(&emulator.url);
    let program = processes().into_iter().find(|(id, (other, _))| *other == group && *id != group).unwrap().0;
    assert!(Command::new("kill").args(["-9", &program.to_string()]).status().unwrap().success());
    assert_eq!(emulator.tool.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    emulator.tool.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.trim().starts_with("error: the emulator ended by itself; its log is "), "{said}");
}
