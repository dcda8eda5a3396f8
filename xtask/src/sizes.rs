//! The web app's weight, and the budget it has to keep: what is too large is waited for by every customer.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::project::Project;
use crate::run;

/// What the wasm of one document may weigh, in bytes after brotli.
pub(crate) const WASM_BUDGET: u64 = 170_000;

/// What a first page may weigh with everything it asks for, in bytes after brotli.
pub(crate) const FIRST_LOAD_BUDGET: u64 = 225_000;

/// A file: name, bytes, bytes after brotli.
type File = (String, u64, u64);

/// What `frontend/dist` weighs: the first load of each of its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sizes(Vec<FirstLoad>);

/// What somebody waits for whose first page has this document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FirstLoad {
    document: String,
    /// The files that it asks for, and itself.
    files: Vec<File>,
}

/// Writes a `.br` and a `.gz` beside each file in `dist` that gets smaller by it, and measures the first load of
/// each of `documents`.
///
/// # Errors
/// When Node fails, or `dist` lacks one of the documents.
pub(crate) fn compress(project: &Project, dist: &Path, documents: &[&str]) -> Result<Sizes> {
    crate::tools::need_node()?;
    let mut node = project.command("node");
    node.arg(project.path("xtask/src/compress.mjs")).arg(dist);
    let files: Vec<Value> = serde_json::from_str(&run::output(node)?).context("reading the sizes")?;
    let first_load = |document: &&str| {
        let html = fs::read_to_string(dist.join(document))
            .with_context(|| format!("the build left no {document}"))?;
        let files = files.iter().filter_map(|file| {
            let name = file.get("name")?.as_str()?;
            let size = |key: &str| file.get(key).and_then(Value::as_u64);
            asked_for(name, document, &html)
                .then(|| Some((name.to_owned(), size("raw")?, size("brotli")?)))?
        });
        Ok(FirstLoad { document: (*document).to_owned(), files: files.collect() })
    };
    documents.iter().map(first_load).collect::<Result<_>>().map(Sizes)
}

/// Whether a first page with `document` asks for that file: it is the document, or the document names it.
/// A font that only a style sheet names is fetched when a letter needs it, which the first page's don't.
fn asked_for(name: &str, document: &str, html: &str) -> bool {
    name == document || html.contains(name)
}

impl FirstLoad {
    fn wasm(&self) -> u64 {
        self.files.iter().filter(|(name, ..)| name.ends_with(".wasm")).map(|(.., brotli)| brotli).sum()
    }

    fn total(&self) -> u64 {
        self.files.iter().map(|(.., brotli)| brotli).sum()
    }
}

impl Sizes {
    /// The wasm of the document that has most of it.
    pub(crate) fn largest_wasm(&self) -> u64 {
        self.0.iter().map(FirstLoad::wasm).max().unwrap_or_default()
    }

    /// The first load of the document that asks for most.
    pub(crate) fn largest_total(&self) -> u64 {
        self.0.iter().map(FirstLoad::total).max().unwrap_or_default()
    }

    /// # Errors
    /// When a first load is too large, or no wasm is in it: then it isn't the app that was measured.
    pub(crate) fn within_budget(&self) -> Result<()> {
        if self.0.is_empty() {
            bail!("no document of the web app was measured");
        }
        for load in &self.0 {
            let (wasm, total) = (load.wasm(), load.total());
            if wasm == 0 {
                bail!("{} asks for no wasm: it is not the web app that was built", load.document);
            }
            if wasm > WASM_BUDGET || total > FIRST_LOAD_BUDGET {
                bail!("the web app is over its budget: {load}");
            }
        }
        Ok(())
    }

    pub(crate) fn as_json(&self) -> Value {
        json!(self.0.iter().map(|load| (&load.document, &load.files)).collect::<Vec<_>>())
    }

    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let loads: Vec<(String, Vec<File>)> = serde_json::from_value(json.clone()).ok()?;
        Some(Self(loads.into_iter().map(|(document, files)| FirstLoad { document, files }).collect()))
    }
}

impl fmt::Display for FirstLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: wasm {} of {}, first load {} of {} (brotli)",
            self.document,
            kilobytes(self.wasm()),
            kilobytes(WASM_BUDGET),
            kilobytes(self.total()),
            kilobytes(FIRST_LOAD_BUDGET)
        )
    }
}

/// Each file once, then a line for each document.
impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: BTreeSet<_> = self.0.iter().flat_map(|load| &load.files).collect();
        for (name, raw, brotli) in files {
            writeln!(f, "      {:<44} {:>9} {:>9} brotli", name, kilobytes(*raw), kilobytes(*brotli))?;
        }
        let loads: Vec<String> = self.0.iter().map(|load| format!("      {load}")).collect();
        f.write_str(&loads.join("\n"))
    }
}

/// Bytes as thousands of bytes, one decimal.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loads(weights: &[(u64, u64)]) -> Sizes {
        let load = |&(wasm, css): &(u64, u64)| FirstLoad {
            document: "index.html".into(),
            files: vec![("app.wasm".into(), wasm * 3, wasm), ("app.css".into(), css * 4, css)],
        };
        Sizes(weights.iter().map(load).collect())
    }

    #[test]
    fn the_budget_holds_for_the_wasm_and_for_everything_together_of_each_document() {
        assert!(loads(&[(WASM_BUDGET, 55_000), (1, 1)]).within_budget().is_ok());
        for (sizes, why) in [
            (loads(&[(WASM_BUDGET + 1, 1)]), "wasm too large"),
            (loads(&[(160_000, 65_001)]), "everything together too large"),
            (loads(&[(1, 1), (160_000, 65_001)]), "a second document too large"),
            (loads(&[(0, 1)]), "no wasm at all"),
            (loads(&[]), "nothing measured"),
        ] {
            assert!(sizes.within_budget().is_err(), "{why}");
        }
    }

    #[test]
    fn sizes_survive_their_stamp() {
        let sizes = loads(&[(12_345, 678), (9, 8)]);
        assert_eq!(Sizes::from_json(&sizes.as_json()), Some(sizes));
    }

    #[test]
    fn a_page_is_charged_with_what_it_names_and_no_more() {
        let html = r#"<link rel="preload" href="/figtree-latin.woff2"><script src="/app-1f.js">"#;
        for (name, asked) in [
            ("book.html", true),
            ("index.html", false),
            ("app-1f.js", true),
            ("figtree-latin.woff2", true),
            ("figtree-latin-ext.woff2", false),
        ] {
            assert_eq!(asked_for(name, "book.html", html), asked, "{name}");
        }
    }
}
