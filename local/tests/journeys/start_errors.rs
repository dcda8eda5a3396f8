//! What keeps it from starting is one clear sentence and a non-zero exit, and changes nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use crate::common::Laptop;

/// Starts it where it must fail, and returns the one line it prints.
fn refusal(laptop: &Laptop, port: u16) -> String {
    let output = laptop.command(port).output().unwrap();
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

/// A start that must fail with these words, and must change nothing in the data folder.
fn is_refused_and_unchanged(laptop: &Laptop, words: &[&str]) {
    let before = contents(&laptop.data);
    let said = refusal(laptop, 0);
    assert!(words.iter().all(|words| said.contains(words)), "{said}");
    assert_eq!(contents(&laptop.data), before, "{said}");
}

#[test]
fn a_taken_port_is_refused_before_any_folder_is_made() {
    let laptop = Laptop::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    assert_eq!(
        refusal(&laptop, port),
        format!("Port {port} is taken on 127.0.0.1: stop what listens there, or choose another with --port.")
    );
    assert!(!laptop.data.exists());
}

#[test]
fn a_web_app_that_is_not_built_is_refused_before_any_folder_is_made() {
    let laptop = Laptop::new();
    std::fs::remove_file(laptop.web.join("index.html")).unwrap();
    let said = refusal(&laptop, 0);
    assert!(said.contains("has no index.html") && said.contains("cargo xtask up"), "{said}");
    std::fs::remove_dir_all(&laptop.web).unwrap();
    let said = refusal(&laptop, 0);
    assert!(said.contains("doesn't exist"), "{said}");
    assert!(!laptop.data.exists());
}

#[test]
fn anothers_folder_is_left_as_it_is() {
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
        let laptop = Laptop::new();
        std::fs::create_dir(&laptop.data).unwrap();
        for (name, content) in files {
            std::fs::write(laptop.data.join(name), content).unwrap();
        }
        is_refused_and_unchanged(&laptop, &[sentence]);
    }
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let laptop = Laptop::new();
    laptop.start().stop();
    for store in ["booking.sqlite", "airmiles.sqlite", "bus.sqlite"] {
        let path = laptop.data.join(store);
        let whole = std::fs::read(&path).unwrap();
        let mut torn = whole.clone();
        // Everything behind the first page: the header stays, the tables' contents don't.
        torn[4096..].iter_mut().for_each(|byte| *byte = 0x5a);
        std::fs::write(&path, &torn).unwrap();
        is_refused_and_unchanged(&laptop, &[store, "is damaged or not Tern's"]);
        std::fs::write(&path, whole).unwrap();
    }
    laptop.start().stop();
}

#[test]
fn a_bus_of_another_version_is_refused_and_left_as_it_is() {
    let laptop = Laptop::new();
    laptop.start().stop();
    let bus = rusqlite::Connection::open(laptop.data.join("bus.sqlite")).unwrap();
    bus.pragma_update(None, "user_version", 0).unwrap();
    drop(bus);
    is_refused_and_unchanged(&laptop, &["another version of Tern made bus.sqlite: delete it"]);
    std::fs::remove_file(laptop.data.join("bus.sqlite")).unwrap();
    laptop.start().stop();
}

#[test]
fn a_folder_in_use_is_refused() {
    let laptop = Laptop::new();
    let running = laptop.start();
    let said = refusal(&laptop, 0);
    assert!(said.ends_with("is in use by another process."), "{said}");
    running.kill_9();
    laptop.start().stop();
}
