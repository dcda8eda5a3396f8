//! Offers redeemed: whether they still hold, whether two make one trip, and what the whole costs.

use api_types::{LocalDate, Miles, Price, PriceShare, TaxLine, UtcInstant};
use reference_data::earning::{self, Charts};
use reference_data::places;

use super::signing::OfferTerms;
use super::{Itinerary, Party, Quote, Schedule, connection};

/// A flight is sold until this many minutes before its departure.
///
/// Source: docs/programme-rules.md, "When sales close".
pub const SALES_CLOSE_MINUTES: i64 = 60;

/// One direction of a trip, as it was offered and still holds.
#[derive(Clone, Debug)]
pub struct OfferedBound {
    /// What the offer binds.
    pub terms: OfferTerms,
    /// The flights.
    pub itinerary: Itinerary,
    /// What the offer showed.
    pub quote: Quote,
}

/// Why an offer that is ours can't be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Its price has ended.
    #[error("this price ended at {0}")]
    Expired(UtcInstant),
    /// Its flights don't leave on those dates any more, or no longer connect.
    #[error("the flights have changed")]
    FlightsChanged,
    /// It departs within [`SALES_CLOSE_MINUTES`].
    #[error("sales have closed: the flight departs within an hour")]
    SalesClosed,
    /// Something that was shown is different now: a time, the aircraft, a condition, a price line, the miles.
    #[error("the flights, their price or conditions have changed since this offer was shown")]
    QuoteChanged,
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
    /// The second departs before the first has arrived, or too soon after.
    #[error("the way back must leave at least {0} minutes after the way out arrives")]
    TooEarly(u16),
}

/// What `terms` bind, if it still holds at `now`.
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
    // Priced as of the moment of the offer: a fare that rises with the days doesn't change a price that holds.
    let quote = Quote::of(&itinerary, terms.cabin, terms.fare_family, &terms.party, terms.priced_at())
        .filter(|quote| quote.digest() == terms.quote)
        .filter(|_| has_same_chart(earning::charts(), terms.priced_at(), now))
        .ok_or(OfferError::QuoteChanged)?;
    Ok(OfferedBound { terms, itinerary, quote })
}

