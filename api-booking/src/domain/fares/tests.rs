use api_types::LocalDate;
use proptest::prelude::*;

use super::*;
use crate::domain::Schedule;

fn itineraries(from: &str, to: &str, day: &str) -> Vec<Itinerary> {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    Schedule::current().itineraries(from, to, day.parse().unwrap(), now())
}

fn now() -> UtcInstant {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn itinerary(id: &str) -> Itinerary {
    Schedule::current().itinerary(id).unwrap()
}

#[test]
fn san_francisco_to_tokyo_costs_what_people_expect() {
    let date = "2026-12-05".parse::<LocalDate>().unwrap();
    let lowest: Vec<i64> = (0..60)
        .map(|step| {
            let day = date.plus_days(step * 5).unwrap().to_string();
            let found = itineraries("SFO", "TYO", &day);
            let prices = found.iter().filter_map(|each| lowest_for_one_adult(each, Cabin::Economy, now()));
            prices.map(|money| money.amount_minor).min().unwrap()
        })
        .collect();
    assert!(lowest.iter().all(|minor| (48_000..90_000).contains(minor)), "{lowest:?}");
    let mean = lowest.iter().sum::<i64>() / 60;
    assert!((58_000..72_000).contains(&mean), "{mean}");
}

#[test]
fn a_price_names_its_taxes() {
    let party = Party::new(2, 1, 1).unwrap();
    let abroad = price(&itinerary("TN7-20261205"), Cabin::Economy, FareFamily::Light, &party, now()).unwrap();
    let lines: Vec<_> =
        abroad.taxes.iter().map(|line| (line.code.as_str(), line.name.as_str(), line.amount_minor)).collect();
    assert_eq!(
        lines,
        [
            ("YQ", "Fuel surcharge", 3 * 6500),
            ("YQ", "Long-haul fuel surcharge", 3 * 7500),
            ("US", "US international transportation tax", 4 * 2290), // infants too
            ("AY", "US September 11 security fee", 3 * 560),
            ("XF", "US passenger facility charge", 3 * 450),
        ]
    );

    let inland = itineraries("SFO", "LAX", "2026-12-05");
    let inland = price(&inland[0], Cabin::Economy, FareFamily::Light, &Party::one_adult(), now()).unwrap();
    let codes: Vec<_> = inland.taxes.iter().map(|line| line.code.as_str()).collect();
    assert_eq!(codes, ["US", "ZP", "AY", "XF"]);
    assert_eq!(inland.taxes[0].amount_minor, inland.fare_minor * 75 / 1000);
}

#[test]
fn who_changes_planes_pays_facility_charges_twice() {
    let changing =
        itineraries("SAN", "BOS", "2026-12-05").into_iter().find(|each| each.flights.len() == 2).unwrap();
    let price = price(&changing, Cabin::Economy, FareFamily::Flex, &Party::one_adult(), now()).unwrap();
    let of = |code: &str| price.taxes.iter().find(|line| line.code == code).map(|line| line.amount_minor);
    assert_eq!((of("XF"), of("ZP"), of("AY")), (Some(900), Some(1040), Some(560)));
}

#[test]
fn children_pay_three_quarters_of_the_fare_and_infants_a_tenth() {
    for (adult, child, infant) in [(40_000, 30_000, 4000), (47_300, 35_400, 4700), (3900, 2900, 300)] {
        let fares = PassengerType::ALL.map(|each| passenger_fare_minor(adult, each));
        assert_eq!(fares, [adult, child, infant]);
    }
}

#[test]
fn a_cabin_is_sold_where_every_flight_has_it() {
    let tn7 = itinerary("TN7-20261205"); // a 787-9: no first
    let tn1 = itinerary("TN1-20261205"); // a 777-300ER
    for (itinerary, cabin, sold) in [
        (&tn7, Cabin::Economy, true),
        (&tn7, Cabin::Business, true),
        (&tn7, Cabin::First, false),
        (&tn1, Cabin::First, true),
    ] {
        let price = price(itinerary, cabin, FareFamily::Light, &Party::one_adult(), now());
        assert_eq!(price.is_some(), sold, "{} in {cabin}", itinerary.id());
        assert_eq!(lowest_for_one_adult(itinerary, cabin, now()).is_some(), sold);
    }
    let mixed = itineraries("SAN", "HND", "2026-12-05");
    let mixed =
        mixed.iter().find(|each| each.has_cabin(Cabin::Economy) && !each.has_cabin(Cabin::First)).unwrap();
    assert_eq!(price(mixed, Cabin::First, FareFamily::Light, &Party::one_adult(), now()), None);
}

#[test]
fn days_seasons_and_haste_are_paid_for() {
    let tariff = &*TARIFF;
    for (day, percent) in [
        ("2026-12-15", 100),
        ("2026-12-16", 124),
        ("2027-01-01", 124), // over the turn of the year
        ("2027-01-04", 124),
        ("2027-01-05", 100),
        ("2027-02-14", 91),
        ("2027-08-31", 117),
        ("2027-09-01", 100),
    ] {
        assert_eq!(tariff.season_percent(day.parse().unwrap()), percent, "{day}");
    }
    for (days, percent) in
        [(0, 168), (3, 168), (4, 145), (13, 126), (21, 100), (60, 95), (330, 98), (9999, 100)]
    {
        assert_eq!(tariff.days_before(days), percent, "{days}");
    }
    for (mi, minor) in [(0, 3900), (100, 5100), (500, 9900), (1500, 19_400), (4000, 39_900), (5124, 47_992)] {
        assert_eq!(tariff.distance_fare_minor(mi), minor, "{mi} mi");
    }
}

#[test]
fn demand_is_always_the_same_and_uses_its_whole_range() {
    let day: LocalDate = "2026-12-05".parse().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for days in 0..400 {
        let date = day.plus_days(days).unwrap();
        let percent = demand((90, 114), &["SFO", "NRT"], date);
        assert_eq!(percent, demand((90, 114), &["SFO", "NRT"], date));
        seen.insert(percent);
    }
    assert_eq!(seen, (90..=114).collect());
    let differs = |days| {
        let date = day.plus_days(days).unwrap();
        demand((90, 114), &["SFO", "NRT"], date) != demand((90, 114), &["SFO", "HND"], date)
    };
    assert!((0..100).filter(|days| differs(*days)).count() > 80);
}

#[test]
fn a_dearer_family_allows_no_less() {
    let change = |terms: &ChangeTerms| match terms {
        ChangeTerms::NotAllowed => i64::MAX,
        ChangeTerms::Fee { fee } => fee.amount_minor,
        ChangeTerms::Free => 0,
    };
    let refund = |terms: &RefundTerms| match terms {
        RefundTerms::TaxesOnly => i64::MAX,
        RefundTerms::Fee { fee } => fee.amount_minor,
        RefundTerms::Full => 0,
    };
    for cabin in Cabin::ALL {
        let all = FareFamily::ALL.map(|family| conditions(cabin, family));
        assert!(all.is_sorted_by_key(|each| each.checked_bags), "{cabin}");
        assert!(all.is_sorted_by_key(|each| std::cmp::Reverse(change(&each.change))), "{cabin}");
        assert!(all.is_sorted_by_key(|each| std::cmp::Reverse(refund(&each.refund))), "{cabin}");
        assert_eq!(all[2].change, ChangeTerms::Free);
        assert_eq!(all[2].refund, RefundTerms::Full);
    }
}

#[test]
fn a_party_pays_the_sum_of_its_fares_and_taxes() {
    // SFO-NRT in economy light on 5 December 2026, 14 days ahead, to the cent.
    let itinerary = itinerary("TN7-20261205");
    for (adults, children, infants, fare_minor, amount_minor) in [
        (1, 0, 0, 58_000, 75_300),
        (1, 1, 0, 101_500, 136_100),
        (1, 0, 1, 63_800, 83_390),
        (2, 1, 1, 165_300, 219_490),
    ] {
        let party = Party::new(adults, children, infants).unwrap();
        let price = price(&itinerary, Cabin::Economy, FareFamily::Light, &party, now()).unwrap();
        assert_eq!(
            (price.fare_minor, price.amount_minor),
            (fare_minor, amount_minor),
            "{adults} adults, {children} children, {infants} infants"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn every_price_adds_up_and_rises_with_what_it_gives(
        from in 0..reference_data::airports().len(),
        to in 0..reference_data::airports().len(),
        ahead in 1..=330_i32,
        adults in 1..=9_u8,
        children in 0..=8_u8,
        infants in 0..=4_u8,
    ) {
        let airports = reference_data::airports();
        let party = Party::new(adults, children, infants).unwrap_or(Party::one_adult());
        let day = "2026-11-21".parse::<LocalDate>().unwrap().plus_days(ahead).unwrap();
        for itinerary in Schedule::current().itineraries(airports[from].iata, airports[to].iata, day, now()) {
            let mut cheapest_of_cabin_before = [0; 3];
            for cabin in Cabin::ALL.into_iter().filter(|cabin| itinerary.has_cabin(*cabin)) {
                let mut before = 0;
                for family in FareFamily::ALL {
                    let price = price(&itinerary, cabin, family, &party, now()).unwrap();
                    let taxes: i64 = price.taxes.iter().map(|line| line.amount_minor).sum();
                    prop_assert_eq!(price.amount_minor, price.fare_minor + taxes);
                    let shares = price.shares.iter().map(|share| i64::from(share.count) * share.each_minor);
                    prop_assert_eq!(price.amount_minor, shares.sum::<i64>());
                    let people: u8 = price.shares.iter().map(|share| share.count).sum();
                    prop_assert_eq!(people, party.total());
                    prop_assert!(price.taxes.iter().all(|line| line.amount_minor > 0));
                    prop_assert!(price.shares.iter().all(|share| share.each_minor > 0 && share.count > 0));

                    prop_assert!(price.amount_minor > before, "{} in {} {}", itinerary.id(), cabin, family);
                    before = price.amount_minor;
                    let lower_cabin = &mut cheapest_of_cabin_before[family as usize];
                    prop_assert!(price.amount_minor > *lower_cabin, "{} in {} {}", itinerary.id(), cabin, family);
                    *lower_cabin = price.amount_minor;
                }
                let one = super::price(&itinerary, cabin, FareFamily::Light, &Party::one_adult(), now()).unwrap();
                let lowest = lowest_for_one_adult(&itinerary, cabin, now()).unwrap();
                prop_assert_eq!(one.amount_minor, lowest.amount_minor);
            }
        }
    }
}
