//! All operations that the web app calls; every request to a service is made from one of them. The fields that it
//! sends and reads are registered in `registration.json`; a test compares the two.

use std::marker::PhantomData;

use api_types::{
    Account, Airports, Booking, BookingMiles, BookingPage, FareStrip, IdempotencyKey, LedgerPage, Offers,
};

use crate::query::Query;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Booking,
    Airmiles,
}

/// An operation of a service, whose reply is a `T`.
pub(super) struct Operation<T> {
    service: Service,
    path: &'static str,
    reply: PhantomData<fn() -> T>,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $service:ident $method:ident $path:literal -> $reply:ty;)+) => {
        $($(#[$doc])* pub(super) const $name: Operation<$reply> =
            Operation { service: Service::$service, path: $path, reply: PhantomData };)+

        /// Each operation's service, its name in the contract, and the reason why a reply can't be parsed, if so.
        #[cfg(test)]
        pub(super) const ALL: &[(Service, &str, fn(&str) -> Result<(), String>)] = &[$((
            Service::$service,
            concat!(stringify!($method), " ", $path),
            |text| crate::api::registered::readable::<$reply>(text),
        )),+];
    };
}

operations! {
    /// Airports and metro areas.
    AIRPORTS = Booking GET "/airports" -> Airports;
    /// Offers.
    FLIGHTS = Booking GET "/flights" -> Offers;
    /// The lowest prices of seven days.
    FARES = Booking GET "/fares" -> FareStrip;
    /// Creates a booking.
    BOOK = Booking POST "/bookings" -> Booking;
    /// The member's bookings.
    BOOKINGS = Booking GET "/bookings" -> BookingPage;
    /// One booking of the member.
    BOOKING = Booking GET "/bookings/{record_locator}" -> Booking;
    /// The miles of a booking.
    BOOKING_MILES = Airmiles GET "/airmiles/{record_locator}" -> BookingMiles;
    /// The member's balance and tier.
    ACCOUNT = Airmiles GET "/account" -> Account;
    /// The member's ledger.
    ENTRIES = Airmiles GET "/account/entries" -> LedgerPage;
}

/// One request: an operation and its parameters.
pub(super) struct Ask<T> {
    pub(super) service: Service,
    /// Path and query, relative to the service's base address.
    pub(super) address: String,
    /// The `Idempotency-Key`.
    pub(super) key: Option<IdempotencyKey>,
    reply: PhantomData<fn() -> T>,
}

impl<T> Operation<T> {
    /// The request without parameters.
    pub(super) fn ask(self) -> Ask<T> {
        let Self { service, path, reply } = self;
        Ask { service, address: path.to_owned(), key: None, reply }
    }

    /// The request with the path's last parameter.
    pub(super) fn of(self, name: &str) -> Ask<T> {
        let mut ask = self.ask();
        let end = ask.address.rfind('{').unwrap_or(ask.address.len());
        ask.address.replace_range(end.., name);
        ask
    }
}

impl<T> Ask<T> {
    /// With query parameters.
    pub(super) fn with(mut self, query: &Query) -> Self {
        self.address.push_str(&query.to_string());
        self
    }

    /// With an `Idempotency-Key`.
    pub(super) fn once(mut self, key: &IdempotencyKey) -> Self {
        self.key = Some(key.clone());
        self
    }
}
