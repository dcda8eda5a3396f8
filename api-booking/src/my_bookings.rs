//! A member's own bookings.

use api_types::{Booking, MemberId, RecordLocator};

use crate::App;
use crate::store::{KeptBooking, ListedAt, StoreError};

/// Why a booking isn't shown.
#[derive(Debug, thiserror::Error)]
pub enum RetrieveError {
    /// There is none of this locator, or it is somebody else's: the caller can't tell which.
    #[error("there is no such booking")]
    NotFound,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The booking that `member` made under `locator`.
///
/// # Errors
/// See [`RetrieveError`].
pub async fn retrieve(
    app: &App,
    member: &MemberId,
    locator: &RecordLocator,
) -> Result<KeptBooking, RetrieveError> {
    app.store().booking_of(member, locator).await?.ok_or(RetrieveError::NotFound)
}

/// Up to `limit` bookings of `member`, newest first, and where the next page begins if there is one.
///
/// # Errors
/// When the store can't be reached.
pub async fn list(
    app: &App,
    member: &MemberId,
    after: Option<&ListedAt>,
    limit: u16,
) -> Result<(Vec<Booking>, Option<ListedAt>), StoreError> {
    let (bookings, more) = app.store().bookings_of(member, after, limit).await?;
    let last = bookings.last().filter(|_| more).map(|booking| ListedAt {
        created_at: booking.created_at,
        record_locator: booking.record_locator.clone(),
    });
    Ok((bookings, last))
}
