//! The seats that a booking tries to take.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;

use super::CreateBookingError;
use crate::App;
use crate::domain::trip::Trip;
use crate::domain::{Refusal, seats};
use crate::store::{CabinOfFlight, SeatOfFlight};

/// Seats chosen in every cabin of a trip.
pub(super) struct Seating {
    wanted: BTreeMap<CabinOfFlight, Wanted>,
}

struct Wanted {
    capacity: u32,
    seats: usize,
    chosen: Vec<u32>,
}

impl Seating {
    /// Random seats in every cabin of `trip`, without knowing which are taken: on all but nearly full flights they are
    /// free, and there is no counter at which everybody would queue.
    ///
    /// Only seats above the capacity are read first: there are none, unless the aircraft has become smaller.
    pub(super) async fn choose(app: &App, trip: &Trip) -> Result<Self, CreateBookingError> {
        let mut seating = Self { wanted: BTreeMap::new() };
        for bound in trip.bounds() {
            for flight in &bound.itinerary.flights {
                let cabin = CabinOfFlight::of(flight, bound.terms.cabin);
                let capacity = flight.seat_capacity(bound.terms.cabin);
                let wanted = Wanted { capacity, seats: 0, chosen: Vec::new() };
                seating.wanted.entry(cabin).or_insert(wanted).seats += usize::from(bound.terms.party.seats());
            }
        }
        let known = try_join_all(seating.wanted.iter().map(async |(cabin, wanted)| {
            let above = app.store().seats_taken(cabin, wanted.capacity + 1).await?;
            if above.is_empty() { Ok(above) } else { app.store().seats_taken(cabin, 1).await }
        }));
        let known = known.await?;
        let cabins: Vec<_> = seating.wanted.keys().cloned().collect();
        for (cabin, taken) in cabins.iter().zip(&known) {
            seating.choose_in(app, cabin, taken)?;
        }
        Ok(seating)
    }

    /// Chooses again in `cabin`, of which the seats `taken` are known to be taken.
    pub(super) fn choose_in(
        &mut self,
        app: &App,
        cabin: &CabinOfFlight,
        taken: &BTreeSet<u32>,
    ) -> Result<(), Refusal> {
        let Some(wanted) = self.wanted.get_mut(cabin) else { return Ok(()) };
        let sellable = seats::sellable(wanted.capacity, taken);
        wanted.chosen = app.random().choose(sellable, wanted.seats).ok_or_else(|| Refusal::SoldOut {
            flight_number: cabin.flight_number.clone(),
            departure_date: cabin.departure_date,
        })?;
        Ok(())
    }

    pub(super) fn seats(&self) -> Vec<SeatOfFlight> {
        let seats = |(cabin, wanted): (&CabinOfFlight, &Wanted)| {
            let seat = |number: &u32| SeatOfFlight { cabin: cabin.clone(), number: *number };
            wanted.chosen.iter().map(seat).collect::<Vec<_>>()
        };
        self.wanted.iter().flat_map(seats).collect()
    }
}
