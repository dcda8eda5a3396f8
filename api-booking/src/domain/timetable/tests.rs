//! What must be true of the timetable in the tree, of its times, and of every search.

use std::collections::{BTreeMap, BTreeSet};

use api_types::Cabin;
use proptest::prelude::*;

use super::*;

fn code(text: &str) -> Iata {
    text.parse().unwrap()
}

fn date(text: &str) -> LocalDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> UtcInstant {
    text.parse().unwrap()
}

/// When nothing is too soon to be sold.
fn long_before() -> UtcInstant {
    instant("2026-11-01T00:00:00Z")
}

fn ids(from: &str, to: &str, day: &str, now: &str) -> Vec<String> {
    let found = Schedule::current().itineraries(code(from), code(to), date(day), instant(now));
    found.iter().map(Itinerary::id).collect()
}

mod network {
    use super::*;

    #[test]
    fn tokyo_is_one_flight_from_san_francisco_every_day() {
        let schedule = Schedule::current();
        let first_day = date("2026-11-21");
        for ahead in 0..=330 {
            let day = first_day.plus_days(ahead).unwrap();
            for (from, to, number, clock) in
                [("SFO", "NRT", "TN7", "11:05:00"), ("SFO", "HND", "TN1", "13:20:00")]
            {
                let found = schedule.itineraries(code(from), code(to), day, long_before());
                let nonstop = found.iter().find(|each| each.flights.len() == 1).expect("a nonstop flight");
                assert_eq!(nonstop.flights[0].flight_number.as_str(), number, "{day}");
                assert_eq!(nonstop.segments()[0].departure.local.to_string(), format!("{day}T{clock}"));
            }
        }
    }

    /// Whether somebody gets from one airport to the other on one of a few days: some routes are flown on some days
    /// of the week or in one season.
    fn is_flown(from: Iata, to: Iata) -> bool {
        let days = ["2027-01-18", "2027-01-19", "2027-01-20", "2027-01-21", "2027-07-05", "2027-07-06"];
        days.iter().any(|day| !Schedule::current().itineraries(from, to, date(day), long_before()).is_empty())
    }

    #[test]
    fn every_airport_is_within_two_flights_of_san_francisco_both_ways() {
        let home = code("SFO");
        for airport in reference_data::airports() {
            let there = is_flown(home, airport.iata);
            let back = is_flown(airport.iata, home);
            // Nobody flies across the bay.
            let next_door = reference_data::distance_mi(home, airport.iata).unwrap() < 60;
            assert_eq!((there, back), (!next_door, !next_door), "{}", airport.iata);
        }
    }

    #[test]
    fn every_airport_is_within_two_flights_of_several_hubs_both_ways() {
        let hubs = ["SFO", "ORD", "JFK", "LHR", "FRA", "DXB", "SIN"].map(code);
        for airport in reference_data::airports() {
            let near = |hub: &Iata| {
                *hub == airport.iata || (is_flown(*hub, airport.iata) && is_flown(airport.iata, *hub))
            };
            let hubs = hubs.iter().filter(|hub| near(hub)).count();
            assert!(hubs >= 3, "{} is connected to {hubs}", airport.iata);
        }
    }

    #[test]
    fn flights_leave_every_airport() {
        for airport in reference_data::airports() {
            assert!(Schedule::current().daily_departures(airport.iata) > 0, "{}", airport.iata);
        }
        assert!(Schedule::current().daily_departures(code("SFO")) > 100);
        assert_eq!(Schedule::current().daily_departures(code("TYO")), 0);
    }

    #[test]
    fn a_flight_number_is_one_flight_odd_on_the_way_out_even_on_the_way_back() {
        let timetable = &Schedule::current().timetable;
        let mut routes = BTreeMap::new();
        let mut pairs = BTreeSet::new();
        for from in 0..reference_data::airports().len() as u8 {
            for route in timetable.routes_from(from) {
                assert!(pairs.insert((route.from, route.to)), "a route is there twice: {route:?}");
            }
        }
        for flight in timetable.flights() {
            let route = timetable.route_of(flight);
            let ends = (route.from, route.to);
            assert_eq!(routes.insert(flight.number, ends), None, "TN{} is there twice", flight.number);
        }
        for (number, (from, to)) in &routes {
            let pair = if number % 2 == 1 { number + 1 } else { number - 1 };
            assert_eq!(routes.get(&pair), Some(&(*to, *from)), "TN{number} and TN{pair}");
        }
    }

