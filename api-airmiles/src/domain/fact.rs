//! A booking at one of its versions, checked once for what the rules rely on.

use super::Booking;

/// More people than this don't travel under one record locator.
const LARGEST_PARTY: usize = 9;

/// No two airports are further apart: half way round the earth, in statute miles, rounded up.
const LONGEST_SEGMENT_MI: u32 = 12_500;

/// The state of a booking at one of its versions, free of contradictions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingFact {
    version: u64,     // invariant: at least 1
    booking: Booking, // invariant: what `new` checks
}

/// A booking that can't exist. No rule applies to it, and no retry helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Versions count from 1.
    #[error("aggregate_version is 0; versions count from 1")]
    VersionZero,
    /// Nobody flies, or too many.
    #[error("{0} passengers; a booking has 1 to {LARGEST_PARTY}")]
    PartySize(usize),
    /// A booking flies somewhere.
    #[error("the booking has a bound without a segment, or no bound")]
    NoSegment,
    /// Farther than the earth allows.
    #[error("a segment of {0} mi; the earth allows {LONGEST_SEGMENT_MI}")]
    Distance(u32),
}

impl BookingFact {
    /// # Errors
    /// With the first contradiction found.
    pub fn new(version: u64, booking: Booking) -> Result<Self, Contradiction> {
        if version == 0 {
            return Err(Contradiction::VersionZero);
        }
        if !(1..=LARGEST_PARTY).contains(&booking.passengers.len()) {
            return Err(Contradiction::PartySize(booking.passengers.len()));
        }
        if booking.bounds.is_empty() || booking.bounds.iter().any(|bound| bound.segments.is_empty()) {
            return Err(Contradiction::NoSegment);
        }
        let mut distances = booking.bounds.iter().flat_map(|bound| &bound.segments).map(|s| s.distance_mi);
        if let Some(distance_mi) = distances.find(|distance_mi| *distance_mi > LONGEST_SEGMENT_MI) {
            return Err(Contradiction::Distance(distance_mi));
        }
        Ok(Self { version, booking })
    }

    /// Counts the booking's changes from 1: of two facts about one booking the higher is the newer.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The booking's whole state at this version.
    #[must_use]
    pub fn booking(&self) -> &Booking {
        &self.booking
    }
}
