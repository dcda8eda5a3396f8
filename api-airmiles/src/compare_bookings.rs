//! Compares a page of Booking's bookings with the ledger, to find lost or wrong events.
//!
//! A difference may be an event that is still on its way: compare again after the queue is empty. Republishing the
//! booking mends `missing` and `behind`; the runbook has the others.

use api_types::{BookingComparison, BookingDifference, BookingListing, ListedBooking};
use futures::{StreamExt, TryStreamExt, stream};

use crate::domain::comparison::difference;
use crate::store::{Store, StoreError};

/// How many bookings are read at the same time.
const AT_ONCE: usize = 8;

/// The differences of `listing`, in its order.
///
/// # Errors
/// When a database request fails.
pub async fn compare_bookings(
    store: &Store,
    listing: BookingListing,
) -> Result<BookingComparison, StoreError> {
    let compared = listing.bookings.len();
    let differences: Vec<Option<BookingDifference>> = stream::iter(listing.bookings)
        .map(|listed| compare_booking(store, listed))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(BookingComparison { compared, differences: differences.into_iter().flatten().collect() })
}

async fn compare_booking(
    store: &Store,
    listed: ListedBooking,
) -> Result<Option<BookingDifference>, StoreError> {
    let (owner, projection) = futures::try_join!(
        store.owner(&listed.record_locator),
        store.projection(&listed.member_id, &listed.record_locator)
    )?;
    let kind = difference(&listed, owner.as_ref(), projection.as_ref());
    Ok(kind.map(|kind| BookingDifference {
        record_locator: listed.record_locator,
        kind,
        booked_version: listed.version,
        applied_version: projection.map(|known| known.applied_version),
    }))
}
