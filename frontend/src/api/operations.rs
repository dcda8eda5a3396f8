//! The operations that the web app calls, all of them: a request to a service can't be made but from here. What it
//! sends and reads is registered in `api-types/contracts/consumers/web.json`, and a test holds that to this.

use std::marker::PhantomData;

use api_types::{
    Account, Airports, Booking, BookingMiles, BookingPage, FareStrip, IdempotencyKey, LedgerPage, Offers,
};

use crate::query::Query;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Sells.
    Booking,
    /// Keeps the miles.
    Airmiles,
}

/// An operation of a service, which answers with a `T`.
pub(super) struct Operation<T> {
    service: Service,
    path: &'static str,
    reply: PhantomData<fn() -> T>,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $service:ident $method:ident $path:literal -> $reply:ty;)+) => {
        $($(#[$doc])* pub(super) const $name: Operation<$reply> =
            Operation { service: Service::$service, path: $path, reply: PhantomData };)+

        /// Each operation's service, its name in the contract, and whether an answer can be read.
        #[cfg(test)]
        pub(super) const ALL: &[(Service, &str, fn(&str) -> bool)] = &[$((
            Service::$service,
            concat!(stringify!($method), " ", $path),
            |text| crate::json::from_str::<$reply>(text).is_ok(),
        )),+];
    };
}

operations! {
    /// Where Tern flies.
    AIRPORTS = Booking GET "/airports" -> Airports;
    /// What can be booked.
    FLIGHTS = Booking GET "/flights" -> Offers;
    /// What the days around cost.
    FARES = Booking GET "/fares" -> FareStrip;
    /// Book.
    BOOK = Booking POST "/bookings" -> Booking;
    /// The member's bookings.
    BOOKINGS = Booking GET "/bookings" -> BookingPage;
    /// One of them.
    BOOKING = Booking GET "/bookings/{record_locator}" -> Booking;
    /// What it earns.
    BOOKING_MILES = Airmiles GET "/airmiles/{record_locator}" -> BookingMiles;
    /// The member's balance and tier.
    ACCOUNT = Airmiles GET "/account" -> Account;
    /// The member's ledger.
    ENTRIES = Airmiles GET "/account/entries" -> LedgerPage;
}

/// One request: an operation, and with what.
pub(super) struct Ask<T> {
    /// Who is asked.
    pub(super) service: Service,
    /// The rest of the address, after the service's own.
    pub(super) address: String,
    /// The client's own name for the attempt.
    pub(super) key: Option<IdempotencyKey>,
    reply: PhantomData<fn() -> T>,
}

impl<T> Operation<T> {
    /// Asks without anything.
    pub(super) fn ask(self) -> Ask<T> {
        let Self { service, path, reply } = self;
        Ask { service, address: path.to_owned(), key: None, reply }
    }

    /// Asks for the one thing that the end of the path names.
    pub(super) fn of(self, name: &str) -> Ask<T> {
        let mut ask = self.ask();
        let end = ask.address.rfind('{').unwrap_or(ask.address.len());
        ask.address.replace_range(end.., name);
        ask
    }
}

impl<T> Ask<T> {
    /// With these parameters.
    pub(super) fn with(mut self, query: &Query) -> Self {
        self.address.push_str(&query.to_string());
        self
    }

    /// Under this name: sent again, it is done once.
    pub(super) fn once(mut self, key: &IdempotencyKey) -> Self {
        self.key = Some(key.clone());
        self
    }
}