    #[test]
    fn block_times_are_honest_and_the_wind_blows_from_the_west() {
        let timetable = &Schedule::current().timetable;
        let airport = |position: u8| &reference_data::airports()[usize::from(position)];
        for flight in timetable.flights() {
            let route = timetable.route_of(flight);
            let (from, to) = (airport(route.from), airport(route.to));
            let mi = reference_data::distance_mi(from.iata, to.iata).unwrap();
            // In the air at 420 to 600 mph over the ground, with 25 to 60 minutes on it, climbing and descending.
            let (least, most) = (mi * 60 / 600 + 25, mi * 60 / 420 + 60);
            let block = u32::from(route.block_minutes);
            assert!((least..=most).contains(&block), "{}-{}: {mi} mi in {block} min", from.iata, to.iata);
            let range_mi = match fleet()[usize::from(flight.aircraft)].code {
                "E295" => 2600,
                "BCS3" => 3400,
                "A21N" => 3400,
                "A21X" => 4700,
                "B789" => 7600,
                "B77W" => 8400,
                "A35K" => 9700,
                other => panic!("no range is known of {other}"),
            };
            assert!(mi <= range_mi, "{}-{}: {mi} mi", from.iata, to.iata);
        }
        for (west, east) in
            [("JFK", "LHR"), ("SFO", "JFK"), ("NRT", "SFO"), ("SFO", "LHR"), ("PER", "SYD"), ("GRU", "JNB")]
        {
            let block = |from: &str, to: &str| {
                let position = |iata| reference_data::places::position(code(iata)).unwrap() as u8;
                timetable.route(position(from), position(to)).unwrap().block_minutes
            };
            assert!(block(west, east) < block(east, west), "{west}-{east}");
        }
    }
}

mod times {
    use super::*;

    /// Days on which clocks change somewhere, and their neighbours.
    const CHANGES: [&str; 12] = [
        "2026-11-01", // North America back
        "2027-03-14", // North America forward
        "2027-03-28", // Europe forward
        "2027-10-31", // Europe back
        "2027-11-07", // North America back
        "2027-04-04", // Australia, New Zealand and Chile back
        "2027-10-03", // Australia forward
        "2027-09-26", // New Zealand forward
        "2027-09-05", // Chile forward
        "2027-04-30", // Egypt forward
        "2027-02-07", // Morocco back for Ramadan
        "2027-07-01", // nothing
    ];

