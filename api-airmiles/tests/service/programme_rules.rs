//! The published rules agree with the code.

use api_airmiles::domain::{EarningSegment, Party, segment_lines, total};
use api_types::{Cabin, FareClass, FareFamily, Miles, PassengerType, Tier, UtcInstant};
use reference_data::earning::{EarningChart, charts};

const PAGE: &str = include_str!("../../../docs/programme-rules.md");

/// The newest chart: the page is of its version.
fn chart() -> &'static EarningChart {
    charts().at(UtcInstant::from_epoch_ms(i64::MAX))
}

/// The cells of each row of the table in `section`.
fn table(section: &str) -> Vec<Vec<&'static str>> {
    let start = PAGE.find(&format!("\n## {section}\n")).unwrap_or_else(|| panic!("no section {section}"));
    let lines = PAGE[start..].lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn percent(text: &str) -> u32 {
    text.strip_suffix(" %").unwrap().parse().unwrap()
}

fn miles(text: &str) -> Miles {
    Miles(text.replace(',', "").parse().unwrap())
}

#[test]
fn the_page_is_of_the_chart_s_version() {
    assert!(PAGE.contains(&format!("Version `{}`", chart().version)));
    assert!(PAGE.contains(&format!("at least **{}** miles", chart().minimum_mi)));
}

#[test]
fn the_rates_are_those_of_the_chart() {
    let rows = table("Earning on flights");
    assert_eq!(rows.len(), FareClass::ALL.len());
    for row in rows {
        let [class, cabin, family, rate] = row[..] else { panic!("{row:?}") };
        let (cabin, family): (Cabin, FareFamily) = (cabin.parse().unwrap(), family.parse().unwrap());
        assert_eq!(class.parse(), Ok(FareClass::of(cabin, family)), "{row:?}");
        assert_eq!(percent(rate), chart().rate_percent(class.parse().unwrap()), "{row:?}");
    }
}

#[test]
fn the_tiers_are_those_of_the_chart() {
    let rows = table("Tiers");
    assert_eq!(rows.len(), Tier::ALL.len());
    for row in rows {
        let [tier, status_miles, bonus] = row[..] else { panic!("{row:?}") };
        let tier: Tier = tier.parse().unwrap();
        assert_eq!(miles(status_miles), chart().status_threshold(tier), "{row:?}");
        assert_eq!(percent(bonus), chart().bonus_percent(tier), "{row:?}");
    }
}

#[test]
fn the_passenger_types_earn_what_the_page_says() {
    let rows = table("Passenger types");
    assert_eq!(rows.len(), PassengerType::ALL.len());
    for (row, passenger_type) in rows.iter().zip(PassengerType::ALL) {
        let [word, _, seat, earns] = row[..] else { panic!("{row:?}") };
        assert_eq!(word, passenger_type.as_str());
        assert_eq!(seat == "yes", passenger_type.has_seat(), "{row:?}");
        assert_eq!(earns == "base", chart().passenger_percent(passenger_type) == 100, "{row:?}");
        assert_eq!(earns == "nothing", chart().passenger_percent(passenger_type) == 0, "{row:?}");
    }
}

#[test]
fn the_worked_examples_come_out_as_the_page_says() {
    let rows = table("Worked examples");
    assert!(rows.len() >= 8);
    for row in rows {
        let [from, to, fare_class, party, tier, earned, how] = row[..] else { panic!("{row:?}") };
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let segment = EarningSegment {
            flight_number: None,
            from,
            to,
            departure_date: None,
            fare_class: fare_class.parse().unwrap(),
            distance_mi: reference_data::distance_mi(from, to).unwrap(),
        };
        let lines = segment_lines(chart(), &segment, read_party(party), tier.parse().unwrap());
        let workings = lines.iter().map(|line| line.working.as_str()).collect::<Vec<_>>();
        assert_eq!(workings.join("; "), how, "{row:?}");
        assert_eq!(total(&lines), miles(earned), "{row:?}");
    }
}

/// `2 adults, 1 child, 1 infant`.
fn read_party(text: &str) -> Party {
    let counted = text.split(", ").flat_map(|part| {
        let (count, word) = part.split_once(' ').unwrap();
        let passenger_type = match word {
            "adult" | "adults" => PassengerType::Adult,
            "child" | "children" => PassengerType::Child,
            "infant" | "infants" => PassengerType::Infant,
            _ => panic!("{word}"),
        };
        std::iter::repeat_n(passenger_type, count.parse().unwrap())
    });
    Party::of(counted)
}
