//! The function `booking-republish`, which operators invoke.

use api_types::{ListedBooking, MemberId, UtcInstant};
use serde::{Deserialize, Serialize};
use service_kit::{Clock, cursor, telemetry};

use crate::republish::{self, Republish};
use crate::store::{Selection, Store, StoreError};

/// The function that republishes.
pub const REPUBLISH: &str = service_kit::function!("republish");

/// What it is invoked with: one of `member_id`, `all`, or `from` and `until` (either may be missing).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepublishRequest {
    /// The bookings of this member.
    pub member_id: Option<MemberId>,
    /// All bookings.
    #[serde(default)]
    pub all: bool,
    /// The bookings created from then on.
    pub from: Option<UtcInstant>,
    /// The bookings created before.
    pub until: Option<UtcInstant>,
    /// Lists the bookings and publishes nothing, unless it is `false`.
    #[serde(default = "yes")]
    pub dry_run: bool,
    /// How many bookings to read: 1 to 500.
    #[serde(default = "default_limit")]
    pub limit: u16,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// What it returns.
#[derive(Clone, Debug, Serialize)]
pub struct RepublishResponse {
    /// Whether nothing was published.
    pub dry_run: bool,
    /// How many events were put into the outbox.
    pub republished: usize,
    /// The bookings of this page, for `airmiles-compare`.
    pub bookings: Vec<ListedBooking>,
    /// The `after` of the next page; `null` after the last. A page without bookings is not always the last.
    pub next: Option<String>,
}

/// Why an invocation failed.
#[derive(Debug, thiserror::Error)]
pub enum RepublishError {
    /// No selection, or more than one.
    #[error("give one of: member_id; all, as true; from and until, or one of them")]
    Selection,
    /// A limit out of range.
    #[error("limit is from 1 to {MAX_LIMIT}")]
    Limit,
    /// A cursor that this function did not give.
    #[error("after is the next of the page before")]
    After,
    /// The database request failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const MAX_LIMIT: u16 = 500;

fn yes() -> bool {
    true
}

fn default_limit() -> u16 {
    100
}

/// Republishes a page of bookings, or lists it.
///
/// # Errors
/// See [`RepublishError`].
pub async fn republish(
    store: &Store,
    clock: &Clock,
    request: RepublishRequest,
) -> Result<RepublishResponse, RepublishError> {
    let dry_run = request.dry_run;
    let page = page(request)?;
    let trace = telemetry::current_trace();
    let done = republish::republish(store, &page, clock.now(), trace).await?;
    let republished = if dry_run { 0 } else { done.bookings.len() };
    tracing::info!(dry_run, bookings = done.bookings.len(), republished, "bookings were selected");
    let next = done.next.as_ref().map(cursor::encode);
    Ok(RepublishResponse { dry_run, republished, bookings: done.bookings, next })
}

fn page(request: RepublishRequest) -> Result<Republish, RepublishError> {
    let RepublishRequest { member_id, all, from, until, dry_run, limit, after } = request;
    let selection = match (member_id, all, from, until) {
        (Some(member), false, None, None) => Selection::Member(member),
        (None, true, None, None) => Selection::Created { from: None, until: None },
        (None, false, from, until) if from.is_some() || until.is_some() => Selection::Created { from, until },
        _ => return Err(RepublishError::Selection),
    };
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(RepublishError::Limit);
    }
    let after = after.map(|text| cursor::decode(&text).ok_or(RepublishError::After)).transpose()?;
    Ok(Republish { selection, dry_run, after, limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_selection_is_read_and_a_dry_run_is_the_default() {
        let read = |json: &str| match serde_json::from_str::<RepublishRequest>(json) {
            Ok(request) => page(request).map(|page| format!("{:?} {}", page.selection, page.dry_run)),
            Err(error) => Ok(error.to_string()),
        };
        for (json, expected) in [
            (r#"{"member_id":"kenji-mori"}"#, r#"Member(MemberId("kenji-mori")) true"#),
            (r#"{"all":true,"dry_run":false}"#, "Created { from: None, until: None } false"),
            (r#"{}"#, "give one of"),
            (r#"{"all":false}"#, "give one of"),
            (r#"{"all":true,"member_id":"kenji-mori"}"#, "give one of"),
            (r#"{"all":true,"from":"2026-11-01T00:00:00Z"}"#, "give one of"),
            (r#"{"all":true,"limit":0}"#, "limit is"),
            (r#"{"all":true,"limit":501}"#, "limit is"),
            (r#"{"all":true,"after":"x"}"#, "after is"),
            (r#"{"all":true,"dryrun":false}"#, "unknown field `dryrun`"),
        ] {
            let read = read(json).unwrap_or_else(|error| error.to_string());
            assert!(read.starts_with(expected), "{json}: {read}");
        }
        for json in [r#"{"from":"2026-11-01T00:00:00Z"}"#, r#"{"until":"2026-12-01T00:00:00Z"}"#] {
            let read = page(serde_json::from_str(json).unwrap()).unwrap();
            assert!(matches!(read.selection, Selection::Created { .. }), "{json}: {read:?}");
        }
    }
}
