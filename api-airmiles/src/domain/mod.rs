//! The programme's rules. Pure: no store, no clock, no randomness; what they need is passed in.

pub mod accrual;
pub mod booking;
pub mod comparison;
pub mod fact;
pub mod ledger;
pub mod tier;

pub use accrual::{EarningSegment, Party, booking_lines, segment_lines, total};
pub use booking::{Booking, Bound, Segment};
pub use fact::{BookingFact, Contradiction};
pub use ledger::{Change, Decision, Entry, EntryId, MemberAccount, Movement, Opening, Projection, Snapshot};
