//! People as a booking knows them: names, passenger types, e-mail addresses.

use serde::{Deserialize, Serialize};

use crate::{LocalDate, ParseError, code::text_newtype};

/// A name as its bearer writes it: any script, accents, apostrophes, hyphens, several words.
///
/// 1 to [`MAX_CHARS`](Self::MAX_CHARS) characters with at least one letter. White space at the ends is
/// dropped and runs of it become one space. Control characters and invisible characters are refused: they can't
/// be printed on a ticket, and they can make one name look like another. Only the joiners that Arabic and Indic
/// scripts are spelt with are allowed, between two characters of those scripts.
///
/// ```
/// # use api_types::PersonName;
/// for name in ["Zoë", "O’Brien", "d'Arc", "李", "بن علي", "Nguyễn Thị"] {
///     assert!(name.parse::<PersonName>().is_ok(), "{name}");
/// }
/// assert!("Ada\u{7}".parse::<PersonName>().is_err());
/// assert!("---".parse::<PersonName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 60, example = "Zoë"))]
pub struct PersonName(String); // invariant: as the docstring says, or as an older rule said
text_newtype!(PersonName);

/// Shows no name: debug output ends up in logs.
impl std::fmt::Debug for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonName(..)")
    }
}

impl PersonName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 60;

    /// A name that was parsed once, perhaps by an older rule.
    pub(crate) fn accepted(text: String) -> Self {
        Self(text)
    }
}

impl std::str::FromStr for PersonName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.chars().any(char::is_control) || has_invisible(text) {
            return Err(ParseError { expected: "a name can't contain control or invisible characters" });
        }
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > Self::MAX_CHARS {
            return Err(ParseError { expected: "a name can have up to 60 characters" });
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(ParseError { expected: "a name needs at least one letter" });
        }
        Ok(Self(name))
    }
}

/// Whether `text` has a character that shows nothing, other than a joiner that its spelling needs.
///
/// Source: Unicode Standard Annex 31, 2.3: the joiners are part of words in Arabic and Indic scripts.
fn has_invisible(text: &str) -> bool {
    let joins = |neighbour: Option<char>| neighbour.is_some_and(|c| matches!(c, '\u{0600}'..='\u{0DFF}'));
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let joiner =
            matches!(c, '\u{200C}' | '\u{200D}') && joins(before) && joins(characters.peek().copied());
        if is_default_ignorable(c) && !joiner {
            return true;
        }
        before = Some(c);
    }
    false
}

/// Unicode's property `Default_Ignorable_Code_Point`: characters that are not shown, even where a font lacks them.
///
/// Source: `DerivedCoreProperties.txt` of Unicode 16.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// An e-mail address, checked for shape only: whether it exists, only a message sent there tells.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = "email", max_length = 254, example = "zoe@example.com"))]
pub struct EmailAddress(String); // invariant: one '@' with text on both sides, no white space or control characters
text_newtype!(EmailAddress);

/// Shows no address: debug output ends up in logs.
impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let address = text.trim();
        let plain = address.len() <= 254 && !address.chars().any(|c| c.is_control() || c.is_whitespace());
        match address.split_once('@') {
            Some((local, domain))
                if plain
                    && (1..=64).contains(&local.len())
                    && domain.contains('.')
                    && !domain.contains('@')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.') =>
            {
                Ok(Self(address.to_owned()))
            }
            _ => Err(ParseError { expected: "expected an e-mail address such as zoe@example.com" }),
        }
    }
}

/// How a passenger is priced and seated, by age on the day of the first departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PassengerType {
    /// 12 years or older.
    Adult,
    /// 2 to 11 years: a seat of their own at a child's fare.
    Child,
    /// Under 2 years, on an adult's lap: no seat.
    Infant,
}

