//! Offers redeemed: whether they still hold, whether two make one trip, and what the whole costs.

use api_types::{Iata, LocalDate, Miles, Price, PriceShare, TaxLine, UtcInstant};

use super::signing::OfferTerms;
use super::{Itinerary, Party, Schedule, fares};

/// From how many minutes before departure on a flight is no longer sold.
///
/// Source: docs/programme-rules.md, "When sales close".
pub const SALES_CLOSE_MINUTES: i64 = 60;

/// One direction of a trip, as it was offered and still holds.
#[derive(Clone, Debug)]
pub struct OfferedBound {
    /// What was promised.
    pub terms: OfferTerms,
    /// The flights.
    pub itinerary: Itinerary,
    /// What was promised as the price, in detail.
    pub price: Price,
}

/// Why an offer that is ours can't be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Its time is over.
    #[error("this price ended at {0}")]
    Expired(UtcInstant),
    /// Its flights are no longer flown that way.
    #[error("the flights have changed")]
    FlightsChanged,
    /// It departs too soon.
    #[error("sales have closed: the flight departs within an hour")]
    SalesClosed,
    /// Its price was made by fares that no longer stand.
    #[error("the price has changed")]
    PriceChanged,
}

/// Why two offers don't make one trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TripError {
    /// They were made for different parties.
    #[error("the two offers are for different parties")]
    Parties,
    /// The second doesn't lead back.
    #[error("the second offer doesn't lead back to where the first began")]
    NotBack,
    /// The second departs before the first has arrived.
    #[error("the way back departs before the way out arrives")]
    TooEarly,
}

/// Finds what `terms` promise, if it still holds at `now`.
///
/// # Errors
/// When it doesn't; the customer searches again.
pub fn redeem(schedule: &Schedule, terms: OfferTerms, now: UtcInstant) -> Result<OfferedBound, OfferError> {
    if terms.expires_at <= now {
        return Err(OfferError::Expired(terms.expires_at));
    }
    let itinerary = schedule.itinerary(&terms.itinerary_id).ok_or(OfferError::FlightsChanged)?;
    if now.minutes_until(itinerary.departure()) < SALES_CLOSE_MINUTES {
        return Err(OfferError::SalesClosed);
    }
    // Priced as of the moment of the offer: what has changed since with the date doesn't touch a price that holds.
    let price = fares::price(&itinerary, terms.cabin, terms.fare_family, &terms.party, terms.priced_at())
        .filter(|price| price.amount_minor == terms.amount_minor)
        .ok_or(OfferError::PriceChanged)?;
    Ok(OfferedBound { terms, itinerary, price })
}

/// One way, or there and back, for one party.
#[derive(Clone, Debug)]
pub struct Trip {
    out: OfferedBound,
    back: Option<OfferedBound>, // invariant: leads back from where `out` led, for the same party, later
}

impl Trip {
    /// A trip one way.
    #[must_use]
    pub fn one_way(out: OfferedBound) -> Self {
        Self { out, back: None }
    }

    /// A return trip: `back` must lead between the same cities as `out` the other way round, for the same party,
    /// and leave after `out` has arrived.
    ///
    /// Airports of one metropolitan area are one city: out to Haneda, back from Narita.
    ///
    /// # Errors
    /// When it doesn't.
    pub fn there_and_back(out: OfferedBound, back: OfferedBound) -> Result<Self, TripError> {
        if out.terms.party != back.terms.party {
            return Err(TripError::Parties);
        }
        let cities = |bound: &OfferedBound| (city(bound.itinerary.from()), city(bound.itinerary.to()));
        let (home, away) = cities(&out);
        if cities(&back) != (away, home) {
            return Err(TripError::NotBack);
        }
        if back.itinerary.departure() <= out.itinerary.arrival() {
            return Err(TripError::TooEarly);
        }
        Ok(Self { out, back: Some(back) })
    }

    /// Who travels.
    #[must_use]
    pub fn party(&self) -> &Party {
        &self.out.terms.party
    }

