//! Opaque cursors: where a list goes on, in a form that clients pass back and don't read.
//!
//! A cursor holds no right: whose list it is comes from the caller, so a forged one only moves within the
//! forger's own list.

use api_types::ProblemCode;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::http::ApiError;

/// A cursor longer than this was not made here.
const MAX_LENGTH: usize = 1024;

/// The cursor that stands for `position`.
///
/// # Panics
/// Never for plain structs of strings and numbers, which is what positions are.
#[must_use]
pub fn encode<T: Serialize>(position: &T) -> String {
    let json =
        serde_json::to_vec(position).expect("a position is a plain struct, which JSON can always hold");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

/// The position that `cursor` stands for.
///
/// # Errors
/// [`ProblemCode::InvalidCursor`] when it is not one that [`encode`] made of a `T`.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, ApiError> {
    (cursor.len() <= MAX_LENGTH)
        .then(|| BASE64_URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| {
            ApiError::field(
                "cursor",
                ProblemCode::InvalidCursor,
                "expected the next_cursor of the page before",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let position = ("BOOKING#1".to_owned(), 7_u64);
        assert_eq!(decode::<(String, u64)>(&encode(&position)).unwrap(), position);
    }

    #[test]
    fn anything_else_is_refused() {
        for cursor in ["", "x", "%%%", "bm90IGpzb24", &encode(&"a string"), &"A".repeat(2000)] {
            let refused = decode::<(String, u64)>(cursor).unwrap_err();
            assert_eq!(refused.problem().code, ProblemCode::InvalidCursor, "{cursor}");
        }
    }
}
