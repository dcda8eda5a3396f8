//! Booking's public requests: airports, offers, lowest prices per day.

use api_types::{Airports, Cabin, FareStrip, Iata, LocalDate, Offers};

use super::operations::{AIRPORTS, Ask, FARES, FLIGHTS};
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
    pub party: Party,
    pub cabin: Cabin,
}

impl FlightQuery {
    fn route_and_date(&self) -> Query {
        Query::default().with("from", self.from).with("to", self.to).with("date", self.date)
    }

    /// Searches offers.
    pub(super) fn offers(&self) -> Ask<Offers> {
        let query = self
            .route_and_date()
            .with("adults", self.party.adults())
            .with("children", self.party.children())
            .with("infants", self.party.infants())
            .with("cabin", self.cabin);
        FLIGHTS.ask().with(&query)
    }

    /// Searches the lowest prices of the days around.
    pub(super) fn day_fares(&self) -> Ask<FareStrip> {
        FARES.ask().with(&self.route_and_date().with("cabin", self.cabin))
    }
}

impl Api {
    /// The airports Tern serves.
    ///
    /// # Errors
    /// As every request: see [`ApiFailure`].
    pub async fn airports(&self) -> Result<Airports, ApiFailure> {
        self.ask(AIRPORTS.ask()).await
    }

    /// The offers of one bound.
    ///
    /// # Errors
    /// A problem when the airports or the date are not served; else as every request.
    pub async fn flights(&self, bound: &FlightQuery) -> Result<Offers, ApiFailure> {
        self.ask(bound.offers()).await
    }

    /// The lowest prices of the seven days around the bound's date.
    ///
    /// # Errors
    /// As [`flights`](Self::flights).
    pub async fn fares(&self, bound: &FlightQuery) -> Result<FareStrip, ApiFailure> {
        self.ask(bound.day_fares()).await
    }
}
