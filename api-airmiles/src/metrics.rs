//! What Airmiles counts and measures.

use service_kit::events::queue::{APPLIED, DUPLICATES, REDELIVERED, UNAPPLIED, UNREADABLE};
use service_kit::metrics::Metric;

/// The time from the commit of a booking until its miles are committed.
pub const MILES_LAG: Metric = Metric::millis("MilesLag");

/// All of them.
pub const ALL: [Metric; 6] = [APPLIED, DUPLICATES, UNAPPLIED, UNREADABLE, REDELIVERED, MILES_LAG];
