//! Building the web app into `frontend/dist`, and knowing when it needn't be built.

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
    ticker.announce("building with trunk, size-optimised; the first time takes about 2 minutes");
    fs::remove_file(&stamp).ok(); // from here on `dist` is no longer what the stamp says
    let mut trunk = project.command("trunk");
    trunk
        .current_dir(project.path("frontend"))
        .args(["build", "--release", "--cargo-profile", "wasm-release", "--offline", "--skip-version-check"])
        .arg("--dist")
        .arg(&dist)
        .env("NO_COLOR", "true")
        // Its own folder: a host build and this one would wait for each other, and overwrite each other's wasm.
        .env("CARGO_TARGET_DIR", project.path("target/web"));
    tools::tell_trunk(&mut trunk);
    run::quietly(trunk, &project.tools().join("log/web.log"), ticker)?;
    let sizes = sizes::compress(project, &dist)?;
    let built = serde_json::json!({ "sources": sources, "dist": fingerprint(&[&dist], &[])?, "sizes": sizes.as_json() });
    fs::create_dir_all(project.path("target/web"))?;
    fs::write(&stamp, built.to_string())?;
    Ok(("built".to_owned(), sizes))
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
}
