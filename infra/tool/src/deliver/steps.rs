//! The steps' files call verbs that there are, with the compiler that the tree names.

use std::process::Command;

use clap::Parser;
use serde_json::Value;

use crate::{Cli, project, template, yaml};

/// Each step's name and file.
fn steps() -> impl Iterator<Item = (String, Value)> {
    let folder = project::infra().join("pipelines/steps");
    project::files_below(&folder).unwrap().into_iter().map(move |file| {
        let step = yaml::read(&std::fs::read_to_string(folder.join(&file)).unwrap()).unwrap();
        (file.trim_end_matches(".yaml").to_owned(), step)
    })
}

fn commands(step: &Value) -> Vec<String> {
    let phases = step["phases"].as_object().unwrap().values();
    let commands = phases.flat_map(|phase| phase["commands"].as_array().unwrap());
    commands.map(|command| command.as_str().unwrap().to_owned()).collect()
}

/// A command's words as a shell gives them, with each variable standing for an example of what it holds.
fn words(command: &str) -> Vec<String> {
    const HOLDS: [(&str, &str); 13] = [
        ("$SERVICE", "booking"),
        ("$ENVIRONMENT", "qa"),
        ("$ACCOUNT", "111111111111"),
        ("$STACK_REGION", "us-east-1"),
        ("$RELEASES_REGION", "eu-west-1"),
        ("$RELEASES", "tern-releases-555555555555-eu-west-1"),
        ("$RELEASE", "0123456789abcdef"),
        ("$TERN_DEV", "{}"),
        ("$TERN_QA", "{}"),
        ("$TERN_PROD", "{}"),
        ("$CODEBUILD_SRC_DIR_Release", "release"),
        ("$RUST", "1.95.0"),
        ("$PATH", "/bin"),
    ];
    let mut command = command.replace('"', "");
    for (variable, example) in HOLDS {
        command = command.replace(variable, example);
    }
    assert!(!command.contains('$') || command.contains("$(") || command.contains("$HOME"), "{command}");
    command.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_verb_of_a_step_is_one_that_there_is() {
    let mut seen = Vec::new();
    for (step, content) in steps() {
        for command in commands(&content) {
            let words = words(&command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["cargo", "xtask", "infra", verb, ..] => {
                    let parsed = Cli::try_parse_from(&words[2..]);
                    assert!(parsed.is_ok(), "{step}: {command}: {}", parsed.err().unwrap());
                    seen.push((*verb).to_owned());
                }
                // What xtask itself is asked, by its own help: --help after the verbs fails for one that there isn't.
                ["cargo", "xtask", rest @ ..] => {
                    let is_option = |word: &&str| word.starts_with("--");
                    let (verbs, options) = rest
                        .split_at(rest.iter().position(|word| word.starts_with("--")).unwrap_or(rest.len()));
                    let help = xtask_help(verbs);
                    for option in options.iter().copied().filter(is_option) {
                        assert!(help.contains(option), "{step}: {command}: xtask knows no {option}");
                    }
                    seen.push(verbs.join(" "));
                }
                ["curl" | "export" | "mkdir" | "aws", ..] => {}
                _ => panic!("{step}: {command}: is this a command that the machine of a step has?"),
            }
        }
    }
    seen.sort();
    assert_eq!(
        seen.join(", "),
        "check, contract check, contract release, former, journeys, publish, release, sign-in, test, test format licences, upload"
    );
}

fn xtask_help(verbs: &[&str]) -> String {
    let mut xtask = Command::new(std::env::var_os("CARGO").unwrap());
    xtask
        .current_dir(project::root())
        .args(["run", "--quiet", "--package", "xtask", "--"])
        .args(verbs)
        .arg("--help");
    let help = xtask.output().unwrap();
    assert!(help.status.success(), "{verbs:?}: {}", String::from_utf8_lossy(&help.stderr));
    String::from_utf8(help.stdout).unwrap()
}

#[test]
fn every_step_is_a_project_of_the_pipeline_and_has_the_trees_compiler() {
    let pipeline = template::render("pipeline").unwrap().to_string();
    let manifest = std::fs::read_to_string(project::root().join("Cargo.toml")).unwrap();
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    for (step, content) in steps() {
        let text =
            std::fs::read_to_string(project::infra().join(format!("pipelines/steps/{step}.yaml"))).unwrap();
        assert!(pipeline.contains(&Value::from(text).to_string()), "{step} is no step of the pipeline");
        let compiler = content["env"]["variables"]["RUST"].as_str().unwrap();
        assert!(
            compiler.starts_with(&format!("{version}.")),
            "{step} compiles with {compiler}, the tree with {version}"
        );
        assert!(
            commands(&content).iter().any(|command| command.contains("--default-toolchain \"$RUST\"")),
            "{step}"
        );
    }
}

#[test]
fn what_a_step_reads_of_its_surroundings_is_given_to_it() {
    let pipeline = template::render("pipeline").unwrap().to_string();
    for (step, content) in steps() {
        let mut given: Vec<String> =
            vec!["PATH".to_owned(), "HOME".to_owned(), "CODEBUILD_SRC_DIR_Release".to_owned()];
        for kind in ["variables", "parameter-store", "secrets-manager"] {
            given
                .extend(content["env"][kind].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        }
        for command in commands(&content) {
            let parts = command.split('$').skip(1);
            for name in parts.map(|part| part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_'))
            {
                let name: String = name.collect();
                let by_pipeline = pipeline.contains(&format!("\"Name\":\"{name}\""))
                    || pipeline.contains(&format!("\\\"name\\\":\\\"{name}\\\""));
                assert!(
                    name.is_empty() || given.contains(&name) || by_pipeline,
                    "{step}: nobody gives it {name}"
                );
            }
        }
    }
}
