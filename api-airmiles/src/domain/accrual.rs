//! The miles of seats, line by line with their calculation: the same for a booking and for an estimate.

use api_types::{
    EarningRule, FareClass, FlightNumber, Iata, LocalDate, Miles, MilesLine, PassengerType, Tier,
};
use reference_data::earning::EarningChart;

use super::Booking;

/// The parts of a segment that determine its miles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningSegment {
    /// The flight; an estimate knows none.
    pub flight_number: Option<FlightNumber>,
    pub from: Iata,
    pub to: Iata,
    /// The local date of departure; an estimate knows none.
    pub departure_date: Option<LocalDate>,
    /// The class it is sold under.
    pub fare_class: FareClass,
    /// The WGS84 geodesic, in statute miles.
    pub distance_mi: u32,
}

/// How many of each type fly together. The member is the first adult.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// 12 years or older.
    pub adults: u8,
    /// 2 to 11 years.
    pub children: u8,
    /// Under 2 years, without a seat.
    pub infants: u8,
}

impl Party {
    /// One adult: the member alone.
    pub const MEMBER_ALONE: Self = Self { adults: 1, children: 0, infants: 0 };

    /// Counts the passengers of a booking.
    pub fn of(passengers: impl IntoIterator<Item = PassengerType>) -> Self {
        passengers.into_iter().fold(Self::default(), |party, passenger_type| match passenger_type {
            PassengerType::Adult => Self { adults: party.adults.saturating_add(1), ..party },
            PassengerType::Child => Self { children: party.children.saturating_add(1), ..party },
            PassengerType::Infant => Self { infants: party.infants.saturating_add(1), ..party },
        })
    }

    fn count(self, passenger_type: PassengerType) -> u8 {
        match passenger_type {
            PassengerType::Adult => self.adults,
            PassengerType::Child => self.children,
            PassengerType::Infant => self.infants,
        }
    }
}

/// The lines of a whole booking for a member of `tier`, in the order of its segments.
///
/// Source: docs/programme-rules.md, "Earning on flights".
#[must_use]
pub fn booking_lines(chart: &EarningChart, booking: &Booking, tier: Tier) -> Vec<MilesLine> {
    let party = Party::of(booking.passengers.iter().copied());
    let flown = booking.bounds.iter().flat_map(|bound| {
        bound.segments.iter().map(|segment| EarningSegment {
            flight_number: Some(segment.flight_number.clone()),
            from: segment.from,
            to: segment.to,
            departure_date: Some(segment.departure_date),
            fare_class: bound.fare_class,
            distance_mi: segment.distance_mi,
        })
    });
    flown.flat_map(|segment| segment_lines(chart, &segment, party, tier)).collect()
}

/// The lines of one segment for a member of `tier` who flies it with `party`: one per rule and passenger type that
/// applies.
///
/// Source: docs/programme-rules.md, "Earning on flights" and "Passenger types".
#[must_use]
pub fn segment_lines(
    chart: &EarningChart,
    segment: &EarningSegment,
    party: Party,
    tier: Tier,
) -> Vec<MilesLine> {
    let base = PassengerType::ALL.into_iter().filter(|each| each.has_seat());
    let no_seat = PassengerType::ALL.into_iter().filter(|each| !each.has_seat());
    base.filter_map(|passenger_type| base_line(chart, segment, party, passenger_type))
        .chain(tier_bonus_line(chart, segment, party, tier))
        .chain(no_seat.filter_map(|passenger_type| no_seat_line(segment, party, passenger_type)))
        .collect()
}

/// The sum of `lines`.
#[must_use]
pub fn total(lines: &[MilesLine]) -> Miles {
    lines.iter().map(|line| line.miles).sum()
}

fn base_line(
    chart: &EarningChart,
    segment: &EarningSegment,
    party: Party,
    passenger_type: PassengerType,
) -> Option<MilesLine> {
    let count = party.count(passenger_type);
    (count > 0).then(|| {
        let rate_percent = chart.rate_percent(segment.fare_class);
        let seat_percent = chart.passenger_percent(passenger_type);
        let seat = chart.seat_miles(segment.distance_mi, segment.fare_class, passenger_type);
        let mut working = format!("{} mi × {rate_percent} %", grouped(segment.distance_mi.into()));
        // The minimum and a seat's share are named only where they change something.
        if u64::from(segment.distance_mi) * u64::from(rate_percent) / 100 < u64::from(chart.minimum_mi) {
            working.push_str(&format!(", at least {} mi,", grouped(chart.minimum_mi.into())));
        }
        if seat_percent != 100 {
            working.push_str(&format!(" × {seat_percent} %"));
        }
        working.push_str(&format!(" × {}", people(count, passenger_type)));
        let miles = Miles(seat.0 * i64::from(count));
        line(segment, EarningRule::Base, passenger_type, count, rate_percent, miles, working)
    })
}

/// The member's own seat, and no other, earns the bonus. Source: docs/programme-rules.md, "Tiers".
fn tier_bonus_line(
    chart: &EarningChart,
    segment: &EarningSegment,
    party: Party,
    tier: Tier,
) -> Option<MilesLine> {
    let bonus_percent = chart.bonus_percent(tier);
    (bonus_percent > 0 && party.adults > 0).then(|| {
        let base = chart.base_miles(segment.distance_mi, segment.fare_class);
        let miles = chart.bonus_miles(base, tier);
        let working = format!("{} miles × {bonus_percent} %, your own seat", grouped(base.0));
        line(segment, EarningRule::TierBonus, PassengerType::Adult, 1, bonus_percent, miles, working)
    })
}

