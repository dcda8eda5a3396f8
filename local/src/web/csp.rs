//! The content security policy of a page: what it brings inline is allowed by hash, everything else by origin.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};

/// The policy under which `html` runs as it was built, and nothing that somebody slips into it does.
pub(super) fn policy(html: &str) -> String {
    let scripts = hashes(html, "script");
    let styles = hashes(html, "style");
    format!(
        "default-src 'none'; script-src 'self'{scripts} 'wasm-unsafe-eval'; style-src 'self'{styles}; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// The hash sources of every inline `element` of `html`.
fn hashes(html: &str, element: &str) -> String {
    let mut sources = String::new();
    for content in inline(html, element) {
        let hash = BASE64.encode(digest(&SHA256, content.as_bytes()));
        let source = format!(" 'sha256-{hash}'");
        if !sources.contains(&source) {
            sources.push_str(&source);
        }
    }
    sources
}

/// The contents of every `element` of `html` that names no `src`.
///
/// Script and style are raw text in HTML: they end at their closing tag and nowhere else, so that no parser of the
/// rest is needed; comments are stepped over.
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
    fn the_hash_is_the_one_a_browser_computes() {
        // Content Security Policy Level 3, section 2.3.1's form; sha256 of `alert('Hello, world.');`.
        let policy = policy("<script>alert('Hello, world.');</script>");
        let source = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert!(policy.contains(&format!("script-src 'self' {source} 'wasm-unsafe-eval';")), "{policy}");
        assert!(policy.contains("style-src 'self';"), "{policy}");
    }
}