    /// Its one or two directions, the way out first.
    pub fn bounds(&self) -> impl Iterator<Item = &OfferedBound> {
        std::iter::once(&self.out).chain(&self.back)
    }

    /// The local date on which it begins.
    #[must_use]
    pub fn first_departure_date(&self) -> LocalDate {
        self.out.itinerary.departure_date()
    }

    /// The local date of its last flight's departure.
    #[must_use]
    pub fn last_departure_date(&self) -> LocalDate {
        let last = self.back.as_ref().unwrap_or(&self.out);
        last.itinerary.flights.last().map_or(last.itinerary.departure_date(), |flight| flight.departure_date)
    }

    /// What all of it costs.
    #[must_use]
    pub fn price(&self) -> Price {
        let out = self.out.price.clone();
        match &self.back {
            Some(back) => sum(out, back.price.clone()),
            None => out,
        }
    }

    /// What all of it earns.
    #[must_use]
    pub fn miles(&self) -> Miles {
        self.bounds().map(|bound| bound.terms.miles).sum()
    }
}

/// The metropolitan area of an airport, or the airport itself where it has none.
fn city(airport: Iata) -> Iata {
    reference_data::airport(airport).and_then(|served| served.metro).unwrap_or(airport)
}

/// The price of two directions for one party: taxes by their code, shares by their type.
fn sum(mut out: Price, back: Price) -> Price {
    out.amount_minor += back.amount_minor;
    out.fare_minor += back.fare_minor;
    for tax in back.taxes {
        let same = |known: &&mut TaxLine| known.code == tax.code && known.name == tax.name;
        match out.taxes.iter_mut().find(same) {
            Some(known) => known.amount_minor += tax.amount_minor,
            None => out.taxes.push(tax),
        }
    }
    for share in &mut out.shares {
        let same = |other: &&PriceShare| other.passenger_type == share.passenger_type;
        share.each_minor += back.shares.iter().find(same).map_or(0, |other| other.each_minor);
    }
    out
}

#[cfg(test)]
mod tests {
    use api_types::{Cabin, FareFamily, PassengerType};

    use super::super::fares::FARES_VERSION;
    use super::super::signing::PRICE_HOLDS_SECS;
    use super::*;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn now() -> UtcInstant {
        NOW.parse().unwrap()
    }

    /// What an offer made at `now` for the first itinerary found promises.
    fn terms(from: &str, to: &str, date: &str, party: Party) -> OfferTerms {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let itinerary = Schedule::current().itineraries(from, to, date.parse().unwrap(), now()).remove(0);
        let (cabin, fare_family) = (Cabin::Economy, FareFamily::Classic);
        let price = fares::price(&itinerary, cabin, fare_family, &party, now()).unwrap();
        OfferTerms {
            itinerary_id: itinerary.id(),
            cabin,
            fare_family,
            party,
            amount_minor: price.amount_minor,
            miles: Miles(5_124),
            fares_version: FARES_VERSION.to_owned(),
            expires_at: now().plus_secs(PRICE_HOLDS_SECS),
        }
    }

    fn bound(from: &str, to: &str, date: &str, party: Party) -> OfferedBound {
        redeem(Schedule::current(), terms(from, to, date, party), now()).unwrap()
    }

    #[test]
    fn an_offer_is_redeemed_while_it_holds() {
        let offered = terms("SFO", "NRT", "2026-12-05", Party::one_adult());
        let redeem = |terms: OfferTerms, now| redeem(Schedule::current(), terms, now);
        let redeemed = redeem(offered.clone(), offered.expires_at.plus_secs(-1)).unwrap();
        assert_eq!(
            (redeemed.itinerary.id(), redeemed.price.amount_minor),
            (offered.itinerary_id.clone(), offered.amount_minor)
        );

        let expired = redeem(offered.clone(), offered.expires_at).unwrap_err();
        assert_eq!(expired, OfferError::Expired(offered.expires_at));
        let gone = OfferTerms { itinerary_id: "TN9999-20261205".to_owned(), ..offered.clone() };
        assert_eq!(redeem(gone, now()).unwrap_err(), OfferError::FlightsChanged);
        let dearer = OfferTerms { amount_minor: offered.amount_minor + 1, ..offered.clone() };
        assert_eq!(redeem(dearer, now()).unwrap_err(), OfferError::PriceChanged);
        let unseated = OfferTerms { cabin: Cabin::First, ..offered };
        assert_eq!(redeem(unseated, now()).unwrap_err(), OfferError::PriceChanged);
    }

