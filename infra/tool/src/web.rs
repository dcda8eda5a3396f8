//! The built web app as a release uploads it: which file is called what, and how long browsers may keep it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::project;

/// A file of the web app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct WebFile {
    /// Its path below the web app's root.
    pub(crate) key: String,
    pub(crate) path: PathBuf,
    pub(crate) content_type: &'static str,
    pub(crate) cache_control: &'static str,
}

/// A name that holds the content's hash never means other content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Files that keep their name are revalidated each time, with 304 if unchanged.
const ASK_AGAIN: &str = "no-cache";

/// The files in `dist`, documents last: what they need is there before they are. Compressed copies are left out: CloudFront
/// compresses.
///
/// # Errors
/// When the folder can't be read, holds no index.html, or a file of a kind that isn't known here.
pub(crate) fn files(dist: &Path) -> Result<Vec<WebFile>> {
    let mut files = Vec::new();
    for key in project::files_below(dist)? {
        let path = dist.join(&key);
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue; // the build's own
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let content_type = match extension.as_ref() {
            "br" | "gz" => continue,
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "wasm" => "application/wasm",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "woff2" => "font/woff2",
            "json" | "webmanifest" => "application/json",
            "md" => "text/markdown; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            _ => bail!("{key}: what kind of content is .{extension}? Say it in infra/tool/src/web.rs"),
        };
        let cache_control = if is_named_by_content(&key) { FOR_EVER } else { ASK_AGAIN };
        files.push(WebFile { key, path, content_type, cache_control });
    }
    if !files.iter().any(|file| file.key == "index.html") {
        bail!("{} holds no index.html: build the web app first", dist.display());
    }
    files.sort_by_key(|file| file.key.ends_with(".html")); // stable: by name besides
    Ok(files)
}

/// Whether a part of the name between `-`, `_` and `.` is a hash: twelve or more hexadecimal digits.
fn is_named_by_content(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.split(['-', '_', '.'])
        .any(|part| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_by_its_content_is_kept_for_ever() {
        for (key, for_ever) in [
            ("frontend-25ce43f23b969d97_bg.wasm", true),
            ("app-9b1571ef91c9fc66.css", true),
            ("frontend-765badb3162f63.js", true),
            ("index.html", false),
            ("assets/figtree-5.3.0.woff2", false),
            ("assets/facade.svg", false),
        ] {
            assert_eq!(is_named_by_content(key), for_ever, "{key}");
        }
    }

    #[test]
    fn the_page_comes_after_what_it_needs_and_compressed_copies_not_at_all() {
        let dist = tempfile::tempdir().unwrap();
        std::fs::create_dir(dist.path().join("assets")).unwrap();
        for name in ["index.html", "index.html.br", ".trunk-lock", "z-0123456789abcdef.js", "assets/icon.svg"]
        {
            std::fs::write(dist.path().join(name), "x").unwrap();
        }
        let files = files(dist.path()).unwrap();
        let keys: Vec<_> = files.iter().map(|file| (file.key.as_str(), file.cache_control)).collect();
        assert_eq!(
            keys,
            [("assets/icon.svg", ASK_AGAIN), ("z-0123456789abcdef.js", FOR_EVER), ("index.html", ASK_AGAIN)]
        );
    }

    #[test]
    fn an_unknown_kind_and_a_missing_page_are_said() {
        let dist = tempfile::tempdir().unwrap();
        assert!(files(dist.path()).unwrap_err().to_string().contains("no index.html"));
        std::fs::write(dist.path().join("a.exe"), "x").unwrap();
        assert!(files(dist.path()).unwrap_err().to_string().contains("a.exe: what kind"));
    }
}