impl PassengerType {
    /// Every type, in the order in which a party is listed.
    pub const ALL: [Self; 3] = [Self::Adult, Self::Child, Self::Infant];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Child => "child",
            Self::Infant => "infant",
        }
    }

    /// Whether a passenger of this type takes a seat.
    #[must_use]
    pub fn has_seat(self) -> bool {
        match self {
            Self::Adult | Self::Child => true,
            Self::Infant => false,
        }
    }

    /// The type of somebody born on `birth_date` who departs on `departure_date`; `None` if not born by then.
    ///
    /// Source: docs/programme-rules.md, "Passenger types".
    #[must_use]
    pub fn on(departure_date: LocalDate, birth_date: LocalDate) -> Option<Self> {
        match birth_date.age_on(departure_date)? {
            0..=1 => Some(Self::Infant),
            2..=11 => Some(Self::Child),
            12.. => Some(Self::Adult),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_people_are_called() {
        for (text, kept) in [
            ("  Ada   Lovelace ", Some("Ada Lovelace")),
            ("José-María", Some("José-María")),
            ("O'Neil", Some("O'Neil")),
            ("Þórdís", Some("Þórdís")),
            ("山田", Some("山田")),
            ("می‌خواهم", Some("می‌خواهم")), // with a zero-width non-joiner
            ("X", Some("X")),
            ("", None),
            ("   ", None),
            ("42", None),
            ("Ada\nLovelace", None),
            ("Ada\u{202E}", None),
            ("\u{61C}Ada", None),               // Arabic letter mark
            ("\u{3164}", None),                 // Hangul filler: a letter that shows nothing
            ("\u{115F}\u{1160}", None),         // Hangul fillers
            ("A\u{AD}da", None),                // soft hyphen
            ("Ad\u{200D}a", None),              // a joiner where nothing joins
            ("\u{200C}خواهم", None),            // a joiner that joins nothing
            ("A\u{E0041}da", None),             // a tag character
            ("ශ්\u{200D}රී", Some("ශ්\u{200D}රී")), // Sinhala: Sri, spelt with a joiner
        ] {
            assert_eq!(text.parse::<PersonName>().ok().as_ref().map(PersonName::as_str), kept, "{text:?}");
        }
        assert!("é".repeat(60).parse::<PersonName>().is_ok());
        assert!("é".repeat(61).parse::<PersonName>().is_err());
    }

    #[test]
    fn as_many_characters_are_invisible_as_unicode_lists() {
        // The total at the end of the property's section in DerivedCoreProperties.txt.
        assert_eq!((char::MIN..=char::MAX).filter(|c| is_default_ignorable(*c)).count(), 4174);
    }

    #[test]
    fn debug_output_shows_neither_name_nor_address() {
        assert_eq!(format!("{:?}", "Zoë".parse::<PersonName>().unwrap()), "PersonName(..)");
        assert_eq!(format!("{:?}", "zoe@example.com".parse::<EmailAddress>().unwrap()), "EmailAddress(..)");
    }

    #[test]
    fn an_address_has_two_sides() {
        for (text, accepted) in [
            ("zoe@example.com", true),
            ("zoë@example.co.uk", true),
            ("zoe", false),
            ("@example.com", false),
            ("zoe@localhost", false),
            ("zoe@@example.com", false),
            ("zoe smith@example.com", false),
            ("zoe@example.com.", false),
        ] {
            assert_eq!(text.parse::<EmailAddress>().is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn a_birthday_changes_the_type() {
        let departure: LocalDate = "2026-12-05".parse().unwrap();
        for (born, expected) in [
            ("2026-12-06", None),
            ("2026-12-05", Some(PassengerType::Infant)),
            ("2024-12-06", Some(PassengerType::Infant)),
            ("2024-12-05", Some(PassengerType::Child)),
            ("2014-12-06", Some(PassengerType::Child)),
            ("2014-12-05", Some(PassengerType::Adult)),
            ("1931-02-28", Some(PassengerType::Adult)),
        ] {
            assert_eq!(PassengerType::on(departure, born.parse().unwrap()), expected, "{born}");
        }
    }
}
