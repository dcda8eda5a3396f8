//! Offers grouped by itinerary, and the order of the flight cards.

use api_types::{LocalDate, Money, Offer, PassengerType, Segment};

use crate::{
    order,
    route::{DayPart, Filters, Sort},
};

/// The offers of one itinerary, cheapest first. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Itinerary<'a> {
    pub(crate) offers: Vec<&'a Offer>,
}

impl<'a> Itinerary<'a> {
    /// Groups offers by their itinerary, in the order of their first mention. Offers without segments are left out.
    #[must_use]
    pub(crate) fn group(offers: &'a [Offer]) -> Vec<Self> {
        let mut itineraries: Vec<Self> = Vec::new();
        for offer in offers.iter().filter(|offer| !offer.segments.is_empty()) {
            match itineraries.iter_mut().find(|each| each.id() == offer.itinerary_id) {
                Some(itinerary) => itinerary.offers.push(offer),
                None => itineraries.push(Self { offers: vec![offer] }),
            }
        }
        for itinerary in &mut itineraries {
            order::by_key(&mut itinerary.offers, |offer| offer.price.amount_minor);
        }
        itineraries
    }

    #[must_use]
    pub(crate) fn id(&self) -> &'a str {
        &self.cheapest().itinerary_id
    }

    /// The offer with the lowest price.
    #[must_use]
    pub(crate) fn cheapest(&self) -> &'a Offer {
        self.offers.first().expect("an itinerary is made of an offer")
    }

    /// The flights, in order.
    #[must_use]
    pub(crate) fn segments(&self) -> &'a [Segment] {
        &self.cheapest().segments
    }

    #[must_use]
    pub(crate) fn first(&self) -> &'a Segment {
        self.segments().first().expect("offers without segments are left out")
    }

    #[must_use]
    pub(crate) fn last(&self) -> &'a Segment {
        self.segments().last().expect("offers without segments are left out")
    }

    /// The number of changes.
    #[must_use]
    pub(crate) fn stops(&self) -> u8 {
        u8::try_from(self.segments().len() - 1).unwrap_or(u8::MAX)
    }

    /// Days between departure and arrival, by the local calendars.
    #[must_use]
    pub(crate) fn days_later(&self) -> i32 {
        let day = |local: api_types::LocalDateTime| -> LocalDate { local.date() };
        day(self.first().departure.local).days_until(day(self.last().arrival.local))
    }

    fn departs(&self) -> DayPart {
        DayPart::of_hour(self.first().departure.local.hour())
    }

    /// Price and duration weighed against each other: less is better.
    fn weight(&self) -> i64 {
        let offer = self.cheapest();
        offer.price.amount_minor.saturating_mul(i64::from(offer.duration_minutes))
    }
}

/// The price for one adult.
#[must_use]
pub(crate) fn per_adult(offer: &Offer) -> Money {
    let adult = offer.price.shares.iter().find(|share| share.passenger_type == PassengerType::Adult);
    let amount_minor = adult.map_or(offer.price.amount_minor, |share| share.each_minor);
    Money { amount_minor, currency: offer.price.currency.clone() }
}

/// Whether it matches the filters.
#[must_use]
pub(crate) fn passes(itinerary: &Itinerary<'_>, filters: &Filters) -> bool {
    (filters.stops.is_empty() || filters.stops.contains(&itinerary.stops()))
        && (filters.times.is_empty() || filters.times.contains(&itinerary.departs()))
}

/// Sorts itineraries; among equals the earlier departure comes first.
pub(crate) fn sort(itineraries: &mut [Itinerary<'_>], by: Sort) {
    order::by_key(itineraries, |each| {
        let offer = each.cheapest();
        let key = match by {
            Sort::Best => each.weight(),
            Sort::Cheapest => offer.price.amount_minor,
            Sort::Fastest => i64::from(offer.duration_minutes),
        };
        (key, each.first().departure.utc)
    });
}

/// The lowest price per adult among those that match `fits`, for the label of a filter or an order.
#[must_use]
pub(crate) fn lowest(itineraries: &[Itinerary<'_>], fits: impl Fn(&Itinerary<'_>) -> bool) -> Option<Money> {
    let fitting = itineraries.iter().filter(|each| fits(each));
    fitting.map(|each| per_adult(each.cheapest())).min_by_key(|money| money.amount_minor)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::testing;

    /// Four itineraries with a price (whole dollars), a duration, stops and an hour of departure each.
    pub(crate) fn offers() -> Vec<Offer> {
        let mut all = Vec::new();
        for (id, dollars, minutes, stops, hour) in
            [("A", 712, 685, 0, 11), ("B", 745, 690, 0, 23), ("C", 604, 1_000, 1, 8), ("D", 900, 680, 0, 0)]
        {
            let mut offer = testing::offer();
            offer.itinerary_id = id.to_owned();
            offer.price.amount_minor = dollars * 100;
            for share in &mut offer.price.shares {
                share.each_minor = dollars * 100;
            }
            offer.duration_minutes = minutes;
            let day = offer.segments[0].departure.local.date();
            offer.segments[0].departure.local = api_types::LocalDateTime::new(day, hour, 0).unwrap();
            if stops == 1 {
                offer.segments.push(offer.segments[0].clone());
            }
            all.push(offer);
        }
        let mut flex = all[0].clone();
        flex.price.amount_minor = 120_000;
        all.insert(0, flex);
        all
    }

    fn ids(itineraries: &[Itinerary<'_>]) -> String {
        itineraries.iter().map(Itinerary::id).collect()
    }

    #[test]
    fn an_itinerary_holds_its_offers_cheapest_first() {
        let offers = offers();
        let itineraries = Itinerary::group(&offers);
        assert_eq!(ids(&itineraries), "ABCD");
        assert_eq!(itineraries[0].offers.len(), 2);
        assert_eq!(itineraries[0].cheapest().price.amount_minor, 71_200);
    }

    #[test]
    fn each_order_puts_another_first() {
        let offers = offers();
        let mut itineraries = Itinerary::group(&offers);
        for (by, order) in [(Sort::Best, "ABCD"), (Sort::Cheapest, "CABD"), (Sort::Fastest, "DABC")] {
            sort(&mut itineraries, by);
            assert_eq!(ids(&itineraries), order, "{by:?}");
        }
    }

    #[test]
    fn filters_are_alternatives_within_a_group_and_conditions_across() {
        let offers = offers();
        let itineraries = Itinerary::group(&offers);
        let filters =
            |stops: &[u8], times: &[DayPart]| Filters { stops: stops.to_vec(), times: times.to_vec() };
        for (filters, left) in [
            (filters(&[], &[]), "ABCD"),
            (filters(&[0], &[]), "ABD"),
            (filters(&[0, 1], &[]), "ABCD"),
            (filters(&[], &[DayPart::Morning]), "AC"),
            (filters(&[0], &[DayPart::Morning, DayPart::Night]), "AD"),
            (filters(&[1], &[DayPart::Evening]), ""),
        ] {
            let passing: Vec<_> = itineraries.iter().filter(|each| passes(each, &filters)).cloned().collect();
            assert_eq!(ids(&passing), left, "{filters:?}");
        }
    }

    #[test]
    fn a_label_shows_the_lowest_price_of_what_it_lets_through() {
        let offers = offers();
        let itineraries = Itinerary::group(&offers);
        assert_eq!(
            lowest(&itineraries, |each| each.stops() == 1).map(|money| money.amount_minor),
            Some(60_400)
        );
        assert_eq!(lowest(&itineraries, |each| each.stops() == 2), None);
    }
}