    #[test]
    fn every_flight_takes_its_block_time_and_clocks_agree_through_every_change() {
        let schedule = Schedule::current();
        let mut checked = 0;
        for change in CHANGES {
            for day in (-1..=1).filter_map(|days| date(change).plus_days(days)) {
                for (flight, position) in schedule.timetable.flights().iter().zip(0..) {
                    if !flight.operates_on(day) {
                        continue;
                    }
                    let dated = schedule.dated(schedule.leg_on(position, flight, day));
                    let (departure, arrival) = (&dated.departure, &dated.arrival);
                    assert_eq!(departure.utc.minutes_until(arrival.utc), i64::from(dated.block_minutes));

                    // The same by jiff's zoned arithmetic on the zones' names.
                    let planned = jiff::civil::date(day.year() as i16, day.month() as i8, day.day() as i8)
                        .at((flight.minute / 60) as i8, (flight.minute % 60) as i8, 0, 0);
                    let leaves = planned.in_tz(departure.zone.as_str()).unwrap();
                    let lands = leaves
                        .checked_add(jiff::Span::new().minutes(i64::from(dated.block_minutes)))
                        .unwrap()
                        .in_tz(arrival.zone.as_str())
                        .unwrap();
                    assert_eq!(departure.utc.epoch_secs(), leaves.timestamp().as_second(), "{dated:?}");
                    assert_eq!(departure.local.to_string(), leaves.datetime().to_string(), "{dated:?}");
                    assert_eq!(arrival.local.to_string(), lands.datetime().to_string(), "{dated:?}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 50_000, "{checked}");
    }

    #[test]
    fn a_time_that_clocks_skip_moves_on_and_one_they_show_twice_is_the_first() {
        for (airport, day, planned, utc, shown) in [
            ("SFO", "2027-03-14", (1, 59), "2027-03-14T09:59:00Z", "2027-03-14T01:59:00"),
            ("SFO", "2027-03-14", (2, 30), "2027-03-14T10:30:00Z", "2027-03-14T03:30:00"),
            ("SFO", "2026-11-01", (1, 30), "2026-11-01T08:30:00Z", "2026-11-01T01:30:00"),
            ("LHR", "2027-03-28", (1, 30), "2027-03-28T01:30:00Z", "2027-03-28T02:30:00"),
            ("LHR", "2027-10-31", (1, 30), "2027-10-31T00:30:00Z", "2027-10-31T01:30:00"),
            ("SYD", "2027-10-03", (2, 15), "2027-10-02T16:15:00Z", "2027-10-03T03:15:00"),
            ("SYD", "2027-04-04", (2, 15), "2027-04-03T15:15:00Z", "2027-04-04T02:15:00"),
            ("SCL", "2027-09-05", (0, 20), "2027-09-05T04:20:00Z", "2027-09-05T01:20:00"), // at midnight
            ("KTM", "2027-01-01", (12, 0), "2027-01-01T06:15:00Z", "2027-01-01T12:00:00"), // by 45 minutes
        ] {
            let position = reference_data::places::position(code(airport)).unwrap();
            let (hour, minute) = planned;
            let meant = zone::instant(position, date(day), hour * 60 + minute);
            assert_eq!(UtcInstant::from_epoch_secs(meant), instant(utc), "{airport} {day} {planned:?}");
            assert_eq!(zone::wall_clock(position, meant).to_string(), shown, "{airport} {day} {planned:?}");
        }
    }
}

mod searching {
    use super::*;

    #[test]
    fn a_flight_is_sold_until_an_hour_before_it_leaves() {
        // TN7 leaves at 11:05 in San Francisco: 19:05 UTC.
        for (now, sold) in
            [("2026-12-05T18:04:59Z", true), ("2026-12-05T18:05:00Z", true), ("2026-12-05T18:05:01Z", false)]
        {
            let found = ids("SFO", "NRT", "2026-12-05", now);
            assert_eq!(found.contains(&"TN7-20261205".to_owned()), sold, "{now}: {found:?}");
        }
        assert_eq!(ids("SFO", "NRT", "2026-12-05", "2026-12-07T00:00:00Z"), [""; 0]);
    }

    #[test]
    fn a_metropolitan_area_is_all_of_its_airports() {
        let now = "2026-11-21T12:00:00Z";
        let both = ids("SFO", "TYO", "2026-12-05", now);
        for one in ["TN7-20261205", "TN1-20261205"] {
            assert!(both.contains(&one.to_owned()), "{one} in {both:?}");
        }
        let found =
            Schedule::current().itineraries(code("NYC"), code("LON"), date("2027-06-10"), instant(now));
        let ends: BTreeSet<_> = found.iter().map(|each| (each.from(), each.to())).collect();
        assert!(ends.len() > 2, "{ends:?}");
        // From one airport of a city to another leads no flight.
        assert_eq!(ids("TYO", "HND", "2026-12-05", now), [""; 0]);
    }

    #[test]
    fn nobody_is_sent_far_out_of_the_way() {
        let now = "2026-11-21T12:00:00Z";
        for (from, to) in [("SFO", "LAX"), ("LHR", "MAN"), ("JFK", "BOS")] {
            for itinerary in
                Schedule::current().itineraries(code(from), code(to), date("2026-12-05"), instant(now))
            {
                assert_eq!(itinerary.flights.len(), 1, "{from}-{to} by {}", itinerary.id());
            }
        }
    }

    #[test]
    fn an_id_is_written_in_one_way_and_means_flights_that_are_flown() {
        let schedule = Schedule::current();
        assert!(schedule.itinerary("TN7-20261205").is_some());
        let changing = schedule
            .itineraries(code("SAN"), code("NRT"), date("2026-12-05"), long_before())
            .into_iter()
            .find(|each| each.flights.len() == 2 && each.flights[0].to == code("SFO"))
            .expect("a way by San Francisco");
        let id = changing.id();
        let (first, second) = id.split_once('_').unwrap();
        assert_eq!(schedule.itinerary(&id), Some(changing));
        for bad in [
            String::new(),
            "TN7".to_owned(),
            "TN7-2026125".to_owned(),
            "TN7-20261305".to_owned(),
            "TN07-20261205".to_owned(),
            "tn7-20261205".to_owned(),
            "XX7-20261205".to_owned(),
            "TN9999-20261205".to_owned(),
            "TN70000-20261205".to_owned(),
            "TN+7-20261205".to_owned(),
            "TN7-+0261205".to_owned(),
            "TN7-20261205_".to_owned(),
            " TN7-20261205".to_owned(),
            "TN7-20261205_TN7-20261205".to_owned(),
            "TN7-20261205_TN8-20261206".to_owned(), // there and back again
            format!("{second}_{first}"),
            format!("{id}_TN8-20261207"),
            format!("{first}_TN7-20261207"), // a day of waiting
            "TN7-99991231".to_owned(),
        ] {
            assert_eq!(schedule.itinerary(&bad), None, "{bad:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn every_itinerary_found_is_one_that_somebody_can_fly(
            from in 0..reference_data::airports().len(),
            to in 0..reference_data::airports().len(),
            ahead in 0..=330_i32,
            whole_city in proptest::bool::ANY,
            hour in 0..24_i64,
        ) {
            let schedule = Schedule::current();
            let now = instant("2026-11-21T00:00:00Z").plus_secs(hour * 3600);
            let day = date("2026-11-21").plus_days(ahead).unwrap();
            let place = |position: usize| {
                let airport = &reference_data::airports()[position];
                airport.metro.filter(|_| whole_city).unwrap_or(airport.iata)
            };
            let (from, to) = (place(from), place(to));
            let (origins, destinations) = (reference_data::airports_of(from), reference_data::airports_of(to));
            let found = schedule.itineraries(from, to, day, now);

            let mut seats_of = BTreeSet::new();
            for itinerary in &found {
                prop_assert!(origins.contains(&itinerary.from()) && destinations.contains(&itinerary.to()));
                prop_assert_eq!(itinerary.departure_date(), day);
                prop_assert!(now.minutes_until(itinerary.departure()) >= 60);
                let again = schedule.itinerary(&itinerary.id());
                prop_assert_eq!(again.as_ref(), Some(itinerary), "{}", itinerary.id());
                prop_assert!(itinerary.flights.iter().all(|flight| flight.seat_capacity(Cabin::Economy) > 0));
                for flight in &itinerary.flights {
                    let again = schedule.dated_flight(&flight.flight_number, flight.departure_date);
                    prop_assert_eq!(again.as_ref(), Some(flight));
                    seats_of.insert((flight.flight_number.clone(), flight.departure_date));
                }
                if let [one, two] = itinerary.flights.as_slice() {
                    prop_assert_eq!(one.to, two.from, "a change is within one airport");
                    prop_assert!(!origins.contains(&one.to) && !destinations.contains(&one.to));
                    let position = |iata| reference_data::places::position(iata).unwrap() as u8;
                    let least = connection::minimum_minutes(position(one.from), position(one.to), position(two.to));
                    let layover = one.arrival.utc.minutes_until(two.departure.utc);
                    prop_assert!(layover >= i64::from(least) && layover <= 720, "{}: {}", itinerary.id(), layover);
                    let beaten = found.iter().any(|other| {
                        (other.from(), other.to()) == (itinerary.from(), itinerary.to())
                            && other.departure() >= itinerary.departure()
                            && other.arrival() <= itinerary.arrival()
                            && other != itinerary
                    });
                    prop_assert!(!beaten, "{} is dominated", itinerary.id());
                }
            }
            prop_assert!(found.len() <= 20 && seats_of.len() <= 20);
            prop_assert!(found.is_sorted_by_key(Itinerary::departure));
        }

        #[test]
        fn no_id_makes_the_schedule_panic(id in "[TN0-9_-]{0,30}|\\PC{0,20}") {
            if let Some(itinerary) = Schedule::current().itinerary(&id) {
                prop_assert_eq!(itinerary.id(), id);
            }
        }
    }
}
