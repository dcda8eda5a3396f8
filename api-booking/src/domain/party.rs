//! Who travels together.

use api_types::{FieldError, PassengerType, ProblemCode};

/// One to nine people who travel together: at least one adult, and no more infants than adults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Party {
    counts: [u8; PassengerType::ALL.len()], // invariant: as the docstring says
}

/// Why people can't travel as one party.
///
/// Source: docs/programme-rules.md, "Passenger types".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// Nobody at all.
    #[error("somebody has to travel")]
    Empty,
    /// More than [`Party::MOST`].
    #[error("up to nine people can book together, not {0}")]
    TooLarge(u16),
    /// Children or infants on their own.
    #[error("children and infants travel with at least one adult")]
    NoAdult,
    /// More infants than laps.
    #[error("each infant needs an adult's lap: {infants} infants, {adults} adults")]
    TooManyInfants {
        /// The infants.
        infants: u8,
        /// The adults.
        adults: u8,
    },
}

impl Party {
    /// The largest party.
    pub const MOST: u8 = 9;

    /// The party of this many of each.
    ///
    /// # Errors
    /// When they can't travel together.
    pub fn new(adults: u8, children: u8, infants: u8) -> Result<Self, PartyError> {
        let total = u16::from(adults) + u16::from(children) + u16::from(infants);
        if total == 0 {
            Err(PartyError::Empty)
        } else if total > u16::from(Self::MOST) {
            Err(PartyError::TooLarge(total))
        } else if adults == 0 {
            Err(PartyError::NoAdult)
        } else if infants > adults {
            Err(PartyError::TooManyInfants { infants, adults })
        } else {
            Ok(Self { counts: [adults, children, infants] })
        }
    }

    /// One adult on their own.
    #[must_use]
    pub fn one_adult() -> Self {
        Self { counts: [1, 0, 0] }
    }

    /// How many of the party are of this type.
    #[must_use]
    pub fn count(&self, passenger_type: PassengerType) -> u8 {
        self.counts[passenger_type as usize]
    }

    /// How many people they are.
    #[must_use]
    pub fn total(&self) -> u8 {
        self.counts.iter().sum()
    }

    /// How many seats they take: infants sit on laps.
    #[must_use]
    pub fn seats(&self) -> u8 {
        PassengerType::ALL.into_iter().filter(|each| each.has_seat()).map(|each| self.count(each)).sum()
    }
}

impl PartyError {
    /// The code under which it is refused.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Empty | Self::TooLarge(_) => ProblemCode::PartySize,
            Self::NoAdult | Self::TooManyInfants { .. } => ProblemCode::InfantWithoutAdult,
        }
    }

    /// The field of a search that is to be changed.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLarge(_) | Self::NoAdult => "adults",
            Self::TooManyInfants { .. } => "infants",
        }
    }
}

impl From<PartyError> for FieldError {
    fn from(error: PartyError) -> Self {
        Self::new(error.field(), error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_party_is_one_to_nine_with_a_lap_for_each_infant() {
        for (adults, children, infants, refused) in [
            (1, 0, 0, None),
            (9, 0, 0, None),
            (1, 8, 0, None),
            (1, 0, 1, None),
            (4, 1, 4, None),
            (0, 0, 0, Some((ProblemCode::PartySize, "adults"))),
            (10, 0, 0, Some((ProblemCode::PartySize, "adults"))),
            (5, 3, 2, Some((ProblemCode::PartySize, "adults"))),
            (255, 255, 255, Some((ProblemCode::PartySize, "adults"))),
            (0, 1, 0, Some((ProblemCode::InfantWithoutAdult, "adults"))),
            (0, 0, 1, Some((ProblemCode::InfantWithoutAdult, "adults"))),
            (1, 0, 2, Some((ProblemCode::InfantWithoutAdult, "infants"))),
        ] {
            let answer =
                Party::new(adults, children, infants).err().map(|error| (error.code(), error.field()));
            assert_eq!(answer, refused, "{adults} adults, {children} children, {infants} infants");
        }
    }

    proptest! {
        #[test]
        fn seats_are_for_all_but_infants(adults: u8, children: u8, infants: u8) {
            if let Ok(party) = Party::new(adults, children, infants) {
                prop_assert!((1..=9).contains(&party.total()));
                prop_assert_eq!(party.seats(), adults + children);
                prop_assert_eq!(party.total(), adults + children + infants);
                prop_assert!(infants <= adults);
            }
        }
    }
}
