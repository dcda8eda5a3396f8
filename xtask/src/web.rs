//! Building the web app into `frontend/dist`, and knowing when it needn't be built.
//!
//! A release is three apps from the one crate, each with a document of its own: docs/decisions/0065.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::run;
use crate::sizes::{self, Sizes};
use crate::steps::{Steps, Ticker};
use crate::tools;

/// What the web app is made of. A new crate that it depends on belongs here.
const SOURCES: [&str; 5] = ["Cargo.toml", "Cargo.lock", "api-types/Cargo.toml", "api-types/src", "frontend"];

/// What lies in `frontend/` and is no source of the app: `styles/bundled` is written by its build.
const NOT_SOURCES: [&str; 4] =
    ["frontend/dist", "frontend/tests", "frontend/node_modules", "frontend/styles/bundled"];

/// One app of the release.
struct App {
    /// The feature of the crate `frontend` that has its pages.
    feature: &'static str,
    /// What trunk builds from, in `frontend/`.
    source: &'static str,
    /// The document it becomes.
    document: &'static str,
}

const APPS: [App; 3] = [
    App { feature: "shop", source: "index.html", document: "index.html" },
    App { feature: "book", source: "app.html", document: "book.html" },
    App { feature: "member", source: "app.html", document: "member.html" },
];

/// How many steps [`build`] takes.
pub(crate) const STEPS: usize = 1;

/// `cargo xtask web`: tools, build, sizes.
///
/// # Errors
/// When a tool is missing, the app doesn't build, or it is over its budget.
pub(crate) fn build_with_its_tools(project: &Project) -> Result<()> {
    let mut steps = Steps::new(tools::WEB_STEPS + STEPS);
    tools::prepare_web(project, &mut steps)?;
    build(project, &mut steps)?.within_budget()
}

/// Builds the web app unless `frontend/dist` is what these sources and tools make, and says how large it is.
///
/// # Errors
/// When it doesn't build.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<Sizes> {
    let mut sizes = None;
    steps.step("web app", |ticker| {
        let (said, measured) = build_if_changed(project, ticker)?;
        sizes = Some(measured);
        Ok(said)
    })?;
    let sizes = sizes.context("a step that succeeds leaves its sizes")?;
    println!("{sizes}");
    Ok(sizes)
}

fn build_if_changed(project: &Project, ticker: &mut Ticker) -> Result<(String, Sizes)> {
    let stamp = project.path("target/web/built.json");
    let dist = project.dist();
    let sources = fingerprint_of_sources(project)?;
    if let Some(sizes) = still_built(&stamp, &dist, &sources) {
        return Ok(("unchanged".to_owned(), sizes));
    }
    ticker.announce("building with trunk, size-optimised; the first time takes about 4 minutes");
    fs::remove_file(&stamp).ok(); // from here on `dist` is no longer what the stamp says
    let stages = project.path("target/web/stages");
    remove(&stages)?;
    for app in &APPS {
        build_one(project, app, &stages.join(app.feature), ticker)?;
    }
    // Only whole: whoever serves `dist` meanwhile goes on with the old one for as long as can be.
    remove(&dist)?;
    for app in &APPS {
        move_into(&stages.join(app.feature), &dist)?;
    }
    let sizes = sizes::compress(project, &dist, &APPS.map(|app| app.document))?;
    let built = serde_json::json!({ "sources": sources, "dist": fingerprint(&[&dist], &[])?, "sizes": sizes.as_json() });
    fs::create_dir_all(project.path("target/web"))?;
    fs::write(&stamp, built.to_string())?;
    Ok(("built".to_owned(), sizes))
}

fn build_one(project: &Project, app: &App, stage: &Path, ticker: &mut Ticker) -> Result<()> {
    fs::create_dir_all(stage)?;
    let mut trunk = project.command("trunk");
    trunk
        .current_dir(project.path("frontend"))
        .args(["build", app.source, "--html-output", app.document])
        .args(["--no-default-features", "--features", app.feature])
        .args(["--release", "--cargo-profile", "wasm-release", "--offline", "--skip-version-check"])
        .arg("--dist")
        .arg(stage)
        .env("NO_COLOR", "true")
        // Its own folder: a host build and this one would wait for each other, and overwrite each other's wasm.
        .env("CARGO_TARGET_DIR", project.path("target/web"));
    tools::tell_trunk(&mut trunk);
    run::quietly(trunk, &project.tools().join(format!("log/web-{}.log", app.feature)), ticker)
}

/// Removes a folder with all that is in it, if it is there.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Moves all files under `from` to the same places under `to`. What several apps have (style sheets, assets) has the
/// same name and the same content.
fn move_into(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            move_into(&source, &target)?;
        } else if entry.file_name() != ".trunk-lock" {
            fs::rename(&source, &target).with_context(|| format!("moving {}", source.display()))?;
        }
    }
    Ok(())
}

/// The sizes of `dist`, if it is still what was built from these sources: `trunk serve` writes there too.
fn still_built(stamp: &Path, dist: &Path, sources: &str) -> Option<Sizes> {
    let built: serde_json::Value = serde_json::from_slice(&fs::read(stamp).ok()?).ok()?;
    let same = built.get("sources")?.as_str()? == sources
        && built.get("dist")?.as_str()? == fingerprint(&[dist], &[]).ok()?;
    if same { Sizes::from_json(built.get("sizes")?) } else { None }
}

fn fingerprint_of_sources(project: &Project) -> Result<String> {
    let mut ask = project.command("rustc");
    ask.arg("-vV");
    let compiler = run::output(ask).context("asking rustc for its version")?;
    let sources: Vec<_> = SOURCES.iter().map(|source| project.path(source)).collect();
    let not: Vec<_> = NOT_SOURCES.iter().map(|path| project.path(path)).collect();
    for source in &sources {
        if !source.exists() {
            bail!("{} is missing from the checkout", project.short(source));
        }
    }
    let files = fingerprint(
        &sources.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        &not.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
    )?;
    Ok(format!("{files} {} {}", tools::web_versions(), compiler.replace('\n', " ")))
}

/// A hash over the names and contents of all files under `paths` but those under `but`.
fn fingerprint(paths: &[&Path], but: &[&Path]) -> Result<String> {
    let mut files = BTreeMap::new();
    for path in paths {
        collect(path, but, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, but: &[&Path], files: &mut BTreeMap<std::path::PathBuf, Vec<u8>>) -> Result<()> {
    if but.contains(&path) {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), but, files)?;
        }
        return Ok(());
    }
    let content = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    files.insert(path.to_owned(), content);
    Ok(())
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
        let of = || fingerprint(&[folder.path()], &[&dist]).unwrap();
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
    fn apps_are_gathered_in_one_folder_where_they_share_what_is_the_same() {
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
        let mut files = BTreeMap::new();
        collect(&dist, &[], &mut files).unwrap();
        let names: Vec<_> = files.keys().map(|file| file.strip_prefix(&dist).unwrap().to_owned()).collect();
        assert_eq!(names, ["assets/icon.svg", "book.wasm", "shop.wasm"].map(std::path::PathBuf::from));
        remove(&dist).unwrap();
        remove(&dist).unwrap(); // nothing there is no fault
        assert!(!dist.exists());
    }
}
