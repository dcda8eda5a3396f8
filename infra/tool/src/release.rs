//! A service's release: its functions' zips, the same bytes from the same binaries, and the digest that names it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::project;
use crate::python::hex;

/// What a service's functions are called: the names of their binaries.
pub(crate) const FUNCTIONS: [(&str, [&str; 2]); 2] =
    [("booking", ["booking-http", "booking-outbox"]), ("airmiles", ["airmiles-http", "airmiles-events"])];

/// The largest zip that we ship. Size is what a cold start waits for.
const LARGEST_ZIP_BYTES: u64 = 3_000_000;

/// How hard to press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// As shipped.
    Most,
    /// For zips that never leave this machine.
    Little,
}

impl Effort {
    fn folder(self) -> &'static str {
        match self {
            Self::Most => "zips",
            Self::Little => "quick-zips",
        }
    }

    fn options(self) -> SimpleFileOptions {
        match self {
            Self::Most => SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(9)),
            Self::Little => SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
        }
    }
}

/// A service's zips.
pub(crate) struct Release {
    pub(crate) service: &'static str,
    /// SHA-256 over the zips' names and digests.
    pub(crate) id: String,
    /// Name and file of each.
    pub(crate) zips: Vec<(&'static str, PathBuf)>,
}

impl Release {
    /// Under which key the template looks for a zip in the artifact bucket.
    pub(crate) fn key(&self, function: &str) -> String {
        format!("{}/{}/{function}.zip", self.service, self.id)
    }
}

/// Zips the binaries in `folder`.
///
/// # Errors
/// When a binary is missing, or a zip can't be written.
pub(crate) fn make(folder: &Path, effort: Effort) -> Result<Vec<Release>> {
    let target = project::output().join(effort.folder());
    FUNCTIONS
        .iter()
        .map(|(service, functions)| {
            fs::create_dir_all(target.join(service))?;
            let mut digest = Sha256::new();
            let mut zips = Vec::new();
            for function in functions {
                let binary = folder.join(function);
                let binary = fs::read(&binary).with_context(|| {
                    format!("{} is missing: build the services' binaries first", binary.display())
                })?;
                let path = target.join(service).join(format!("{function}.zip"));
                let zip = kept_or_zipped(&binary, &path, effort)?;
                digest.update(format!("{function} {}\n", hex(&Sha256::digest(&zip))));
                zips.push((*function, path));
            }
            Ok(Release { service, id: hex(&digest.finalize()), zips })
        })
        .collect()
}

/// Zips, and says each zip's size and each release's id.
///
/// # Errors
/// As [`make`]; or when a zip is larger than we ship.
pub(crate) fn print(folder: &Path) -> Result<()> {
    let mut too_large = Vec::new();
    for release in make(folder, Effort::Most)? {
        println!("{} {}", release.service, release.id);
        for (function, path) in &release.zips {
            let bytes = fs::metadata(path)?.len();
            println!("  {function}.zip: {bytes} bytes");
            if bytes > LARGEST_ZIP_BYTES {
                too_large.push(*function);
            }
        }
    }
    if !too_large.is_empty() {
        bail!("above {LARGEST_ZIP_BYTES} bytes: {} (were they built with --release?)", too_large.join(", "));
    }
    Ok(())
}

/// The zip at `path` if it is this binary's, or a new one there.
fn kept_or_zipped(binary: &[u8], path: &Path, effort: Effort) -> Result<Vec<u8>> {
    let digest = hex(&Sha256::digest(binary));
    let of = path.with_extension("of");
    if let (Ok(kept), Ok(zip)) = (fs::read_to_string(&of), fs::read(path))
        && kept == format!("{digest} {}", hex(&Sha256::digest(&zip)))
    {
        return Ok(zip);
    }
    let zip = zipped(binary, effort)?;
    // Renamed into place: two runs at a time must not read each other's half.
    for (path, content) in
        [(path, &zip[..]), (&of, format!("{digest} {}", hex(&Sha256::digest(&zip))).as_bytes())]
    {
        let half = path.with_extension(format!("half-{}", std::process::id()));
        fs::write(&half, content).with_context(|| format!("writing {}", half.display()))?;
        fs::rename(&half, path).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(zip)
}

/// A zip of one executable `bootstrap`. No time and no machine is in it.
fn zipped(binary: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = effort.options().last_modified_time(DateTime::default()).unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(binary)?;
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_binary_gives_the_same_bytes() {
        let binary: Vec<u8> =
            (0..200_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 20).to_le_bytes()).collect();
        let zip = zipped(&binary, Effort::Most).unwrap();
        assert_eq!(zip, zipped(&binary, Effort::Most).unwrap());
        // Pinned: another version of the compressor would change every release's id without a change of ours.
        let small = hex(&Sha256::digest(zipped(b"#!/bin/sh\nexit 0\n", Effort::Most).unwrap()));
        assert_eq!(small, "31fe6bca93bcbf5193e659a931772aa504d78d029ebac846efa37d53bfbb6170");
    }

    #[test]
    fn what_is_unzipped_is_executable_and_whole() {
        let zip = zipped(b"binary", Effort::Most).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_index(0).unwrap();
        assert_eq!((file.name().unwrap().as_ref(), file.unix_mode()), ("bootstrap", Some(0o100_755)));
        let mut content = Vec::new();
        std::io::copy(&mut file, &mut content).unwrap();
        assert_eq!(content, b"binary");
    }

    #[test]
    fn a_kept_zip_is_used_only_for_its_own_binary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.zip");
        let first = kept_or_zipped(b"first", &path, Effort::Most).unwrap();
        assert_eq!(kept_or_zipped(b"first", &path, Effort::Most).unwrap(), first);
        assert_eq!(
            kept_or_zipped(b"second", &path, Effort::Most).unwrap(),
            zipped(b"second", Effort::Most).unwrap()
        );
        fs::write(&path, b"torn").unwrap();
        assert_eq!(
            kept_or_zipped(b"second", &path, Effort::Most).unwrap(),
            zipped(b"second", Effort::Most).unwrap()
        );
    }

    #[test]
    fn a_missing_binary_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = make(folder.path(), Effort::Most).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("booking-http is missing"), "{error}");
    }
}
