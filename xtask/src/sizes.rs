//! The web app's size, and its budget: every customer waits for every byte.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

/// The limit for the wasm of one document, in bytes after brotli.
const WASM_BUDGET: u64 = 170_000;

/// The limit for a first page with everything that it requests, in bytes after brotli.
const FIRST_LOAD_BUDGET: u64 = 225_000;

/// The bytes, after brotli, that a browser loads for a first page with this document.
#[derive(Debug)]
pub(crate) struct FirstLoad {
    document: String,
    wasm: u64,
    total: u64,
}

impl FirstLoad {
    /// Measures `document` and the files that it names in the compressed folder `dist`.
    pub(crate) fn measure(dist: &Path, document: &str) -> Result<Self> {
        let html = fs::read_to_string(dist.join(document))
            .with_context(|| format!("the web app has no {document}"))?;
        let mut load = Self { document: document.to_owned(), wasm: 0, total: 0 };
        for file in WalkDir::new(dist) {
            let file = file?;
            let name = file.path().strip_prefix(dist)?.to_string_lossy().into_owned();
            // A font that only a style sheet names is requested when a letter needs it: none of a first page's does.
            if !file.file_type().is_file() || !(name == document || html.contains(&name)) {
                continue;
            }
            let compressed = fs::metadata(dist.join(format!("{name}.br"))).ok();
            let bytes = compressed.map_or_else(|| fs::metadata(file.path()), Ok)?.len();
            load.total += bytes;
            load.wasm += if name.ends_with(".wasm") { bytes } else { 0 };
        }
        Ok(load)
    }

    /// Fails when the first load is too large, or no wasm is in it: then it isn't the app that was measured.
    pub(crate) fn check(&self) -> Result<()> {
        if self.wasm == 0 {
            bail!("{} requests no wasm: it is not the built web app", self.document);
        }
        if self.wasm > WASM_BUDGET || self.total > FIRST_LOAD_BUDGET {
            bail!("the web app is over its budget: {self}");
        }
        Ok(())
    }
}

impl fmt::Display for FirstLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobytes = |bytes: u64| format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100);
        let (wasm, total) = (kilobytes(self.wasm), kilobytes(self.total));
        let [wasm_budget, total_budget] = [WASM_BUDGET, FIRST_LOAD_BUDGET].map(kilobytes);
        write!(
            f,
            "{}: wasm {wasm} of {wasm_budget}, first load {total} of {total_budget} (brotli)",
            self.document
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_for_the_wasm_and_for_the_whole_first_load() {
        for (wasm, total, fits) in [
            (WASM_BUDGET, FIRST_LOAD_BUDGET, true),
            (WASM_BUDGET + 1, FIRST_LOAD_BUDGET, false),
            (WASM_BUDGET, FIRST_LOAD_BUDGET + 1, false),
            (0, 1, false), // not the app
        ] {
            let load = FirstLoad { document: "index.html".into(), wasm, total };
            assert_eq!(load.check().is_ok(), fits, "{load}");
        }
    }

    #[test]
    fn a_first_load_is_the_document_with_the_files_that_it_names() {
        let dist = tempfile::tempdir().unwrap();
        let html = r#"<link rel="preload" href="/latin.woff2"><script src="/app-1f.js"> app-1f.wasm"#;
        for (name, content) in [
            ("book.html", html),
            ("book.html.br", "12345"),
            ("index.html", "another document"),
            ("app-1f.js", "a longer script"),
            ("app-1f.js.br", "1234567"),
            ("app-1f.wasm", "a longer program"),
            ("app-1f.wasm.br", "123"),
            ("latin.woff2", "1234567890"),
            ("latin-ext.woff2", "not requested"),
        ] {
            fs::write(dist.path().join(name), content).unwrap();
        }
        let load = FirstLoad::measure(dist.path(), "book.html").unwrap();
        assert_eq!((load.wasm, load.total), (3, 3 + 5 + 7 + 10));
    }
}
