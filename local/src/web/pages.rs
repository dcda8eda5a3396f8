use std::path::Path;

use super::WebAppError;
use super::page::Page;

/// The documents of the web app. A release has three, each with an app of its own; an app that was built as one has
/// `index.html` only, which then answers for every view.
pub(super) struct Pages {
    index: Page,
    others: Vec<(&'static str, Page)>,
}

/// Which document has the views under a first part of the path, where that isn't `index.html`.
/// The web app's routes know the same (`Route::is_here`).
const DOCUMENTS: [(&str, &[&str]); 2] =
    [("book.html", &["book"]), ("member.html", &["trips", "miles", "sign-in"])];

impl Pages {
    pub(super) fn open(dist: &Path) -> Result<Self, WebAppError> {
        let index = Page::open(dist, "index.html")?;
        let mut others = Vec::new();
        for (name, _) in DOCUMENTS {
            if dist.join(name).is_file() {
                others.push((name, Page::open(dist, name)?));
            }
        }
        Ok(Self { index, others })
    }

    /// The document of this file name.
    pub(super) fn named(&self, path: &str) -> Option<&Page> {
        let name = path.strip_prefix('/')?;
        if name == "index.html" { Some(&self.index) } else { self.other(name) }
    }

    /// The document of a view.
    pub(super) fn of_view(&self, path: &str) -> &Page {
        document(path).and_then(|name| self.other(name)).unwrap_or(&self.index)
    }

    fn other(&self, name: &str) -> Option<&Page> {
        self.others.iter().find(|(each, _)| *each == name).map(|(_, page)| page)
    }
}

/// Which document has the view at `path`; none: `index.html`. Empty parts count for nothing, as in the web app.
fn document(path: &str) -> Option<&'static str> {
    let first = path.split('/').find(|part| !part.is_empty())?;
    DOCUMENTS.iter().find(|(_, parts)| parts.contains(&first)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edge in AWS is held to the same table.
    const VIEWS: &str = include_str!("../../../frontend/tests/views.json");

    #[test]
    fn each_view_has_its_document() {
        let views: Vec<(String, Option<String>)> = serde_json::from_str(VIEWS).unwrap();
        assert!(views.len() > 20);
        for (path, expected) in views {
            let is_view = super::super::is_view(&path) && !super::super::is_api(&path);
            let shown = is_view.then(|| document(&path).unwrap_or("index.html"));
            assert_eq!(shown, expected.as_deref(), "{path}");
        }
    }

    #[test]
    fn an_app_built_as_one_answers_for_every_view() {
        let dist = tempfile::tempdir().unwrap();
        std::fs::write(dist.path().join("index.html"), "<!doctype html>").unwrap();
        let pages = Pages::open(dist.path()).unwrap();
        assert!(std::ptr::eq(pages.of_view("/trips"), &raw const pages.index));
        assert!(pages.named("/member.html").is_none());
        assert!(pages.named("/index.html").is_some());
    }
}