    #[test]
    fn sales_close_an_hour_before_the_first_departure() {
        let offered = terms("SFO", "NRT", "2026-12-05", Party::one_adult());
        let departure = Schedule::current().itinerary(&offered.itinerary_id).unwrap().departure();
        for (secs, expected) in [(3600, None), (3599, Some(OfferError::SalesClosed))] {
            let now = departure.plus_secs(-secs);
            // Priced as of then, so that nothing but the time of departure is in its way.
            let itinerary = Schedule::current().itinerary(&offered.itinerary_id).unwrap();
            let price =
                fares::price(&itinerary, offered.cabin, offered.fare_family, &offered.party, now).unwrap();
            let expires_at = now.plus_secs(PRICE_HOLDS_SECS);
            let terms = OfferTerms { expires_at, amount_minor: price.amount_minor, ..offered.clone() };
            assert_eq!(redeem(Schedule::current(), terms, now).err(), expected, "{secs} s before");
        }
    }

    #[test]
    fn there_and_back_is_between_the_same_cities_for_the_same_party() {
        let one = Party::one_adult();
        let out = bound("SFO", "NRT", "2026-12-05", one);
        for (back, refused) in [
            (bound("NRT", "SFO", "2026-12-19", one), None),
            (bound("HND", "SFO", "2026-12-19", one), None), // another airport of the same city
            (bound("NRT", "SFO", "2026-12-19", Party::new(2, 0, 0).unwrap()), Some(TripError::Parties)),
            (bound("NRT", "LAX", "2026-12-19", one), Some(TripError::NotBack)),
            (bound("SFO", "NRT", "2026-12-19", one), Some(TripError::NotBack)),
            (bound("NRT", "SFO", "2026-12-05", one), Some(TripError::TooEarly)),
            (out.clone(), Some(TripError::NotBack)),
        ] {
            let id = back.itinerary.id();
            assert_eq!(Trip::there_and_back(out.clone(), back).err(), refused, "{id}");
        }
    }

    #[test]
    fn a_return_trip_costs_both_ways_to_the_cent() {
        let party = Party::new(2, 1, 1).unwrap();
        let (out, back) =
            (bound("SFO", "LHR", "2026-12-05", party), bound("LHR", "SFO", "2026-12-19", party));
        let trip = Trip::there_and_back(out.clone(), back.clone()).unwrap();
        let price = trip.price();
        assert_eq!(price.amount_minor, out.price.amount_minor + back.price.amount_minor);
        assert_eq!(price.fare_minor, out.price.fare_minor + back.price.fare_minor);
        let taxes: i64 = price.taxes.iter().map(|tax| tax.amount_minor).sum();
        assert_eq!(price.amount_minor, price.fare_minor + taxes);
        let shares: i64 = price.shares.iter().map(|share| i64::from(share.count) * share.each_minor).sum();
        assert_eq!(price.amount_minor, shares);
        let mut codes: Vec<_> = price.taxes.iter().map(|tax| (&tax.code, &tax.name)).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), price.taxes.len(), "each tax is one line");
        for (share, wanted) in price.shares.iter().zip(PassengerType::ALL) {
            assert_eq!((share.passenger_type, share.count), (wanted, party.count(wanted)));
        }
        assert_eq!(trip.miles(), Miles(2 * 5_124));
        assert_eq!(trip.bounds().count(), 2);
        assert_eq!(trip.first_departure_date().to_string(), "2026-12-05");
    }
}
