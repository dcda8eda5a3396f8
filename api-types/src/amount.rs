//! Amounts: money in minor units with its currency, miles as whole numbers.

use serde::{Deserialize, Serialize};

use crate::{ParseError, PassengerType, code::text_newtype};

/// An ISO 4217 currency code: three upper-case letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z]{3}$", example = "USD"))]
pub struct Currency(String); // invariant: three upper-case ASCII letters
text_newtype!(Currency);

impl Currency {
    /// US dollars, in which Tern prices everything so far.
    #[must_use]
    pub fn usd() -> Self {
        Self("USD".to_owned())
    }
}

impl std::str::FromStr for Currency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError { expected: "expected an ISO 4217 currency code such as USD" })
        }
    }
}

/// An amount of money in the currency's minor unit (cents for USD).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// The amount in minor units: 71200 is $712.00.
    pub amount_minor: i64,
    /// What it is an amount of.
    pub currency: Currency,
}

/// What a party pays, all taxes in, and what it is made of.
///
/// Always true: `amount_minor` = `fare_minor` + the sum of `taxes`, and = the sum of `count` x `each_minor`
/// over `shares`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Price {
    /// The total for the whole party, in minor units.
    pub amount_minor: i64,
    /// What it is an amount of.
    pub currency: Currency,
    /// The part that is the fare, for the whole party, in minor units.
    pub fare_minor: i64,
    /// Taxes, fees and charges, for the whole party.
    pub taxes: Vec<TaxLine>,
    /// What one passenger of each type pays, taxes in.
    pub shares: Vec<PriceShare>,
}

/// One tax, fee or charge within a [`Price`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaxLine {
    /// The code on the ticket, such as `US` or `XF`.
    pub code: String,
    /// What it is, in words.
    pub name: String,
    /// For the whole party, in minor units of the price's currency.
    pub amount_minor: i64,
}

/// What one passenger of a type pays within a [`Price`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceShare {
    /// The type of passenger.
    #[serde(rename = "type")]
    pub passenger_type: PassengerType,
    /// How many of the party are of this type.
    pub count: u8,
    /// What one of them pays, taxes in, in minor units of the price's currency.
    pub each_minor: i64,
}

/// Air miles: whole, and negative where they are taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = i64, example = 5124))]
pub struct Miles(pub i64);

impl std::ops::Add for Miles {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Miles {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Miles {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Miles {
    fn sum<I: Iterator<Item = Self>>(miles: I) -> Self {
        Self(miles.map(|each| each.0).sum())
    }
}

impl std::fmt::Display for Miles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
