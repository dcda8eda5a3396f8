//! Booking's public requests: where Tern flies, what it offers, what the days around cost.

use api_types::{Airports, Cabin, FareStrip, Iata, LocalDate, Offers};

use super::{Api, ApiFailure};
use crate::{query::Query, route::Party};

/// One bound to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightQuery {
    /// An airport or a metropolitan area.
    pub from: Iata,
    /// An airport or a metropolitan area.
    pub to: Iata,
    /// The day of departure at the origin.
    pub date: LocalDate,
    /// Who flies.
    pub party: Party,
    /// The cabin.
    pub cabin: Cabin,
}

impl FlightQuery {
    fn route_and_date(&self) -> Query {
        Query::default().with("from", self.from).with("to", self.to).with("date", self.date)
    }
}

impl Api {
    /// The airports Tern serves.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn airports(&self) -> Result<Airports, ApiFailure> {
        self.get(&self.booking_address("/airports")).await
    }

    /// The offers of one bound.
    ///
    /// # Errors
    /// A problem when the airports or the date are not served; else as every request.
    pub async fn flights(&self, bound: &FlightQuery) -> Result<Offers, ApiFailure> {
        let query = bound
            .route_and_date()
            .with("adults", bound.party.adults())
            .with("children", bound.party.children())
            .with("infants", bound.party.infants())
            .with("cabin", bound.cabin);
        self.get(&self.booking_address(&format!("/flights{query}"))).await
    }

    /// The lowest prices of the seven days around the bound's date.
    ///
    /// # Errors
    /// As [`flights`](Self::flights).
    pub async fn fares(&self, bound: &FlightQuery) -> Result<FareStrip, ApiFailure> {
        let query = bound.route_and_date().with("cabin", bound.cabin);
        self.get(&self.booking_address(&format!("/fares{query}"))).await
    }
}
