//! What Booking counts and measures.

use service_kit::metrics::Metric;

/// Searches that were answered, with offers or without. Searches by bookings is look-to-book.
pub const SEARCHES: Metric = Metric::count("Searches");

/// Bookings made, each once: a repeat by its idempotency key is none.
pub const BOOKINGS: Metric = Metric::count("Bookings");

/// Requests to book that were answered as they were before.
pub const REPEATS: Metric = Metric::count("Repeats");

/// Events published, again each time that one is published again.
pub const PUBLISHED: Metric = Metric::count("Published");

/// Those of them that the stream had left behind and a sweep found.
pub const SWEPT: Metric = Metric::count("Swept");

/// Attempts to publish that failed; the event stays in the outbox.
pub const UNPUBLISHED: Metric = Metric::count("Unpublished");

/// From the commit of a booking until its event is published.
pub const OUTBOX_LAG: Metric = Metric::millis("OutboxLag");

/// All of them.
pub const ALL: [Metric; 7] = [SEARCHES, BOOKINGS, REPEATS, PUBLISHED, SWEPT, UNPUBLISHED, OUTBOX_LAG];
