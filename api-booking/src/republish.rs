//! Republishing: the current events of bookings put into the outbox again.
//!
//! For what a consumer has lost for good: a restored table, a message that stayed a dead letter for too long, an event that
//! was filtered out. An event published again has the id of its booking's version, so a consumer that has it does nothing.

use api_types::{ListedBooking, UtcInstant};
use futures::{StreamExt, TryStreamExt, stream};
use service_kit::trace::TraceParent;

use crate::domain::booking_event;
use crate::store::{Selection, SelectionPosition, Store, StoreError};

/// How many events are put into the outbox at a time.
const PARALLEL: usize = 8;

/// One page of the bookings to republish.
#[derive(Clone, Debug)]
pub struct Republish {
    /// Which bookings.
    pub selection: Selection,
    /// Whether they are only listed, and nothing is published.
    pub dry_run: bool,
    /// Continues after this page's predecessor.
    pub after: Option<SelectionPosition>,
    /// The largest number of bookings to read.
    pub limit: u16,
}

/// The bookings of a page, republished or only listed.
#[derive(Clone, Debug)]
pub struct Republished {
    /// The bookings that were selected. A page can be empty and not the last.
    pub bookings: Vec<ListedBooking>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<SelectionPosition>,
}

/// Puts the current events of a page of bookings into the outbox, from where they are published as new ones are.
///
/// The events continue `trace`. A booking created within the last moments may be missing: its own event is under way.
///
/// # Errors
/// When a database request failed. Some events of the page may be in the outbox then; the same page again is safe.
pub async fn republish(
    store: &Store,
    page: &Republish,
    now: UtcInstant,
    trace: Option<TraceParent>,
) -> Result<Republished, StoreError> {
    let (selected, next) = store.select_bookings(&page.selection, page.after.as_ref(), page.limit).await?;
    if !page.dry_run {
        let events = selected.iter().map(|(member, booking)| booking_event::current(booking, member, trace));
        // Collected, and so owned: the compiler can't prove that a future which borrows from `selected` is `Send`.
        let events: Vec<_> = events.collect();
        let put = events.into_iter().map(async |event| store.put_into_outbox(&event, now).await);
        stream::iter(put).buffer_unordered(PARALLEL).try_collect::<()>().await?;
    }
    let bookings = selected.into_iter().map(|(member_id, booking)| ListedBooking {
        record_locator: booking.record_locator,
        member_id,
        version: booking.version,
        status: booking.status,
    });
    Ok(Republished { bookings: bookings.collect(), next })
}