fn no_seat_line(segment: &EarningSegment, party: Party, passenger_type: PassengerType) -> Option<MilesLine> {
    let count = party.count(passenger_type);
    (count > 0).then(|| {
        let working = format!("{} without a seat", people(count, passenger_type));
        line(segment, EarningRule::NoSeat, passenger_type, count, 0, Miles(0), working)
    })
}

fn line(
    segment: &EarningSegment,
    rule: EarningRule,
    passenger_type: PassengerType,
    passenger_count: u8,
    rate_percent: u32,
    miles: Miles,
    working: String,
) -> MilesLine {
    MilesLine {
        flight_number: segment.flight_number.clone(),
        from: segment.from,
        to: segment.to,
        departure_date: segment.departure_date,
        fare_class: segment.fare_class,
        distance_mi: segment.distance_mi,
        rule,
        passenger_type,
        passenger_count,
        rate_percent,
        miles,
        working,
    }
}

/// `1 adult`, `2 children`.
fn people(count: u8, passenger_type: PassengerType) -> String {
    let word = match (passenger_type, count) {
        (PassengerType::Adult, 1) => "adult",
        (PassengerType::Adult, _) => "adults",
        (PassengerType::Child, 1) => "child",
        (PassengerType::Child, _) => "children",
        (PassengerType::Infant, 1) => "infant",
        (PassengerType::Infant, _) => "infants",
    };
    format!("{count} {word}")
}

/// `5,124`: a comma every three digits of a number that is not negative.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> &'static EarningChart {
        reference_data::earning::charts().at("2026-11-21T09:00:00Z".parse().unwrap())
    }

    fn segment(fare_class: FareClass, distance_mi: u32) -> EarningSegment {
        EarningSegment {
            flight_number: None,
            from: "SFO".parse().unwrap(),
            to: "NRT".parse().unwrap(),
            departure_date: None,
            fare_class,
            distance_mi,
        }
    }

    #[test]
    fn a_segment_earns_by_class_party_and_tier() {
        let party = |adults, children, infants| Party { adults, children, infants };
        for (fare_class, distance_mi, party, tier, miles) in [
            (FareClass::M, 5124, party(1, 0, 0), Tier::Coast, vec![5124]),
            (FareClass::M, 5124, party(1, 0, 0), Tier::Zenith, vec![5124, 5124]),
            (FareClass::M, 5124, party(3, 0, 0), Tier::Ridge, vec![15_372, 1281]), // one bonus, not three
            (FareClass::E, 5124, party(2, 0, 0), Tier::Coast, vec![11_272]),       // 5,636.4 a seat
            (FareClass::E, 5125, party(1, 0, 0), Tier::Ridge, vec![5637, 1409]),   // 5,637.5; 1,409.25
            (FareClass::Q, 5124, party(1, 1, 1), Tier::Stratus, vec![2562, 2562, 1281, 0]),
            (FareClass::Q, 337, party(1, 1, 0), Tier::Ridge, vec![250, 250, 62]), // the minimum each; 62.5
            (FareClass::Q, 500, party(1, 0, 0), Tier::Coast, vec![250]),
            (FareClass::Q, 501, party(1, 0, 0), Tier::Coast, vec![250]), // 250.5
            (FareClass::Q, 502, party(1, 0, 0), Tier::Coast, vec![251]),
            (FareClass::F, 0, party(1, 0, 0), Tier::Coast, vec![250]),
            (FareClass::F, 12_500, party(9, 0, 0), Tier::Zenith, vec![337_500, 37_500]),
            (FareClass::M, 5124, party(0, 1, 0), Tier::Zenith, vec![5124]), // no adult, no member's seat
        ] {
            let lines = segment_lines(chart(), &segment(fare_class, distance_mi), party, tier);
            let earned = lines.iter().map(|line| line.miles.0).collect::<Vec<_>>();
            assert_eq!(earned, miles, "{distance_mi} mi in {fare_class}, {party:?}, {tier}");
        }
    }

    #[test]
    fn each_line_has_its_rule_and_its_passengers() {
        let party = Party { adults: 2, children: 1, infants: 2 };
        let lines = segment_lines(chart(), &segment(FareClass::M, 5124), party, Tier::Ridge);
        let told = lines.iter().map(|line| (line.rule, line.passenger_type, line.passenger_count));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (EarningRule::Base, PassengerType::Adult, 2),
                (EarningRule::Base, PassengerType::Child, 1),
                (EarningRule::TierBonus, PassengerType::Adult, 1),
                (EarningRule::NoSeat, PassengerType::Infant, 2),
            ]
        );
    }

    #[test]
    fn the_minimum_is_named_only_where_it_applies() {
        for (distance_mi, working) in [
            (499, "499 mi × 50 %, at least 250 mi, × 1 adult"),
            (500, "500 mi × 50 % × 1 adult"),
            (12_345, "12,345 mi × 50 % × 1 adult"),
        ] {
            let segment = segment(FareClass::Q, distance_mi);
            let lines = segment_lines(chart(), &segment, Party::MEMBER_ALONE, Tier::Coast);
            assert_eq!(lines[0].working, working);
        }
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_000_000, "1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
