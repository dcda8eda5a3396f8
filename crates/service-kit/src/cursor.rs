//! Opaque cursors: the position after a page of a list, for clients to send back unread.
//!
//! A cursor holds no right: whose list it is comes from the caller, so a forged one only moves within the
//! forger's own list.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::json;

/// A cursor longer than this was not made here.
const MAX_LENGTH: usize = 1024;

/// The cursor of `position`.
///
/// # Panics
/// Never for plain structs of strings and numbers, which is what positions are.
#[must_use]
pub fn encode<T: Serialize>(position: &T) -> String {
    let json =
        serde_json::to_vec(position).expect("a position is a plain struct, which JSON can always hold");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

/// The position of `cursor`; `None` when [`encode`] did not make it of a `T`.
#[must_use]
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Option<T> {
    let json = (cursor.len() <= MAX_LENGTH).then(|| BASE64_URL_SAFE_NO_PAD.decode(cursor).ok())??;
    json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let position = ("BOOKING#1".to_owned(), 7_u64);
        assert_eq!(decode(&encode(&position)), Some(position));
    }

    #[test]
    fn anything_else_is_refused() {
        for cursor in ["", "x", "%%%", "bm90IGpzb24", &encode(&"a string"), &"A".repeat(2000)] {
            assert_eq!(decode::<(String, u64)>(cursor), None, "{cursor}");
        }
    }
}
