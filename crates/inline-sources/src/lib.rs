//! Hash sources of a page's inline scripts and styles, for its content security policy.
//!
//! The laptop sends them in each page's header, a release writes them into the distribution's: both must agree.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// Hash sources without repeats, each after a space, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<String>);

impl Sources {
    /// Adds every inline `element` (`script` or `style`) of `html`.
    pub fn add(&mut self, html: &str, element: &str) {
        for content in inline(html, element) {
            self.push(format!("'sha256-{}'", BASE64.encode(Sha256::digest(content))));
        }
    }

    /// Adds sources of an earlier document, as displayed.
    pub fn add_former(&mut self, sources: &str) {
        sources.split_ascii_whitespace().for_each(|source| self.push(source.to_owned()));
    }

    fn push(&mut self, source: String) {
        if !self.0.contains(&source) {
            self.0.push(source);
        }
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|source| write!(f, " {source}"))
    }
}

/// The contents of every `element` of `html` without a `src`.
///
/// Script and style are raw text in HTML and end at their closing tag, so no parser of the rest is needed; comments
/// are skipped.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let lower = html.to_ascii_lowercase(); // same length, byte for byte
    let (opening, closing) = (format!("<{element}"), format!("</{element}"));
    let mut contents = Vec::new();
    let mut at = 0;
    while let Some(found) = lower[at..].find('<').map(|offset| at + offset) {
        let rest = &lower[found..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(lower.len(), |end| found + end + 3);
            continue;
        }
        let raw = ["script", "style"].into_iter().find(|name| {
            rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(name)).is_some_and(|after| {
                after.starts_with(|next: char| next.is_ascii_whitespace() || next == '>' || next == '/')
            })
        });
        let Some(raw) = raw else {
            at = found + 1;
            continue;
        };
        let Some(tag_length) = tag_end(rest) else { break };
        let start = found + tag_length;
        let close = if raw == element { closing.clone() } else { format!("</{raw}") };
        let end = lower[start..].find(&close).map_or(lower.len(), |length| start + length);
        if rest.starts_with(&opening) && raw == element && !has_source(&rest[..tag_length]) {
            contents.push(&html[start..end]);
        }
        at = end + 1;
        if at >= lower.len() {
            break;
        }
    }
    contents
}

/// The length of the tag at the start of `tag`, past its `>`; a `>` within quotes does not end it.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (index, letter) in tag.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '>') => return Some(index + 1),
            _ => {}
        }
    }
    None
}

/// Whether a tag has a `src` attribute.
fn has_source(tag: &str) -> bool {
    tag.split_ascii_whitespace().any(|part| part == "src" || part.starts_with("src="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_and_styles_are_found_byte_for_byte() {
        let html = "<!doctype html><!-- <script>no</script> --><STYLE media=\"(width>1px)\">a{}\n</STYLE>\
            <link rel=stylesheet href=/s.css><script src=\"/a.js\"></script><script type=module>\nimport '/é.js';</script>\
            <script data-x='>' async>let s = '<style>';</script><styles></styles>";
        assert_eq!(inline(html, "script"), ["\nimport '/é.js';", "let s = '<style>';"]);
        assert_eq!(inline(html, "style"), ["a{}\n"]);
        for broken in ["<script", "<script>never closed", "<!-- never closed <script>x</script>", "<"] {
            assert!(inline(broken, "script").len() <= 1, "{broken}");
        }
    }

    #[test]
    fn the_hash_is_the_one_a_browser_computes_and_stands_once() {
        // Content Security Policy Level 3, section 2.3.1's form; sha256 of `alert('Hello, world.');`.
        let mut sources = Sources::default();
        for _ in 0..2 {
            sources.add("<script>alert('Hello, world.');</script>", "script");
            sources.add_former(&sources.to_string());
        }
        assert_eq!(sources.to_string(), " 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }
}