/// Whether miles shown at `priced_at` are those that a booking made at `now` earns: Airmiles takes the chart that is in force
/// when the booking is made.
fn has_same_chart(charts: &Charts, priced_at: UtcInstant, now: UtcInstant) -> bool {
    charts.at(priced_at).version == charts.at(now).version
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
    /// and leave long enough after `out` has arrived for a connection there.
    ///
    /// Airports of one metropolitan area are one city: out to Haneda, back from Narita.
    ///
    /// Source: docs/programme-rules.md, "Turning around".
    ///
    /// # Errors
    /// When it doesn't.
    pub fn there_and_back(out: OfferedBound, back: OfferedBound) -> Result<Self, TripError> {
        if out.terms.party != back.terms.party {
            return Err(TripError::Parties);
        }
        let (there, home) = (&out.itinerary, &back.itinerary);
        if !places::same_city(there.from(), home.to()) || !places::same_city(there.to(), home.from()) {
            return Err(TripError::NotBack);
        }
        let least_minutes = connection::turnaround_minutes(there.last(), home.first());
        if there.arrival().minutes_until(home.departure()) < i64::from(least_minutes) {
            return Err(TripError::TooEarly(least_minutes));
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
        let out = self.out.quote.price.clone();
        match &self.back {
            Some(back) => sum(out, back.quote.price.clone()),
            None => out,
        }
    }

    /// What all of it earns.
    #[must_use]
    pub fn miles(&self) -> Miles {
        self.bounds().map(|bound| bound.quote.miles).sum()
    }
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

    use super::super::signing::PRICE_HOLDS_SECS;
    use super::*;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn now() -> UtcInstant {
        NOW.parse().unwrap()
    }

    /// What an offer made at `now` for `itinerary` binds.
    fn terms_of(itinerary: &Itinerary, party: Party) -> OfferTerms {
        let (cabin, fare_family) = (Cabin::Economy, FareFamily::Classic);
        OfferTerms {
            itinerary_id: itinerary.id(),
            cabin,
            fare_family,
            party,
            quote: Quote::of(itinerary, cabin, fare_family, &party, now()).unwrap().digest(),
            expires_at: now().plus_secs(PRICE_HOLDS_SECS),
        }
    }

    /// The same for the first itinerary found.
    fn terms(from: &str, to: &str, date: &str, party: Party) -> OfferTerms {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        terms_of(&Schedule::current().itineraries(from, to, date.parse().unwrap(), now())[0], party)
    }

    /// One adult on the flights of `id`.
    fn flown(id: &str) -> OfferedBound {
        let terms = terms_of(&Schedule::current().itinerary(id).unwrap(), Party::one_adult());
        redeem(Schedule::current(), terms, now()).unwrap()
    }

    fn bound(from: &str, to: &str, date: &str, party: Party) -> OfferedBound {
        redeem(Schedule::current(), terms(from, to, date, party), now()).unwrap()
    }

    #[test]
    fn an_offer_is_redeemed_while_it_holds() {
        let offered = terms("SFO", "NRT", "2026-12-05", Party::one_adult());
        let redeem = |terms: OfferTerms, now| redeem(Schedule::current(), terms, now);
        let redeemed = redeem(offered.clone(), offered.expires_at.plus_secs(-1)).unwrap();
        assert_eq!(redeemed.itinerary.id(), offered.itinerary_id);
        assert_eq!(redeemed.quote.digest(), offered.quote);

        let expired = redeem(offered.clone(), offered.expires_at).unwrap_err();
        assert_eq!(expired, OfferError::Expired(offered.expires_at));
        let gone = OfferTerms { itinerary_id: "TN9999-20261205".to_owned(), ..offered.clone() };
        assert_eq!(redeem(gone, now()).unwrap_err(), OfferError::FlightsChanged);
        let unseated = OfferTerms { cabin: Cabin::First, ..offered };
        assert_eq!(redeem(unseated, now()).unwrap_err(), OfferError::QuoteChanged);
    }

    #[test]
    fn an_offer_of_a_flight_that_a_release_changed_is_refused() {
        let timetable = include_str!("../../data/timetable.txt");
        let offered = terms_of(&Schedule::current().itinerary("TN7-20261205").unwrap(), Party::one_adult());
        let line = timetable.lines().find(|line| line.starts_with("SFO NRT ")).unwrap();
        let changed = |from: &str, to: &str| {
            let changed = line.replacen(from, to, 1);
            assert_ne!(changed, line, "{from}");
            Schedule::read(&timetable.replacen(line, &changed, 1))
        };
        for (what, schedule, expected) in [
            ("nothing", Schedule::read(timetable), None),
            ("the departure", changed("@1105", "@1115"), Some(OfferError::QuoteChanged)),
            ("the duration", changed("SFO NRT 6", "SFO NRT 7"), Some(OfferError::QuoteChanged)),
            ("the aircraft", changed("B789", "B77W"), Some(OfferError::QuoteChanged)),
            ("the number", changed(" 7@", " 9997@"), Some(OfferError::FlightsChanged)),
        ] {
            let refused = redeem(&schedule, offered.clone(), now()).err();
            assert_eq!(refused, expected, "a release changed {what}");
        }
    }

    #[test]
    fn an_offer_that_showed_something_else_is_refused() {
        let itinerary = Schedule::current().itinerary("TN7-20261205").unwrap();
        let offered = terms_of(&itinerary, Party::one_adult());
        let shown = Quote::of(&itinerary, offered.cabin, offered.fare_family, &offered.party, now()).unwrap();
        type Change = (&'static str, fn(&mut Quote));
        let changes: [Change; 4] = [
            ("one bag more", |quote| quote.conditions.checked_bags += 1),
            ("a free change", |quote| quote.conditions.change = api_types::ChangeTerms::Free),
            ("another split of the same amount", |quote| {
                quote.price.fare_minor -= 100;
                quote.price.taxes[0].amount_minor += 100;
            }),
            ("more miles", |quote| quote.miles = quote.miles + Miles(1)),
        ];
        for (what, change) in changes {
            let mut other = shown.clone();
            change(&mut other);
            let terms = OfferTerms { quote: other.digest(), ..offered.clone() };
            let refused = redeem(Schedule::current(), terms, now()).err();
            assert_eq!(refused, Some(OfferError::QuoteChanged), "{what}");
        }
    }

    #[test]
    fn an_offer_doesnt_outlive_the_chart_that_its_miles_are_of() {
        let json = include_str!("../../../crates/reference-data/data/earning.json");
        let first = json.trim().trim_matches(['[', ']']);
        let second = first.replace("\"2026-11\"", "\"2027-01\"").replace("2026-11-01T", "2027-01-01T");
        let charts = Charts::parse(&format!("[{first}, {second}]")).unwrap();
        let has_same_chart = |priced_at: &str, now: &str| {
            super::has_same_chart(&charts, priced_at.parse().unwrap(), now.parse().unwrap())
        };
        assert!(has_same_chart("2026-12-31T23:40:00Z", "2026-12-31T23:59:59Z"));
        assert!(!has_same_chart("2026-12-31T23:40:00Z", "2027-01-01T00:00:00Z"));
        assert!(has_same_chart("2027-01-01T00:00:00Z", "2027-01-01T00:10:00Z"));
    }

    #[test]
    fn sales_close_an_hour_before_the_first_departure() {
        let offered = terms("SFO", "NRT", "2026-12-05", Party::one_adult());
        let departure = Schedule::current().itinerary(&offered.itinerary_id).unwrap().departure();
        for (secs, expected) in [(3600, None), (3599, Some(OfferError::SalesClosed))] {
            let now = departure.plus_secs(-secs);
            // Quoted at that time, so that nothing but the time of departure can be refused.
            let itinerary = Schedule::current().itinerary(&offered.itinerary_id).unwrap();
            let quote =
                Quote::of(&itinerary, offered.cabin, offered.fare_family, &offered.party, now).unwrap();
            let expires_at = now.plus_secs(PRICE_HOLDS_SECS);
            let terms = OfferTerms { expires_at, quote: quote.digest(), ..offered.clone() };
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
            (bound("NRT", "SFO", "2026-12-05", one), Some(TripError::TooEarly(60))),
            (out.clone(), Some(TripError::NotBack)),
        ] {
            let id = back.itinerary.id();
            assert_eq!(Trip::there_and_back(out.clone(), back).err(), refused, "{id}");
        }
    }

    #[test]
    fn the_way_back_leaves_no_sooner_than_a_connection_would() {
        for (out, back, refused) in [
            ("TN1055-20261205", "TN1058-20261205", Some(45)), // five minutes in Los Angeles
            ("TN1061-20261205", "TN1064-20261205", Some(45)), // thirty
            ("TN1065-20261205", "TN1068-20261205", None),     // fifty
            ("TN7-20261205", "TN8-20261206", None),           // 105 in Narita, from and to abroad
            ("TN7-20261205", "TN2-20261206", Some(210)),      // sixty, from Narita to Haneda
            ("TN7-20261205", "TN4-20261206", None),           // 455, from Narita to Haneda
        ] {
            let trip = Trip::there_and_back(flown(out), flown(back));
            assert_eq!(trip.err(), refused.map(TripError::TooEarly), "{out}, then {back}");
        }
    }

    #[test]
    fn a_return_trip_costs_both_ways_to_the_cent() {
        let party = Party::new(2, 1, 1).unwrap();
        let (out, back) =
            (bound("SFO", "LHR", "2026-12-05", party), bound("LHR", "SFO", "2026-12-19", party));
        let trip = Trip::there_and_back(out.clone(), back.clone()).unwrap();
        let price = trip.price();
        let (there, home) = (&out.quote.price, &back.quote.price);
        assert_eq!(price.amount_minor, there.amount_minor + home.amount_minor);
        assert_eq!(price.fare_minor, there.fare_minor + home.fare_minor);
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
        assert_eq!(trip.miles(), out.quote.miles + back.quote.miles);
        assert_eq!(trip.bounds().count(), 2);
        assert_eq!(trip.first_departure_date().to_string(), "2026-12-05");
    }
}
