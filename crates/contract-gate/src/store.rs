//! Released copies: what each environment runs, one file per environment and service.
//!
//! One file, so that a copy is there or is not: `<store>/<environment>/<service>.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::contract::Documents;
use crate::registration::Registration;
use crate::tree::ENVIRONMENTS;

/// What one service gives and reads in one environment, since its last release there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub environment: String,
    pub service: String,
    /// Which release it is, in the pipeline's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub gives: Documents,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Client>,
    /// What the release before read, if browsers may still run it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Client>,
}

/// What a release reads, and the contracts that it was built with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub registration: Registration,
    /// What its providers gave when it was built, by service: what it knows how to read.
    pub built_with: BTreeMap<String, Documents>,
}

#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    pub fn open(folder: &Path) -> Result<Self> {
        if !folder.is_dir() {
            bail!(
                "there is no folder {} with released copies: fetch them there, or make it if nothing was ever released",
                folder.display()
            );
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// The environments that anything was released into, in their order.
    pub fn environments(&self) -> Vec<&'static str> {
        ENVIRONMENTS.into_iter().filter(|name| self.folder.join(name).is_dir()).collect()
    }

    /// What runs in `environment`, by service.
    pub fn running(&self, environment: &str) -> Result<BTreeMap<String, Release>> {
        let folder = self.folder.join(environment);
        let mut running = BTreeMap::new();
        if !folder.is_dir() {
            return Ok(running);
        }
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let release = read(&path, environment)?;
            running.insert(release.service.clone(), release);
        }
        for release in running.values() {
            let mut needed = release.client.iter().flat_map(|client| client.registration.reads.keys());
            if let Some(missing) = needed.find(|service| !running.contains_key(*service)) {
                bail!(
                    "the released copy of {missing} in {environment} is missing, although {} was released there against \
                     it: put {} back",
                    release.service,
                    self.path(environment, missing).display()
                );
            }
        }
        Ok(running)
    }

    /// The last release of `service` into `environment`, if there was one.
    pub fn last(&self, environment: &str, service: &str) -> Result<Option<Release>> {
        let path = self.path(environment, service);
        if path.is_file() { read(&path, environment).map(Some) } else { Ok(None) }
    }

    /// Notes a release, in place of the one before. Either the whole copy is there afterwards, or the former.
    pub fn note(&self, release: &Release) -> Result<PathBuf> {
        let path = self.path(&release.environment, &release.service);
        let folder = path.parent().context("a copy lies in its environment's folder")?;
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let mut text = serde_json::to_string_pretty(release)?;
        text.push('\n');
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, text).with_context(|| format!("writing {}", unfinished.display()))?;
        fs::rename(&unfinished, &path).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }

    fn path(&self, environment: &str, service: &str) -> PathBuf {
        self.folder.join(environment).join(format!("{service}.json"))
    }
}

fn read(path: &Path, environment: &str) -> Result<Release> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("reading {shown}"))?;
    let release: Release = serde_json::from_str(&text)
        .with_context(|| format!("the released copy {shown} is damaged: restore its last version"))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if release.environment != environment || *release.service != *stem {
        bail!(
            "the released copy {shown} is that of {} in {}: put it where it belongs",
            release.service,
            release.environment
        );
    }
    Ok(release)
}
