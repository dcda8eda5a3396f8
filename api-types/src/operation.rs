//! What operators' functions exchange: Booking lists its bookings, and a service that keeps a projection of them compares.

use serde::{Deserialize, Serialize};

use crate::{BookingStatus, MemberId, RecordLocator};

/// A page of all bookings: the reply of `booking-republish` when it lists, and the payload of `airmiles-compare`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingListing {
    /// The bookings of this page.
    pub bookings: Vec<ListedBooking>,
    /// The position of the next page; `None` after the last.
    #[serde(default)]
    pub next: Option<String>,
}

/// A booking in a [`BookingListing`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedBooking {
    /// The booking.
    pub record_locator: RecordLocator,
    /// The member who made it.
    pub member_id: MemberId,
    /// The version of its latest event.
    pub version: u64,
    /// Its status at that version.
    pub status: BookingStatus,
}

/// The reply of `airmiles-compare`. It names no member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingComparison {
    /// The number of bookings that were compared.
    pub compared: usize,
    /// The bookings that differ.
    pub differences: Vec<BookingDifference>,
}

/// A booking whose projection differs from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingDifference {
    /// The booking.
    pub record_locator: RecordLocator,
    /// The difference.
    #[serde(rename = "difference")]
    pub kind: DifferenceKind,
    /// The version in Booking.
    pub booked_version: u64,
    /// The version in the projection, if the listed member has one.
    pub applied_version: Option<u64>,
}

/// The ways in which a projection can differ from its booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// There is no projection: no event was applied.
    Missing,
    /// The projection is of an older version.
    Behind,
    /// The projection is of a newer version than Booking has: Booking lost data, or the listing is old.
    Ahead,
    /// The ledger has assigned the booking to another member.
    OtherMember,
    /// The versions agree, but not confirmed or cancelled.
    StatusDiffers,
}
