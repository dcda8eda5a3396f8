//! What keeps it from starting is one clear sentence and a non-zero exit, and changes nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use crate::common::{Running, command, data_folder, web_app};

/// Starts it where it must fail, and returns the one line it prints.
fn refusal(data: &Path, web: &Path, more: &[&str]) -> String {
    let output = command(data, web, more).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said.trim_end().to_owned()
}

/// Every file of a folder with its content; SQLite's own index of its log is no content.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn a_taken_port_is_refused_before_any_folder_is_made() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = refusal(&data, web.path(), &["--port", &port]);
    assert_eq!(
        said,
        format!("Port {port} is taken on 127.0.0.1: stop what listens there, or choose another with --port.")
    );
    assert!(!data.exists());
}

#[test]
fn a_web_app_that_is_not_built_is_refused_before_any_folder_is_made() {
    let (_keep, data) = data_folder();
    let empty = tempfile::tempdir().unwrap();
    let said = refusal(&data, empty.path(), &["--port", "0"]);
    assert!(said.contains("has no index.html") && said.contains("cargo xtask up"), "{said}");
    let said = refusal(&data, &empty.path().join("dist"), &["--port", "0"]);
    assert!(said.contains("doesn't exist"), "{said}");
    assert!(!data.exists());
}

#[test]
fn anothers_folder_is_left_as_it_is() {
    let web = web_app();
    let marker = r#"{"product":"tern local data","format":1}"#;
    for (files, sentence) in [
        (vec![("thesis.tex", "years of work")], "it isn't Tern's, so it was left as it is"),
        (vec![("tern-data.json", r#"{"product":"tern local data","format":9}"#)], "is of format 9"),
        (vec![("tern-data.json", "{}")], "is damaged or not Tern's"),
        (
            vec![("tern-data.json", marker), ("bus.sqlite", "years of other work")],
            "it isn't a store that Tern made",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let before = contents(folder.path());
        let said = refusal(folder.path(), web.path(), &["--port", "0"]);
        assert!(said.contains(sentence), "{said}");
        assert_eq!(contents(folder.path()), before, "{said}");
    }
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let (status, _) = Running::start(&data, web.path()).terminate();
    assert!(status.success());
    for store in ["booking.sqlite", "airmiles.sqlite", "bus.sqlite"] {
        let path = data.join(store);
        let whole = std::fs::read(&path).unwrap();
        let mut torn = whole.clone();
        // Everything behind the first page: the header stays, the tables' contents don't.
        torn[4096..].iter_mut().for_each(|byte| *byte = 0x5a);
        std::fs::write(&path, &torn).unwrap();
        let before = contents(&data);
        let said = refusal(&data, web.path(), &["--port", "0"]);
        assert!(said.contains(store) && said.contains("is damaged or not Tern's"), "{said}");
        assert_eq!(contents(&data), before, "{said}");
        std::fs::write(&path, whole).unwrap();
    }
    let (status, _) = Running::start(&data, web.path()).terminate();
    assert!(status.success());
}

#[test]
fn a_bus_of_another_version_is_refused_and_left_as_it_is() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let (status, _) = Running::start(&data, web.path()).terminate();
    assert!(status.success());
    let bus = rusqlite::Connection::open(data.join("bus.sqlite")).unwrap();
    bus.pragma_update(None, "user_version", 0).unwrap();
    drop(bus);
    let before = contents(&data);
    let said = refusal(&data, web.path(), &["--port", "0"]);
    assert!(said.contains("another version of Tern made bus.sqlite: delete it"), "{said}");
    assert_eq!(contents(&data), before, "{said}");
    std::fs::remove_file(data.join("bus.sqlite")).unwrap();
    let (status, _) = Running::start(&data, web.path()).terminate();
    assert!(status.success());
}

#[test]
fn a_folder_in_use_is_refused() {
    let (_keep, data) = data_folder();
    let web = web_app();
    let running = Running::start(&data, web.path());
    let said = refusal(&data, web.path(), &["--port", "0"]);
    assert!(said.ends_with("is in use by another process."), "{said}");
    running.kill_9();
    let (status, _) = Running::start(&data, web.path()).terminate();
    assert!(status.success());
}
