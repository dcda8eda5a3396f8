use std::collections::{BTreeMap, BTreeSet};

use api_types::Cabin;
use futures::future::try_join_all;

use crate::domain::{DatedFlight, Itinerary};
use crate::store::{CabinOfFlight, Store, StoreError};

impl CabinOfFlight {
    /// The seats of `cabin` on `flight`.
    #[must_use]
    pub fn of(flight: &DatedFlight, cabin: Cabin) -> Self {
        Self { flight_number: flight.flight_number.clone(), departure_date: flight.departure_date, cabin }
    }
}

/// The number of seats left in each of some cabins.
pub(crate) struct SeatsLeft(BTreeMap<CabinOfFlight, u32>);

impl SeatsLeft {
    /// Counts the seats that are left in `cabin` on every flight of `itineraries`, each flight once, all at once.
    ///
    /// # Errors
    /// When the database request failed.
    pub(crate) async fn count<'a>(
        store: &Store,
        itineraries: impl IntoIterator<Item = &'a Itinerary>,
        cabin: Cabin,
    ) -> Result<Self, StoreError> {
        let flights: BTreeSet<(CabinOfFlight, u32)> = itineraries
            .into_iter()
            .flat_map(|itinerary| &itinerary.flights)
            .map(|flight| (CabinOfFlight::of(flight, cabin), flight.seat_capacity(cabin)))
            .collect();
        let counting = flights.into_iter().map(async |(cabin, capacity)| {
            // An aircraft without this cabin needs no counting.
            let taken = if capacity == 0 { 0 } else { store.count_seats_taken(&cabin).await? };
            Ok::<_, StoreError>((cabin, capacity.saturating_sub(taken)))
        });
        Ok(Self(try_join_all(counting).await?.into_iter().collect()))
    }

    /// The seats left for the whole itinerary: on the fullest of its flights.
    pub(crate) fn on(&self, itinerary: &Itinerary, cabin: Cabin) -> u32 {
        let left = |flight| self.0.get(&CabinOfFlight::of(flight, cabin)).copied().unwrap_or(0);
        itinerary.flights.iter().map(left).min().unwrap_or(0)
    }
}
