use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use inline_sources::Sources;
use service_descriptor::{ReleaseContent, Service};
use sha2::{Digest, Sha256};

use super::binaries::build;
use super::facts::{self, Facts};
use super::{cargo, run};
use crate::python::hex;
use crate::release::Release;
use crate::web::WebFile;
use crate::{check, project, release, web};

/// The arguments of `release`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which service
    service: String,
    /// The folder to write: template.json, <environment>.json, id, and the zips or the web app's files
    #[arg(long)]
    into: PathBuf,
    /// An environment and what is known of it, <environment>=<facts as JSON>; may be said several times
    #[arg(long = "environment")]
    environments: Vec<Facts>,
    /// The folder with the functions' binaries for arm64; without it they are built
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// The folder with the built web app; without it, it is built
    #[arg(long)]
    dist: Option<PathBuf>,
    /// What the web app's last releases brought inline, as `former` fetched it
    #[arg(long)]
    former: Option<PathBuf>,
}

/// Of how many releases the inline parts stay allowed. CloudFront takes no header above 1,783 characters, and a release's
/// hashes are a good 250.
const KEPT: usize = 3;

/// The file with the hashes of previous releases' inline content. It is not part of this release.
const INLINE: &str = "inline.json";

/// What one release's documents bring inline.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Inline {
    scripts: String,
    styles: String,
}

/// Builds a service's release once, for every environment.
///
/// # Errors
/// When it can't be built, an environment's facts are too few, or the folder can't be written.
pub(crate) fn release(options: &Options) -> Result<()> {
    let service = project::services()?.get(&options.service)?;
    if options.into.exists() {
        fs::remove_dir_all(&options.into).with_context(|| format!("emptying {}", options.into.display()))?;
    }
    fs::create_dir_all(&options.into).with_context(|| format!("making {}", options.into.display()))?;
    let mut known = BTreeMap::new();
    let mut zipped = None;
    match service.release {
        ReleaseContent::Functions => {
            let release = zips(service, options)?;
            known.insert("Release", release.id.clone());
            zipped = Some(release);
        }
        ReleaseContent::Files => known = files(options)?,
        ReleaseContent::Nothing => {}
    }
    let template = translated(service, zipped.as_ref(), &options.into)?;
    for facts in &options.environments {
        let told = facts::configuration(&service.name, &template, facts, &known)?;
        project::write_json(&options.into.join(format!("{}.json", facts.environment)), &told)?;
    }
    let id = match zipped {
        Some(release) => release.id,
        None => digest(&options.into, &options.environments)?,
    };
    fs::write(options.into.join("service"), &service.name)?;
    fs::write(options.into.join("id"), &id)?;
    println!("{} {id} in {}", service.name, options.into.display());
    Ok(())
}

/// The functions' zips, in the folder and named by what is in them.
fn zips(service: &Service, options: &Options) -> Result<Release> {
    let binaries = match &options.binaries {
        Some(folder) => folder.clone(),
        None => {
            if !cfg!(target_arch = "aarch64") {
                bail!("functions run on arm64: release on such a machine, or give --binaries built for it");
            }
            let package = service.package.as_deref().context("a service with functions has a crate")?;
            build(package)?
        }
    };
    let release = release::make_of(service, &binaries, release::Purpose::Ship)?;
    release::within_limit(&release)?;
    for (function, zip) in &release.zips {
        fs::copy(zip, options.into.join(format!("{function}.zip")))?;
    }
    Ok(release)
}

/// The web app's files, in the folder with a list of them; gives the parameters that its stack learns from them.
fn files(options: &Options) -> Result<BTreeMap<&'static str, String>> {
    let dist = match &options.dist {
        Some(folder) => folder.clone(),
        None => {
            run(cargo(&["xtask", "web"]))?;
            project::root().join("frontend/dist")
        }
    };
    let mut list = Vec::new();
    let (mut scripts, mut styles) = (Sources::default(), Sources::default());
    for file in web::files(&dist)? {
        let path = Path::new("files").join(&file.key);
        let target = options.into.join(&path);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        fs::copy(&file.path, target)?;
        if file.key.ends_with(".html") {
            let html = fs::read_to_string(&file.path)?;
            scripts.add(&html, "script");
            styles.add(&html, "style");
        }
        list.push(WebFile { path, ..file });
    }
    project::write_json(&options.into.join("files.json"), &list)?;
    allow_former(options, &mut scripts, &mut styles)?;
    Ok(BTreeMap::from([("InlineScripts", scripts.to_string()), ("InlineStyles", styles.to_string())]))
}

