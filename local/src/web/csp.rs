//! The content security policy of a page: its inline scripts and styles are allowed by hash, everything else by origin.
//!
//! It is computed from the built document; a policy written by hand would be wrong after the next build.

use inline_sources::Sources;

/// The policy under which `html` runs as it was built, and nothing that somebody slips into it does.
pub(super) fn policy(html: &str) -> String {
    let (mut scripts, mut styles) = (Sources::default(), Sources::default());
    scripts.add(html, "script");
    styles.add(html, "style");
    format!(
        "default-src 'none'; script-src 'self'{scripts} 'wasm-unsafe-eval'; style-src 'self'{styles}; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inline_is_allowed_by_its_hash() {
        let policy = policy("<script>alert('Hello, world.');</script>");
        let source = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert!(policy.contains(&format!("script-src 'self' {source} 'wasm-unsafe-eval';")), "{policy}");
        assert!(policy.contains("style-src 'self';"), "{policy}");
    }
}
