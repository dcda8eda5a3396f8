//! A service's release: its functions' zips, the same bytes from the same binaries, and the digest that names it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use service_descriptor::Service;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::project;
use crate::python::hex;

/// The largest zip that we ship. Size is what a cold start waits for.
const LARGEST_ZIP_BYTES: u64 = 3_000_000;

/// A service's zips.
pub(crate) struct Release {
    pub(crate) service: String,
    /// SHA-256 over the zips' names and digests.
    pub(crate) id: String,
    /// Name and file of each.
    pub(crate) zips: Vec<(String, PathBuf)>,
}

impl Release {
    /// Under which key the template looks for a zip in the artifact bucket.
    pub(crate) fn key(&self, function: &str) -> String {
        format!("{}/{}/{function}.zip", self.service, self.id)
    }
}

/// What zips are made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// AWS.
    Ship,
    /// This machine alone: quick to make and large, and named by when the binary was built rather than by what is in it.
    Try,
}

/// Zips the binaries in `folder`.
///
/// # Errors
/// When a binary is missing, or a zip can't be written.
pub(crate) fn make(folder: &Path, purpose: Purpose) -> Result<Vec<Release>> {
    let services = project::services()?.iter().filter(|service| !service.functions.is_empty());
    services.map(|service| make_of(service, folder, purpose)).collect()
}

/// Zips the binaries of one service in `folder`.
///
/// # Errors
/// As [`make`].
pub(crate) fn make_of(service: &Service, folder: &Path, purpose: Purpose) -> Result<Release> {
    let target = if purpose == Purpose::Ship { "zips" } else { "zips-to-try" };
    let target = project::output().join(target).join(&service.name);
    fs::create_dir_all(&target)?;
    let mut digest = Sha256::new();
    let mut zips = Vec::new();
    for (_, function) in service.binaries() {
        let binary = folder.join(&function);
        if !binary.is_file() {
            bail!("{} is missing: build the services' binaries first", binary.display());
        }
        let path = target.join(format!("{function}.zip"));
        let name = match purpose {
            Purpose::Ship => zip_to_ship(&binary, &path),
            Purpose::Try => zip_to_try(&binary, &path),
        };
        let name = name.with_context(|| format!("zipping {}", binary.display()))?;
        digest.update(format!("{function} {name}\n"));
        zips.push((function, path));
    }
    Ok(Release { service: service.name.clone(), id: hex(&digest.finalize()), zips })
}

/// Makes the zip, or keeps the one that is there; what it is named by.
fn zip_to_ship(binary: &Path, path: &Path) -> Result<String> {
    let zip = kept_or_zipped(&fs::read(binary)?, path)?;
    Ok(hex(&Sha256::digest(zip)))
}

/// As [`zip_to_ship`].
fn zip_to_try(binary: &Path, path: &Path) -> Result<String> {
    let about = fs::metadata(binary)?;
    let built = about.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    let name = format!("{} bytes of {built}", about.len());
    let of = path.with_extension("of");
    if !path.is_file() || fs::read_to_string(&of).ok().as_ref() != Some(&name) {
        write_whole(path, &zipped(&fs::read(binary)?, CompressionMethod::Stored)?)?;
        write_whole(&of, name.as_bytes())?;
    }
    Ok(name)
}

/// Zips, and prints each zip's size and each release's id.
///
/// # Errors
/// As [`make`]; or when a zip is larger than we ship.
pub(crate) fn print(folder: &Path) -> Result<()> {
    let releases = make(folder, Purpose::Ship)?;
    for release in &releases {
        println!("{} {}", release.service, release.id);
        for (function, path) in &release.zips {
            println!("  {function}.zip: {} bytes", fs::metadata(path)?.len());
        }
    }
    releases.iter().try_for_each(within_limit)
}

/// Fails when one of the release's zips is larger than we ship.
///
/// # Errors
/// Then, and when one can't be read.
pub(crate) fn within_limit(release: &Release) -> Result<()> {
    let mut too_large = Vec::new();
    for (function, path) in &release.zips {
        if fs::metadata(path)?.len() > LARGEST_ZIP_BYTES {
            too_large.push(function.as_str());
        }
    }
    if !too_large.is_empty() {
        bail!("above {LARGEST_ZIP_BYTES} bytes: {} (were they built with --release?)", too_large.join(", "));
    }
    Ok(())
}

/// The zip at `path` if it is this binary's, or a new one there.
fn kept_or_zipped(binary: &[u8], path: &Path) -> Result<Vec<u8>> {
    let digest = hex(&Sha256::digest(binary));
    let of = path.with_extension("of");
    if let (Ok(kept), Ok(zip)) = (fs::read_to_string(&of), fs::read(path))
        && kept == format!("{digest} {}", hex(&Sha256::digest(&zip)))
    {
        return Ok(zip);
    }
    let zip = zipped(binary, CompressionMethod::Deflated)?;
    write_whole(path, &zip)?;
    write_whole(&of, format!("{digest} {}", hex(&Sha256::digest(&zip))).as_bytes())?;
    Ok(zip)
}

/// Renamed into place: two runs at a time must not read each other's half.
fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let half = path.with_extension(format!("half-{}", std::process::id()));
    fs::write(&half, content).with_context(|| format!("writing {}", half.display()))?;
    fs::rename(&half, path).with_context(|| format!("writing {}", path.display()))
}

/// A zip of one executable `bootstrap`. No time and no machine is in it.
fn zipped(binary: &[u8], method: CompressionMethod) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .compression_level((method == CompressionMethod::Deflated).then_some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
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
        let zip = zipped(&binary, CompressionMethod::Deflated).unwrap();
        assert_eq!(zip, zipped(&binary, CompressionMethod::Deflated).unwrap());
        // Pinned: another version of the compressor would change every release's id without a change of ours.
        let small =
            hex(&Sha256::digest(zipped(b"#!/bin/sh\nexit 0\n", CompressionMethod::Deflated).unwrap()));
        assert_eq!(small, "31fe6bca93bcbf5193e659a931772aa504d78d029ebac846efa37d53bfbb6170");
    }

    #[test]
    fn what_is_unzipped_is_executable_and_whole() {
        for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
            let zip = zipped(b"binary", method).unwrap();
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
            assert_eq!(archive.len(), 1);
            let mut file = archive.by_index(0).unwrap();
            assert_eq!((file.name().unwrap().as_ref(), file.unix_mode()), ("bootstrap", Some(0o100_755)));
            let mut content = Vec::new();
            std::io::copy(&mut file, &mut content).unwrap();
            assert_eq!(content, b"binary");
        }
    }

    #[test]
    fn a_kept_zip_is_used_only_for_its_own_binary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.zip");
        let first = kept_or_zipped(b"first", &path).unwrap();
        assert_eq!(kept_or_zipped(b"first", &path).unwrap(), first);
        let second = zipped(b"second", CompressionMethod::Deflated).unwrap();
        assert_eq!(kept_or_zipped(b"second", &path).unwrap(), second);
        fs::write(&path, b"torn").unwrap();
        assert_eq!(kept_or_zipped(b"second", &path).unwrap(), second);
    }

    #[test]
    fn a_missing_binary_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = make(folder.path(), Purpose::Ship).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("booking-http is missing"), "{error}");
    }
}
