//! What Booking counts and measures.

use service_kit::events::outbox::{OUTBOX_LAG, PUBLISHED, SWEPT, UNPUBLISHED};
use service_kit::metrics::Metric;

/// Searches that were answered, with offers or without. Searches by bookings is look-to-book.
pub const SEARCHES: Metric = Metric::count("Searches");

/// Bookings made, each once: a repeat by its idempotency key is none.
pub const BOOKINGS: Metric = Metric::count("Bookings");

/// Requests to book that were answered as they were before.
pub const REPEATS: Metric = Metric::count("Repeats");

/// All of them.
pub const ALL: [Metric; 7] = [SEARCHES, BOOKINGS, REPEATS, PUBLISHED, SWEPT, UNPUBLISHED, OUTBOX_LAG];
