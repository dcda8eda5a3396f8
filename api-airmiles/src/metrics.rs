//! What Airmiles counts and measures.

use service_kit::metrics::Metric;

/// Events applied to the ledger, each once.
pub const APPLIED: Metric = Metric::count("Applied");

/// Deliveries of what was applied before. Some are normal, as everything is carried at least once.
pub const DUPLICATES: Metric = Metric::count("Duplicates");

/// Deliveries that were not applied. They come again, and after the last attempt lie among the dead letters.
pub const UNAPPLIED: Metric = Metric::count("Unapplied");

/// Those of them that can't be read, and so will lie there.
pub const UNREADABLE: Metric = Metric::count("Unreadable");

/// Deliveries that are not the first of their message.
pub const REDELIVERED: Metric = Metric::count("Redelivered");

/// From the commit of a booking until its miles are committed.
pub const MILES_LAG: Metric = Metric::millis("MilesLag");

/// All of them.
pub const ALL: [Metric; 6] = [APPLIED, DUPLICATES, UNAPPLIED, UNREADABLE, REDELIVERED, MILES_LAG];
