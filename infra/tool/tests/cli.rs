//! Wrong arguments end with one sentence that has the correction, and a non-zero exit code.

#![allow(clippy::unwrap_used)] // all of this is tests; clippy.toml only knows functions marked so

use std::path::Path;
use std::process::{Command, Output};

fn infra_tool(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_infra-tool")).args(words).current_dir(folder).output().unwrap()
}

/// The one sentence of a call that is refused.
fn refusal(words: &[&str], folder: &Path) -> String {
    let done = infra_tool(words, folder);
    assert_eq!(done.status.code(), Some(1), "{words:?}: {done:?}");
    let said = String::from_utf8(done.stderr).unwrap();
    let sentence = said.trim().strip_prefix("error: ").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    sentence.to_owned()
}

#[test]
fn a_file_that_is_no_template_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("torn.json", "{\"Resources\": {"),
        ("torn.yaml", "Resources: [unclosed"),
        ("list.json", "[]"),
        ("empty.json", ""),
        ("empty.yaml", ""),
        ("nothing.json", "{\"Resources\": {}}"),
        ("parameters.yaml", "Parameters: {Environment: {Type: String}}"),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
        let said = refusal(&["check", name], folder.path());
        assert!(said.starts_with(&format!("{name} is no template")), "{said}");
    }
    let said = refusal(&["check", "nowhere.json"], folder.path());
    assert!(said.starts_with("reading nowhere.json: No such file"), "{said}");
    let said = refusal(&["check", "."], folder.path());
    assert!(said.starts_with("reading .: Is a directory"), "{said}");
}

#[test]
fn missing_binaries_are_named_with_what_builds_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for words in [&["zip", path][..], &["emulate", "--binaries", path]] {
        let said = refusal(words, folder.path());
        assert!(said.contains("booking-http is missing: build the services' binaries first"), "{said}");
    }
}

#[test]
fn an_unknown_verb_or_option_is_refused_with_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&["deploy"][..], &["check", "--fast"], &["emulate", "--unheard-of"]] {
        let done = infra_tool(words, folder.path());
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(said.contains(words.last().unwrap()) && said.contains("Usage:"), "{said}");
    }
}

#[test]
fn every_stack_is_rendered_to_one_file_and_every_pipelines_parameters_to_another() {
    let done = infra_tool(&["render"], Path::new("."));
    assert!(done.status.success(), "{done:?}");
    let paths = String::from_utf8(done.stdout).unwrap();
    assert!(paths.lines().count() >= 5, "{paths}");
    for path in paths.lines() {
        let template: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let part = if path.contains("/pipelines/") { "Parameters" } else { "Resources" };
        assert!(!template[part].as_object().unwrap().is_empty(), "{path}");
    }
}
