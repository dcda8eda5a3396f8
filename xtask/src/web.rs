//! Building the web app into `frontend/dist` when its sources have changed.
//!
//! A release is three apps from the one crate, each with a document of its own: docs/decisions/0065.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::project::Project;
use crate::sizes::FirstLoad;
use crate::steps::{self, Progress, Step};
use crate::tools;

/// Folders inside a package that are no source of the app: `bundled` is written by its build.
const NOT_SOURCES: [&str; 6] = ["dist", "tests", "examples", "contracts", "node_modules", "bundled"];

/// One app of the release.
struct App {
    /// The feature of the crate `frontend` that has its pages.
    feature: &'static str,
    /// The file in `frontend/` that trunk builds from.
    source: &'static str,
    document: &'static str,
}

const APPS: [App; 3] = [
    App { feature: "shop", source: "index.html", document: "index.html" },
    App { feature: "book", source: "app.html", document: "book.html" },
    App { feature: "member", source: "app.html", document: "member.html" },
];

/// `cargo xtask web`: installs the tools, builds, and checks the size budget.
pub(crate) fn build_within_budget(project: &Project) -> Result<()> {
    steps::run(steps(project))?;
    first_loads(project)?.iter().try_for_each(|load| {
        println!("{load}");
        load.check()
    })
}

/// The sizes of the built app's documents.
pub(crate) fn first_loads(project: &Project) -> Result<Vec<FirstLoad>> {
    APPS.iter().map(|app| FirstLoad::measure(&project.dist(), app.document)).collect()
}

/// The steps that install the tools and build the web app, unless `frontend/dist` is up to date.
pub(crate) fn steps(project: &Project) -> Vec<Step<'_>> {
    let mut steps = tools::web_steps(project);
    steps.push(Step::new("web app", |progress| build(project, progress)));
    steps
}

fn build(project: &Project, progress: &Progress) -> Result<String> {
    let (dist, target) = (project.dist(), project.path("target/web"));
    let stamp = target.join("built");
    let sources = sources(project)?;
    let built = |dist: &Path| Ok::<_, anyhow::Error>(format!("{sources} {}", fingerprint(&[dist])?));
    // `trunk serve` writes to `dist` too.
    if fs::read_to_string(&stamp).is_ok_and(|text| built(&dist).is_ok_and(|built| built == text)) {
        return Ok("unchanged".to_owned());
    }
    progress.announce("building with trunk, size-optimised; the first time takes about 4 minutes");
    let stages = target.join("stages");
    remove(&stages)?;
    let frontend = project.enter("frontend");
    for app in &APPS {
        let stage = stages.join(app.feature);
        fs::create_dir_all(&stage)?;
        let trunk = project
            .command("trunk")
            .args(["build", app.source, "--html-output", app.document])
            .args(["--no-default-features", "--features", app.feature])
            .args(["--release", "--cargo-profile", "wasm-release", "--offline", "--skip-version-check"])
            .arg("--dist")
            .arg(&stage)
            .env("NO_COLOR", "true")
            .env("TRUNK_TOOLS_WASM_BINDGEN", tools::WASM_BINDGEN_VERSION)
            .env("TRUNK_TOOLS_WASM_OPT", tools::WASM_OPT_VERSION)
            // Its own folder: a build for this machine and this one would wait for each other.
            .env("CARGO_TARGET_DIR", &target);
        progress.run(trunk, &project.tools().join(format!("log/web-{}.log", app.feature)))?;
    }
    drop(frontend);
    // All at once at the end: a server of `dist` meanwhile keeps the former app.
    remove(&dist)?;
    for app in &APPS {
        move_into(&stages.join(app.feature), &dist)?;
    }
    project.command("node").arg(project.path("xtask/src/compress.mjs")).arg(&dist).quiet().run()?;
    fs::write(stamp, built(&dist)?)?;
    Ok("built".to_owned())
}

/// Removes a folder, if it exists.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Moves all files under `from` to the same places under `to`. Files that several apps have (style sheets, assets)
/// have the same name and the same content.
fn move_into(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        if !file.ends_with(".trunk-lock") {
            fs::rename(&file, &target).with_context(|| format!("moving {}", file.display()))?;
        }
    }
    Ok(())
}

/// A fingerprint of the app's sources, its tools and the compiler.
fn sources(project: &Project) -> Result<String> {
    let compiler = project.command("rustc").arg("-vV").quiet().read()?;
    let mut paths = project.sources_of("frontend")?;
    paths.extend(
        ["Cargo.toml", "Cargo.lock", "frontend/tests/package-lock.json"].map(|path| project.path(path)),
    );
    Ok(format!("{} {} {}", fingerprint(&paths)?, tools::web_versions(), compiler.replace('\n', " ")))
}

/// A hash of the names and contents of all source files under `paths`.
fn fingerprint(paths: &[impl AsRef<Path>]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        for file in files(path.as_ref())? {
            let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            (file, content).hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The files under `path`, sorted, but those in folders below it that are no sources.
fn files(path: &Path) -> Result<BTreeSet<PathBuf>> {
    WalkDir::new(path)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || NOT_SOURCES.iter().all(|folder| entry.file_name() != *folder)
        })
        .filter(|entry| !entry.as_ref().is_ok_and(|entry| entry.file_type().is_dir()))
        .map(|entry| Ok(entry?.into_path()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_changes_with_a_name_or_a_content_and_with_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (app, dist) = (folder.path().join("app.rs"), folder.path().join("dist"));
        fs::create_dir(&dist).unwrap();
        fs::write(&app, "one").unwrap();
        let of = || fingerprint(&[folder.path()]).unwrap();
        let first = of();

        fs::write(dist.join("app.wasm"), "built").unwrap();
        fs::write(&app, "one").unwrap(); // written again, the same
        assert_eq!(of(), first);

        fs::write(&app, "two").unwrap();
        let changed = of();
        assert_ne!(changed, first);

        fs::rename(&app, folder.path().join("lib.rs")).unwrap();
        assert_ne!(of(), changed);
    }

    #[test]
    fn apps_are_gathered_in_one_folder_and_share_equal_files() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        for app in ["shop", "book"] {
            let stage = folder.path().join(app);
            fs::create_dir_all(stage.join("assets")).unwrap();
            fs::write(stage.join(format!("{app}.wasm")), app).unwrap();
            fs::write(stage.join("assets/icon.svg"), "<svg/>").unwrap();
            fs::write(stage.join(".trunk-lock"), "").unwrap();
            move_into(&stage, &dist).unwrap();
        }
        let files = files(&dist).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.strip_prefix(&dist).unwrap()).collect();
        assert_eq!(names, ["assets/icon.svg", "book.wasm", "shop.wasm"].map(Path::new));
        remove(&dist).unwrap();
        remove(&dist).unwrap();
        assert!(!dist.exists());
    }
}
