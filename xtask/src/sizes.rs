//! The web app's weight, and the budget it has to keep: what is too large is waited for by every customer.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::project::Project;
use crate::run;

/// What the wasm may weigh, in bytes after brotli.
pub(crate) const WASM_BUDGET: u64 = 170_000;

/// What the first page may weigh with everything it asks for, in bytes after brotli.
pub(crate) const FIRST_LOAD_BUDGET: u64 = 225_000;

/// What `frontend/dist` weighs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// The files that the first page asks for: name, bytes, bytes after brotli.
    first_load: Vec<(String, u64, u64)>,
}

/// Writes a `.br` and a `.gz` beside each file in `dist` that gets smaller by it, and measures the first load.
///
/// # Errors
/// When Node fails, or `dist` has no `index.html`.
pub(crate) fn compress(project: &Project, dist: &Path) -> Result<Sizes> {
    crate::tools::need_node()?;
    let mut node = project.command("node");
    node.arg(project.path("xtask/src/compress.mjs")).arg(dist);
    let files: Vec<Value> = serde_json::from_str(&run::output(node)?).context("reading the sizes")?;
    let index = fs::read_to_string(dist.join("index.html")).context("the build left no index.html")?;
    let first_load = files
        .iter()
        .filter_map(|file| {
            let name = file.get("name")?.as_str()?;
            asked_for(name, &index).then(|| {
                let size = |key: &str| file.get(key).and_then(Value::as_u64);
                Some((name.to_owned(), size("raw")?, size("brotli")?))
            })?
        })
        .collect();
    Ok(Sizes { first_load })
}

/// Whether the first page asks for that file: it is the page, or the page names it.
/// A font that only a style sheet names is fetched when a letter needs it, which the first page's don't.
fn asked_for(name: &str, index: &str) -> bool {
    name == "index.html" || index.contains(name)
}

impl Sizes {
    pub(crate) fn wasm(&self) -> u64 {
        self.first_load.iter().filter(|(name, ..)| name.ends_with(".wasm")).map(|(.., brotli)| brotli).sum()
    }

    pub(crate) fn total(&self) -> u64 {
        self.first_load.iter().map(|(.., brotli)| brotli).sum()
    }

    /// # Errors
    /// When the app is too large, or no wasm is in it: then it isn't the app that was measured.
    pub(crate) fn within_budget(&self) -> Result<()> {
        let (wasm, total) = (self.wasm(), self.total());
        if wasm == 0 {
            bail!("the page asks for no wasm: it is not the web app that was built");
        }
        if wasm > WASM_BUDGET || total > FIRST_LOAD_BUDGET {
            bail!(
                "the web app is over its budget: wasm {} of {}, first load {} of {} (brotli)",
                kilobytes(wasm),
                kilobytes(WASM_BUDGET),
                kilobytes(total),
                kilobytes(FIRST_LOAD_BUDGET)
            );
        }
        Ok(())
    }

    pub(crate) fn as_json(&self) -> Value {
        json!(self.first_load)
    }

    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        serde_json::from_value(json.clone()).ok().map(|first_load| Self { first_load })
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, raw, brotli) in &self.first_load {
            writeln!(f, "      {:<44} {:>9} {:>9} brotli", name, kilobytes(*raw), kilobytes(*brotli))?;
        }
        write!(
            f,
            "      wasm {} of {}, first load {} of {} (brotli)",
            kilobytes(self.wasm()),
            kilobytes(WASM_BUDGET),
            kilobytes(self.total()),
            kilobytes(FIRST_LOAD_BUDGET)
        )
    }
}

/// Bytes as thousands of bytes, one decimal.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighing(wasm: u64, css: u64) -> Sizes {
        Sizes { first_load: vec![("app.wasm".into(), wasm * 3, wasm), ("app.css".into(), css * 4, css)] }
    }

    #[test]
    fn the_budget_holds_for_the_wasm_and_for_everything_together() {
        assert!(weighing(WASM_BUDGET, 55_000).within_budget().is_ok());
        for (sizes, why) in [
            (weighing(WASM_BUDGET + 1, 1), "wasm too large"),
            (weighing(160_000, 65_001), "everything together too large"),
            (weighing(0, 1), "no wasm at all"),
        ] {
            assert!(sizes.within_budget().is_err(), "{why}");
        }
    }

    #[test]
    fn sizes_survive_their_stamp() {
        let sizes = weighing(12_345, 678);
        assert_eq!(Sizes::from_json(&sizes.as_json()), Some(sizes));
    }

    #[test]
    fn the_first_page_is_charged_with_what_it_names_and_no_more() {
        let index = r#"<link rel="preload" href="/figtree-latin.woff2"><script src="/app-1f.js">"#;
        for (name, asked) in [
            ("index.html", true),
            ("app-1f.js", true),
            ("figtree-latin.woff2", true),
            ("figtree-latin-ext.woff2", false),
        ] {
            assert_eq!(asked_for(name, index), asked, "{name}");
        }
    }
}
