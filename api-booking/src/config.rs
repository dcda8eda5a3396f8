//! What Booking's functions read from their environment.

use base64::{Engine, prelude::BASE64_STANDARD};

/// Reads the keys that offers are signed with: comma-separated, each 32 bytes in base64.
///
/// # Errors
/// When one is something else; the message gives its place and never its text.
pub fn signing_keys(text: &str) -> Result<Vec<[u8; 32]>, BadSigningKey> {
    text.split(',')
        .enumerate()
        .map(|(position, key)| {
            let bytes = BASE64_STANDARD.decode(key.trim()).ok();
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(BadSigningKey(position + 1))
        })
        .collect()
}

/// A signing key that can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("offer signing key number {0} is not 32 bytes in base64")]
pub struct BadSigningKey(usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_read_is_named_by_its_place() {
        let key = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(signing_keys(&key), Ok(vec![[7; 32]]));
        assert_eq!(signing_keys(&format!("{key}, {key}")), Ok(vec![[7; 32]; 2]));
        for (text, bad) in [(String::new(), 1), (format!("{key},short"), 2), (format!("{key},"), 2)] {
            assert_eq!(signing_keys(&text), Err(BadSigningKey(bad)), "{text}");
        }
    }
}
