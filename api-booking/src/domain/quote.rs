//! What an offer shows of an itinerary, and the digest by which the offer binds it.

use api_types::{
    Cabin, FareClass, FareConditions, FareFamily, Miles, PassengerType, Price, Segment, UtcInstant,
};
use reference_data::earning;
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{Itinerary, Party, fares};

/// Everything that a customer is shown of an itinerary in one cabin and fare family, but for how many seats are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The flights: numbers, times, aircraft, distances.
    pub segments: Vec<Segment>,
    /// From first departure to last arrival, in minutes.
    pub duration_minutes: u32,
    /// Bags, changes and refunds.
    pub conditions: FareConditions,
    /// The party's price with its lines.
    pub price: Price,
    /// What the party's seats earn before any tier bonus.
    pub miles: Miles,
}

/// The first 16 bytes of the SHA-256 of a [`Quote`].
pub type QuoteDigest = [u8; 16];

impl Quote {
    /// The quote for `party`, priced at `priced_at`; `None` if not every flight has the cabin.
    #[must_use]
    pub fn of(
        itinerary: &Itinerary,
        cabin: Cabin,
        family: FareFamily,
        party: &Party,
        priced_at: UtcInstant,
    ) -> Option<Self> {
        let price = fares::price(itinerary, cabin, family, party, priced_at)?;
        let segments = itinerary.segments();
        Some(Self {
            miles: miles(&segments, FareClass::of(cabin, family), party, priced_at),
            segments,
            duration_minutes: itinerary.duration_minutes(),
            conditions: fares::conditions(cabin, family),
            price,
        })
    }

    /// Differs whenever anything that is shown differs.
    ///
    /// It is taken of the quote's JSON: a release that writes a quote otherwise makes the offers of the release before
    /// it changed ones, which a new search mends.
    ///
    /// # Panics
    /// Never: a quote is made of text and numbers, which JSON can hold.
    #[must_use]
    pub fn digest(&self) -> QuoteDigest {
        let json = serde_json::to_vec(self).expect("a quote is made of text and numbers");
        let digest = digest(&SHA256, &json);
        digest.as_ref()[..16].try_into().expect("SHA-256 has 32 bytes")
    }
}

/// The party's miles on `segments` before any tier bonus, by the chart of `now`.
fn miles(segments: &[Segment], fare_class: FareClass, party: &Party, now: UtcInstant) -> Miles {
    let chart = earning::charts().at(now);
    let of_type = |segment: &Segment, each| {
        chart.seat_miles(segment.distance_mi, fare_class, each).0 * i64::from(party.count(each))
    };
    let of_segment = |segment| PassengerType::ALL.map(|each| of_type(segment, each)).iter().sum::<i64>();
    Miles(segments.iter().map(of_segment).sum())
}

#[cfg(test)]
mod tests {
    use api_types::{ChangeTerms, RefundTerms};

    use super::super::Schedule;
    use super::*;

    fn quote() -> Quote {
        let itinerary = Schedule::current().itinerary("TN7-20261205").unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Quote::of(&itinerary, Cabin::Economy, FareFamily::Classic, &Party::new(2, 1, 1).unwrap(), now)
            .unwrap()
    }

    #[test]
    fn the_digest_covers_all_that_is_shown() {
        let shown = quote();
        assert_eq!(shown.digest(), quote().digest());
        type Change = (&'static str, fn(&mut Quote));
        let changes: [Change; 12] = [
            ("the time of departure", |quote| {
                quote.segments[0].departure.utc = quote.segments[0].departure.utc.plus_secs(60);
            }),
            ("the time of arrival", |quote| {
                quote.segments[0].arrival.utc = quote.segments[0].arrival.utc.plus_secs(60);
            }),
            ("the aircraft", |quote| quote.segments[0].aircraft = "Airbus A321neo".to_owned()),
            ("the duration", |quote| quote.duration_minutes += 1),
            ("the bags", |quote| quote.conditions.checked_bags -= 1),
            ("changing", |quote| quote.conditions.change = ChangeTerms::NotAllowed),
            ("refunding", |quote| quote.conditions.refund = RefundTerms::TaxesOnly),
            ("the amount", |quote| quote.price.amount_minor += 1),
            ("a tax against the fare", |quote| {
                quote.price.fare_minor -= 100;
                quote.price.taxes[0].amount_minor += 100;
            }),
            ("the name of a tax", |quote| quote.price.taxes[0].name = "Another tax".to_owned()),
            ("a share", |quote| quote.price.shares[0].each_minor += 1),
            ("the miles", |quote| quote.miles = quote.miles + Miles(1)),
        ];
        for (what, change) in changes {
            let mut changed = shown.clone();
            change(&mut changed);
            assert_ne!(changed, shown, "{what}");
            assert_ne!(changed.digest(), shown.digest(), "{what}");
        }
    }

    #[test]
    fn every_seat_of_the_party_earns_its_miles() {
        assert_eq!(quote().miles, Miles(3 * 5124)); // two adults and a child at 100 %; the infant has no seat
    }
}
