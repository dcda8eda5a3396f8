//! Codes that parse once, at the edge; past it, holding one is proof that it is well formed.

use serde::{Deserialize, Serialize};

/// A text that is not what its type asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct ParseError {
    /// What would have been accepted, as a sentence that is safe to show.
    pub expected: &'static str,
}

/// Gives a newtype over `String` its text conversions and serde, all through `FromStr`.
macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            /// The text as it goes over the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::code::ParseError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use text_newtype;

/// The IATA code of an airport (`NRT`) or of a metropolitan area (`TYO`): three upper-case letters.
///
/// Whether Tern serves it is another question: see the airports that `GET /airports` lists.
///
/// ```
/// # use api_types::Iata;
/// assert_eq!("sfo".parse::<Iata>()?.to_string(), "SFO");
/// assert!("SF0".parse::<Iata>().is_err());
/// # Ok::<(), api_types::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z]{3}$", example = "SFO"))]
pub struct Iata([u8; 3]); // invariant: A to Z

impl Iata {
    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an Iata holds ASCII letters only")
    }
}

impl std::str::FromStr for Iata {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let letters: [u8; 3] = text
            .as_bytes()
            .try_into()
            .ok()
            .filter(|letters: &[u8; 3]| letters.iter().all(u8::is_ascii_alphabetic))
            .ok_or(ParseError { expected: "expected a three-letter airport or city code such as SFO" })?;
        Ok(Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }
}

impl std::fmt::Display for Iata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Iata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Iata({self})")
    }
}

impl TryFrom<String> for Iata {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

impl From<Iata> for String {
    fn from(code: Iata) -> Self {
        code.as_str().to_owned()
    }
}

/// The code a traveller quotes to find a booking (the PNR's record locator).
///
/// Six upper-case letters or digits; `0`, `1`, `I`, `O` are left out because locators are read aloud.
///
/// ```
/// # use api_types::RecordLocator;
/// assert_eq!("k7qz4m".parse::<RecordLocator>()?.to_string(), "K7QZ4M");
/// assert!("K7QZ4O".parse::<RecordLocator>().is_err());
/// # Ok::<(), api_types::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-HJ-NP-Z2-9]{6}$", example = "K7QZ4M"))]
pub struct RecordLocator(String); // invariant: LENGTH characters of ALPHABET
text_newtype!(RecordLocator);

impl RecordLocator {
    /// How many characters a record locator has.
    pub const LENGTH: usize = 6;
    /// The characters a record locator is made of: 32, so that five random bits choose one.
    pub const ALPHABET: &'static [u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// The locator that `random` picks: five bits a character, the lowest first. 2^30 locators exist.
    #[must_use]
    pub fn from_random(random: u32) -> Self {
        let pick = |position: usize| Self::ALPHABET[(random >> (5 * position)) as usize & 31] as char;
        Self((0..Self::LENGTH).map(pick).collect())
    }
}

impl std::str::FromStr for RecordLocator {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let locator = text.to_ascii_uppercase();
        if locator.len() == Self::LENGTH && locator.bytes().all(|byte| Self::ALPHABET.contains(&byte)) {
            Ok(Self(locator))
        } else {
            Err(ParseError {
                expected: "expected six letters or digits such as K7QZ4M (there is no 0, 1, I or O in one)",
            })
        }
    }
}

/// Names one offer. Opaque to clients: the service signs it and reads it back at booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 512, pattern = "^[A-Za-z0-9_.-]{1,512}$"))]
pub struct OfferId(String); // invariant: 1 to MAX_LENGTH characters of base64url and '.'
text_newtype!(OfferId);

impl OfferId {
    /// The longest offer id, in characters: two of them fit a web address.
    pub const MAX_LENGTH: usize = 512;
}

impl std::str::FromStr for OfferId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError { expected: "expected an offer_id as GET /flights gave it" })
        }
    }
}

/// Who a member is to every service: the `sub` of their identity token. Never an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z0-9-]{1,64}$"))]
pub struct MemberId(String); // invariant: 1 to 64 of a-z, 0-9, '-'
text_newtype!(MemberId);

impl std::str::FromStr for MemberId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError {
                expected: "expected a member id of up to 64 lower-case letters, digits or hyphens",
            })
        }
    }
}

/// The client's own name for one attempt to book, so that sending it again books once.
///
/// 1 to 64 visible ASCII characters; a UUID fits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[!-~]{1,64}$"))]
pub struct IdempotencyKey(String); // invariant: 1 to 64 visible ASCII characters
text_newtype!(IdempotencyKey);

impl std::str::FromStr for IdempotencyKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError { expected: "expected 1 to 64 visible ASCII characters, such as a UUID" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_accepted_or_refused_whole() {
        for (text, accepted) in
            [("SFO", true), ("sfo", true), ("SF", false), ("SFOO", false), ("SÖ", false), ("", false)]
        {
            assert_eq!(text.parse::<Iata>().is_ok(), accepted, "{text}");
        }
        for (text, accepted) in
            [("K7QZ4M", true), ("k7qz4m", true), ("K7QZ4", false), ("K7QZ41", false), ("K7 Z4M", false)]
        {
            assert_eq!(text.parse::<RecordLocator>().is_ok(), accepted, "{text}");
        }
        for (text, accepted) in [("a", true), ("two words", false), ("", false), ("ü", false)] {
            assert_eq!(text.parse::<IdempotencyKey>().is_ok(), accepted, "{text}");
        }
        assert!("x".repeat(64).parse::<IdempotencyKey>().is_ok());
        assert!("x".repeat(65).parse::<IdempotencyKey>().is_err());
        assert!("x".repeat(513).parse::<OfferId>().is_err());
    }

    #[test]
    fn every_random_locator_parses_and_differs_when_its_bits_do() {
        for random in [0, 1, 31, 32, 0x3fff_ffff] {
            let locator = RecordLocator::from_random(random);
            assert_eq!(locator.as_str().parse(), Ok(locator.clone()), "{random}");
        }
        assert_ne!(RecordLocator::from_random(1), RecordLocator::from_random(32));
    }

    #[test]
    fn a_bad_code_never_gets_past_serde() {
        let refused = serde_json::from_str::<Iata>("\"TOKYO\"").unwrap_err();
        assert!(refused.to_string().starts_with("expected a three-letter airport"), "{refused}");
    }
}