/// Adds what the last releases brought inline, and writes down what the next one has to.
///
/// The distribution's policy changes minutes before the documents do, and back again. A document of a release before must not
/// lose its scripts in between.
fn allow_former(options: &Options, scripts: &mut Sources, styles: &mut Sources) -> Result<()> {
    let former = options.former.as_deref().map(project::read_json).transpose()?;
    let mut releases: Vec<Inline> = former.unwrap_or_default();
    let own = Inline { scripts: scripts.to_string(), styles: styles.to_string() };
    for former in &releases {
        scripts.add_former(&former.scripts);
        styles.add_former(&former.styles);
    }
    releases.retain(|former| *former != own);
    releases.insert(0, own);
    releases.truncate(KEPT);
    project::write_json(&options.into.join(INLINE), &releases)
}

/// The service's template as CloudFormation takes it, for this release.
fn translated(service: &Service, release: Option<&Release>, into: &Path) -> Result<serde_json::Value> {
    let folder = project::output().join("release").join(&service.name);
    let releases = release.map_or(&[][..], std::slice::from_ref);
    let translated = check::translate_own(releases, &folder, &[])?;
    let (_, path) = translated
        .iter()
        .find(|(stack, _)| *stack == service.name)
        .with_context(|| format!("{} has no stack", service.name))?;
    let template: serde_json::Value = project::read_json(path)?;
    fs::write(into.join("template.json"), serde_json::to_string(&template)? + "\n")?;
    Ok(template)
}

/// What a release without zips is called: SHA-256 over its files' names and digests, what differs by environment left out.
fn digest(folder: &Path, environments: &[Facts]) -> Result<String> {
    let differs = |name: &String| {
        name == INLINE || environments.iter().any(|facts| *name == format!("{}.json", facts.environment))
    };
    let mut digest = Sha256::new();
    for name in project::files_below(folder)?.into_iter().filter(|name| !differs(name)) {
        digest.update(format!("{name} {}\n", hex(&Sha256::digest(fs::read(folder.join(&name))?))));
    }
    Ok(hex(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_called_after_what_is_in_it_and_not_after_where_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let environments = [r"dev={}".parse::<Facts>().unwrap()];
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("template.json", "{}");
        write("dev.json", "1");
        let first = digest(folder.path(), &environments).unwrap();
        write("dev.json", "2");
        assert_eq!(digest(folder.path(), &environments).unwrap(), first);
        write("template.json", "{ }");
        assert_ne!(digest(folder.path(), &environments).unwrap(), first);
    }

    fn of_the_web_app(dist: &Path, into: &Path, former: Option<PathBuf>) -> Options {
        let (service, dist) = ("web".to_owned(), Some(dist.to_owned()));
        Options { service, into: into.to_owned(), environments: Vec::new(), binaries: None, dist, former }
    }

    #[test]
    fn the_web_apps_files_are_listed_documents_last_and_their_inline_parts_hashed() {
        let dist = tempfile::tempdir().unwrap();
        let into = tempfile::tempdir().unwrap();
        let page = "<script>alert('Hello, world.');</script>";
        for (name, text) in [("index.html", page), ("book.html", page), ("app-0123456789abcdef.js", "1")] {
            fs::write(dist.path().join(name), text).unwrap();
        }
        let known = files(&of_the_web_app(dist.path(), into.path(), None)).unwrap();
        assert_eq!(known["InlineScripts"], " 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
        assert_eq!(known["InlineStyles"], "");
        let list: Vec<serde_json::Value> = project::read_json(&into.path().join("files.json")).unwrap();
        let keys: Vec<_> = list.iter().map(|file| file["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["app-0123456789abcdef.js", "book.html", "index.html"]);
        assert!(list.iter().all(|file| into.path().join(file["path"].as_str().unwrap()).is_file()));
    }

    #[test]
    fn what_the_last_releases_brought_inline_stays_allowed() {
        let dist = tempfile::tempdir().unwrap();
        let into = tempfile::tempdir().unwrap();
        let former = into.path().join("former.json");
        let page = |release: usize| format!("<script>{release}</script><style>a{{}}</style>");
        for release in 0..=KEPT {
            fs::write(dist.path().join("index.html"), page(release)).unwrap();
            let has_former = (release > 0).then(|| former.clone());
            let known = files(&of_the_web_app(dist.path(), into.path(), has_former)).unwrap();
            assert_eq!(known["InlineScripts"].matches("'sha256-").count(), release + 1, "{known:?}");
            assert_eq!(known["InlineStyles"].matches("'sha256-").count(), 1, "{known:?}");
            fs::copy(into.path().join(INLINE), &former).unwrap();
        }
        let kept: Vec<Inline> = project::read_json(&former).unwrap();
        assert_eq!(kept.len(), KEPT);
    }
}
