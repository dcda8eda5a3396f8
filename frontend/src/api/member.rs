//! Requests of a member: bookings, miles, signing in on a laptop.

use api_types::{
    Account, Booking, BookingMiles, BookingPage, BookingRequest, IdempotencyKey, LedgerPage, MemberId,
    RecordLocator, Tier, UtcInstant,
};
use serde::{Deserialize, Serialize};

use super::operations::{ACCOUNT, Ask, BOOK, BOOKING, BOOKING_MILES, BOOKINGS, ENTRIES};
use super::{Api, ApiFailure};
use crate::query::Query;

/// A page of the member's bookings.
pub(super) fn bookings_after(cursor: Option<&str>) -> Ask<BookingPage> {
    BOOKINGS.ask().with(&Query::default().with_some("cursor", cursor))
}

/// A page of the member's ledger.
pub(super) fn entries_after(limit: u32, cursor: Option<&str>) -> Ask<LedgerPage> {
    ENTRIES.ask().with(&Query::default().with("limit", limit).with_some("cursor", cursor))
}

/// Reply of `GET /local/members`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Identities {
    /// The members that can sign in on this laptop.
    pub members: Vec<Identity>,
}

/// One of the laptop's fixed members.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Identity {
    pub member_id: MemberId,
    pub name: String,
    pub tier: Tier,
}

/// Reply of `POST /local/sign-in`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SignInReply {
    /// The bearer token.
    pub access_token: String,
    /// When the token expires.
    pub expires_at: UtcInstant,
}

impl Api {
    /// Books. Sending the same `key` and `request` again is safe: it books once.
    ///
    /// # Errors
    /// A problem when an offer has expired or changed, or seats are gone; else as every request. After
    /// [`ApiFailure::Offline`] the outcome is unknown: send it again with the same key.
    pub async fn create_booking(
        &self,
        key: &IdempotencyKey,
        request: &BookingRequest,
    ) -> Result<Booking, ApiFailure> {
        self.ask_with(BOOK.ask().once(key), request).await
    }

    /// A page of the member's bookings, newest first; from the start without a cursor.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn bookings(&self, cursor: Option<&str>) -> Result<BookingPage, ApiFailure> {
        self.ask(bookings_after(cursor)).await
    }

    /// One of the member's bookings.
    ///
    /// # Errors
    /// A problem when the member has none of this locator; else as every request.
    pub async fn booking(&self, locator: &RecordLocator) -> Result<Booking, ApiFailure> {
        self.ask(BOOKING.of(locator.as_str())).await
    }

    /// The miles of a booking.
    ///
    /// # Errors
    /// A problem while Airmiles has not applied the booking; else as every request.
    pub async fn booking_miles(&self, locator: &RecordLocator) -> Result<BookingMiles, ApiFailure> {
        self.ask(BOOKING_MILES.of(locator.as_str())).await
    }

    /// The member's balance and tier.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn account(&self) -> Result<Account, ApiFailure> {
        self.ask(ACCOUNT.ask()).await
    }

    /// A page of the member's ledger, newest first; from the start without a cursor.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn account_entries(&self, limit: u32, cursor: Option<&str>) -> Result<LedgerPage, ApiFailure> {
        self.ask(entries_after(limit, cursor)).await
    }

    /// The members that can sign in on this laptop.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn local_members(&self) -> Result<Identities, ApiFailure> {
        self.get_local("/local/members").await
    }

    /// Signs a member of this laptop in.
    ///
    /// # Errors
    /// A problem when there is no such member; else as every request.
    pub async fn local_sign_in(&self, member_id: &MemberId) -> Result<SignInReply, ApiFailure> {
        #[derive(Serialize)]
        struct SignIn<'a> {
            member_id: &'a MemberId,
        }
        self.post_local("/local/sign-in", &SignIn { member_id }).await
    }
}
