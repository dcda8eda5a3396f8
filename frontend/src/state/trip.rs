//! The chosen offers, in session storage between choosing and booking.
//!
//! The service stores no offers, so none can be fetched by its id; a booking page opened in another tab shows a link to
//! search again. An address with the whole offer would be too long, and a shared link would hold an expired price.

use api_types::{Offer, OfferId};
use serde::{Deserialize, Serialize};

use super::storage::Kept;
use crate::route::{FlightSearch, Route};

/// The chosen offers and the search they came from.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenTrip {
    pub search: FlightSearch,
    /// One offer, or two for a return trip, the way out first.
    pub offers: Vec<Offer>,
}

/// As kept: the search as the address it was shown under.
#[derive(Serialize, Deserialize)]
struct Stored {
    address: String,
    offers: Vec<Offer>,
}

impl ChosenTrip {
    /// Stores the trip for this tab, replacing one with the same outbound offer.
    pub fn keep(&self) {
        let Some(first) = self.offers.first() else { return };
        let route = Route::Flights { search: self.search.clone(), out: None, view: Default::default() };
        let stored = Stored { address: route.to_string(), offers: self.offers.clone() };
        Kept::Tab.write(&key(&first.offer_id), &stored);
    }

    /// The trip of exactly these offers, if this tab chose them.
    #[must_use]
    pub fn of(offers: &[OfferId]) -> Option<Self> {
        let mut trip = Self::from_way_out(offers.first()?)?;
        trip.offers.truncate(offers.len());
        let same = trip.offers.iter().map(|offer| &offer.offer_id).eq(offers);
        same.then_some(trip)
    }

    /// The trip that begins with this offer, if this tab chose it.
    #[must_use]
    pub fn from_way_out(offer: &OfferId) -> Option<Self> {
        let stored: Stored = Kept::Tab.read(&key(offer))?;
        let Route::Flights { search, .. } = Route::parse_address(&stored.address) else { return None };
        Some(Self { search, offers: stored.offers })
    }
}

fn key(way_out: &OfferId) -> String {
    format!("tern.trip.{way_out}")
}
