//! Flights as they are sold: numbers, cabins, fare families and classes, segments.

use serde::{Deserialize, Serialize};

use crate::{FlightTime, Iata, ParseError, code::text_newtype};

/// A flight number: the airline's designator and one to four digits, `TN7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z0-9]{2}[1-9][0-9]{0,3}$", example = "TN7"))]
pub struct FlightNumber(String); // invariant: two of A-Z, 0-9, then 1 to 9999 without leading zeros
text_newtype!(FlightNumber);

impl FlightNumber {
    /// The airline's two characters.
    #[must_use]
    pub fn airline(&self) -> &str {
        &self.0[..2]
    }

    /// The digits.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0[2..]
    }
}

impl std::str::FromStr for FlightNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let airline =
            text.bytes().take(2).filter(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count() == 2;
        let well_formed = airline
            && (3..=6).contains(&text.len())
            && text.bytes().skip(2).all(|b| b.is_ascii_digit())
            && text.as_bytes()[2] != b'0';
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError { expected: "expected a flight number such as TN7" })
        }
    }
}

/// Gives an enum its words on the wire in one table: `as_str`, `ALL`, `Display`, `FromStr`.
macro_rules! worded {
    ($name:ident, $expected:literal, $($variant:ident => $word:literal),+ $(,)?) => {
        impl $name {
            /// Every one, in its natural order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .into_iter()
                    .find(|each| each.as_str() == text)
                    .ok_or($crate::ParseError { expected: $expected })
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ParseError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}
pub(crate) use worded;

/// A part of the aircraft with its own seats and service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Cabin {
    /// Economy.
    #[default]
    Economy,
    /// Premium economy.
    PremiumEconomy,
    /// Business.
    Business,
    /// First.
    First,
}
worded!(Cabin, "expected economy, premium_economy, business or first",
    Economy => "economy", PremiumEconomy => "premium_economy", Business => "business", First => "first");

/// What a fare lets its buyer do: three in each cabin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum FareFamily {
    /// The lowest price: no changes, no refund.
    Light,
    /// Changes for a fee.
    Classic,
    /// Free changes, refundable.
    Flex,
}
worded!(FareFamily, "expected light, classic or flex",
    Light => "light", Classic => "classic", Flex => "flex");

/// The letter under which a fare is sold (the reservation booking designator). One per cabin and family; it
/// decides what a segment earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FareClass {
    /// Economy Light.
    Q,
    /// Economy Classic.
    M,
    /// Economy Flex.
    Y,
    /// Premium economy Light.
    E,
    /// Premium economy Classic.
    T,
    /// Premium economy Flex.
    W,
    /// Business Light.
    Z,
    /// Business Classic.
    D,
    /// Business Flex.
    J,
    /// First Light.
    P,
    /// First Classic.
    A,
    /// First Flex.
    F,
}
worded!(FareClass, "expected a fare class: Q, M, Y (economy), E, T, W (premium economy), Z, D, J (business), P, A, F (first)",
    Q => "Q", M => "M", Y => "Y", E => "E", T => "T", W => "W", Z => "Z", D => "D", J => "J", P => "P", A => "A", F => "F");

impl FareClass {
    /// The class under which `family` is sold in `cabin`.
    #[must_use]
    pub fn of(cabin: Cabin, family: FareFamily) -> Self {
        match (cabin, family) {
            (Cabin::Economy, FareFamily::Light) => Self::Q,
            (Cabin::Economy, FareFamily::Classic) => Self::M,
            (Cabin::Economy, FareFamily::Flex) => Self::Y,
            (Cabin::PremiumEconomy, FareFamily::Light) => Self::E,
            (Cabin::PremiumEconomy, FareFamily::Classic) => Self::T,
            (Cabin::PremiumEconomy, FareFamily::Flex) => Self::W,
            (Cabin::Business, FareFamily::Light) => Self::Z,
            (Cabin::Business, FareFamily::Classic) => Self::D,
            (Cabin::Business, FareFamily::Flex) => Self::J,
            (Cabin::First, FareFamily::Light) => Self::P,
            (Cabin::First, FareFamily::Classic) => Self::A,
            (Cabin::First, FareFamily::Flex) => Self::F,
        }
    }

    /// The cabin in which this class is seated.
    #[must_use]
    pub fn cabin(self) -> Cabin {
        match self {
            Self::Q | Self::M | Self::Y => Cabin::Economy,
            Self::E | Self::T | Self::W => Cabin::PremiumEconomy,
            Self::Z | Self::D | Self::J => Cabin::Business,
            Self::P | Self::A | Self::F => Cabin::First,
        }
    }
}

/// One take-off and landing of an itinerary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Segment {
    /// The flight.
    pub flight_number: FlightNumber,
    /// Where it takes off.
    pub from: Iata,
    /// Where it lands.
    pub to: Iata,
    /// When it leaves the gate.
    pub departure: FlightTime,
    /// When it reaches the gate.
    pub arrival: FlightTime,
    /// From gate to gate, in minutes.
    pub duration_minutes: u32,
    /// The aircraft in words: `Boeing 787-9`.
    pub aircraft: String,
    /// The WGS84 geodesic between the airports, in statute miles.
    pub distance_mi: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cabin_and_family_has_a_class_of_its_own() {
        let mut seen = Vec::new();
        for cabin in Cabin::ALL {
            for family in FareFamily::ALL {
                let class = FareClass::of(cabin, family);
                assert_eq!(class.cabin(), cabin);
                assert!(!seen.contains(&class), "{class}");
                seen.push(class);
            }
        }
        assert_eq!(seen.len(), FareClass::ALL.len());
    }

    #[test]
    fn flight_numbers_have_a_designator_and_digits() {
        for (text, accepted) in [
            ("TN7", true),
            ("TN1234", true),
            ("TN", false),
            ("TN07", false),
            ("TN12345", false),
            ("tn7", false),
            ("Tü7", false),
        ] {
            assert_eq!(text.parse::<FlightNumber>().is_ok(), accepted, "{text}");
        }
    }
}
