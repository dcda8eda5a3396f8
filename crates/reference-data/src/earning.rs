//! The published earning charts: a booking earns by the chart in force when it was made.
//!
//! Source: docs/programme-rules.md, "Earning on flights"; the numbers are `data/earning.json`, oldest chart first. Both
//! services release a new chart before its date.

use std::{collections::BTreeMap, sync::LazyLock};

use api_types::{FareClass, Miles, PassengerType, Tier, UtcInstant};
use serde::{Deserialize, de::DeserializeOwned};

/// What flights earn, in one version of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningChart {
    /// The version of the rules; every line calculated by it has it.
    pub version: String,
    /// The first instant at which a booking earns by it.
    pub valid_from: UtcInstant,
    /// Where the rules are published.
    pub source: String,
    /// The minimum of a segment, per seat that earns.
    pub minimum_mi: u32,
    rate_percent: [u32; FareClass::ALL.len()],
    passenger_percent: [u32; PassengerType::ALL.len()],
    bonus_percent: [u32; Tier::ALL.len()],
    status_threshold: [Miles; Tier::ALL.len()],
}

impl EarningChart {
    /// The share of the distance that a class earns.
    #[must_use]
    pub fn rate_percent(&self, class: FareClass) -> u32 {
        self.rate_percent[class as usize]
    }

    /// The share of a seat's base miles that a passenger of this type earns: nothing without a seat.
    #[must_use]
    pub fn passenger_percent(&self, passenger_type: PassengerType) -> u32 {
        self.passenger_percent[passenger_type as usize]
    }

    /// The share of the base that a member's own seat earns on top of it.
    #[must_use]
    pub fn bonus_percent(&self, tier: Tier) -> u32 {
        self.bonus_percent[tier as usize]
    }

    /// The status miles of a year with which a member reaches `tier`.
    #[must_use]
    pub fn status_threshold(&self, tier: Tier) -> Miles {
        self.status_threshold[tier as usize]
    }

    /// The miles before any bonus that one adult's seat earns on a segment of `distance_mi` statute miles:
    /// the distance at the class's rate, at least [`minimum_mi`](Self::minimum_mi). Fractions are dropped.
    #[must_use]
    pub fn base_miles(&self, distance_mi: u32, class: FareClass) -> Miles {
        let earned = i64::from(distance_mi) * i64::from(self.rate_percent(class)) / 100;
        Miles(earned.max(i64::from(self.minimum_mi)))
    }

    /// The miles before any bonus that the seat of one passenger of this type earns on a segment. Fractions are
    /// dropped after each step: base miles, then the type's share of them.
    #[must_use]
    pub fn seat_miles(&self, distance_mi: u32, class: FareClass, passenger_type: PassengerType) -> Miles {
        let base = self.base_miles(distance_mi, class);
        Miles(base.0 * i64::from(self.passenger_percent(passenger_type)) / 100)
    }

    /// The bonus that `base` miles of a member's own seat earn at `tier`. Fractions are dropped.
    #[must_use]
    pub fn bonus_miles(&self, base: Miles, tier: Tier) -> Miles {
        Miles(base.0 * i64::from(self.bonus_percent(tier)) / 100)
    }
}

/// Every chart that was or will be in force, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charts(Vec<EarningChart>); // invariant: not empty, ascending by `valid_from`

impl Charts {
    /// Reads charts in the form of `data/earning.json`.
    ///
    /// # Errors
    /// When there is none, one is incomplete, or they are not in the order of their dates.
    pub fn parse(json: &str) -> Result<Self, ChartError> {
        let written: Vec<Written> = serde_json::from_str(json)?;
        let charts = written.into_iter().map(EarningChart::try_from).collect::<Result<Vec<_>, _>>()?;
        let follows =
            |a: &EarningChart, b: &EarningChart| a.valid_from < b.valid_from && a.version != b.version;
        if charts.is_empty() || !charts.is_sorted_by(follows) {
            return Err(ChartError::Order);
        }
        Ok(Self(charts))
    }

    /// The chart for a booking made at `instant`: the latest whose time has come. Before all of them, the first.
    #[must_use]
    pub fn at(&self, instant: UtcInstant) -> &EarningChart {
        let in_force = self.0.iter().rfind(|chart| chart.valid_from <= instant);
        in_force.unwrap_or(&self.0[0])
    }
}

/// The published charts.
#[must_use]
pub fn charts() -> &'static Charts {
    static CHARTS: LazyLock<Charts> = LazyLock::new(|| {
        Charts::parse(include_str!("../data/earning.json"))
            .expect("data/earning.json holds whole earning charts")
    });
    &CHARTS
}

/// The chart in the file: a number for every class, passenger type and tier by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: String,
    valid_from: UtcInstant,
    source: String,
    minimum_mi: u32,
    rate_percent: BTreeMap<String, u32>,
    passenger_percent: BTreeMap<String, u32>,
    bonus_percent: BTreeMap<String, u32>,
    status_threshold_mi: BTreeMap<String, u32>,
}

/// Why charts can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    #[error("not of a chart's shape")]
    Shape(#[from] serde_json::Error),
    #[error("no number for {0}")]
    Missing(String),
    #[error("a number for something that doesn't exist in {0:?}")]
    Unknown(BTreeMap<String, u32>),
    #[error("expected at least one chart, in the order of their dates, each of its own version")]
    Order,
}

impl TryFrom<Written> for EarningChart {
    type Error = ChartError;

    fn try_from(written: Written) -> Result<Self, ChartError> {
        let status_threshold = numbers(written.status_threshold_mi, &Tier::ALL)?;
        Ok(Self {
            version: written.version,
            valid_from: written.valid_from,
            source: written.source,
            minimum_mi: written.minimum_mi,
            rate_percent: numbers(written.rate_percent, &FareClass::ALL)?,
            passenger_percent: numbers(written.passenger_percent, &PassengerType::ALL)?,
            bonus_percent: numbers(written.bonus_percent, &Tier::ALL)?,
            status_threshold: status_threshold.map(|mi| Miles(i64::from(mi))),
        })
    }
}

/// The number of each of `all`, in their order.
fn numbers<T: Copy + PartialEq + DeserializeOwned, const N: usize>(
    written: BTreeMap<String, u32>,
    all: &[T; N],
) -> Result<[u32; N], ChartError> {
    let mut numbers = [None; N];
    for (word, number) in &written {
        let named: T = serde_json::from_value(serde_json::Value::from(word.as_str()))?;
        let position = all.iter().position(|each| *each == named);
        numbers[position.ok_or_else(|| ChartError::Unknown(written.clone()))?] = Some(*number);
    }
    let mut complete = [0; N];
    for (position, number) in numbers.into_iter().enumerate() {
        complete[position] = number.ok_or_else(|| ChartError::Missing(format!("number {position}")))?;
    }
    Ok(complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> &'static EarningChart {
        charts().at("2026-11-21T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_segment_earns_distance_times_rate_and_at_least_the_minimum() {
        for (distance_mi, class, miles) in [
            (5124, FareClass::Q, 2562),
            (5124, FareClass::M, 5124),
            (5124, FareClass::Y, 6405),
            (5124, FareClass::E, 5636), // 5636.4: the fraction is dropped
            (5124, FareClass::W, 7686),
            (5124, FareClass::J, 10_248),
            (5124, FareClass::F, 15_372),
            (501, FareClass::Q, 250), // 250.5
            (337, FareClass::Q, 250), // 168.5: the minimum
            (0, FareClass::F, 250),
        ] {
            assert_eq!(chart().base_miles(distance_mi, class), Miles(miles), "{distance_mi} mi in {class}");
        }
    }

    #[test]
    fn a_seat_earns_its_types_share_of_the_base() {
        for (passenger_type, miles) in
            [(PassengerType::Adult, 5636), (PassengerType::Child, 5636), (PassengerType::Infant, 0)]
        {
            assert_eq!(
                chart().seat_miles(5124, FareClass::E, passenger_type),
                Miles(miles),
                "{passenger_type:?}"
            );
        }
    }

    #[test]
    fn the_chart_says_what_the_programme_published() {
        assert_eq!(chart().version, "2026-11");
        assert_eq!(chart().minimum_mi, 250);
        let rates = FareClass::ALL.map(|class| chart().rate_percent(class));
        assert_eq!(rates, [50, 100, 125, 110, 125, 150, 150, 175, 200, 200, 250, 300]);
        assert_eq!(Tier::ALL.map(|tier| chart().bonus_percent(tier)), [0, 25, 50, 100]);
        assert_eq!(
            Tier::ALL.map(|tier| chart().status_threshold(tier)),
            [Miles(0), Miles(10_000), Miles(25_000), Miles(60_000)]
        );
        assert_eq!(PassengerType::ALL.map(|each| chart().passenger_percent(each)), [100, 100, 0]);
    }

    #[test]
    fn a_bonus_is_a_share_of_the_base() {
        for (tier, bonus) in
            [(Tier::Coast, 0), (Tier::Ridge, 1409), (Tier::Stratus, 2818), (Tier::Zenith, 5636)]
        {
            assert_eq!(chart().bonus_miles(Miles(5636), tier), Miles(bonus), "{tier}");
        }
    }

    #[test]
    fn a_chart_with_a_gap_or_a_stranger_is_refused() {
        let whole = include_str!("../data/earning.json");
        assert!(Charts::parse(whole).is_ok());
        assert!(Charts::parse("[]").is_err());
        for (from, to) in [
            ("\"Q\": 50, ", ""),
            ("\"Q\": 50", "\"B\": 50"),
            ("\"ridge\": 25, ", ""),
            ("\"infant\": 0", "\"pet\": 0"),
            ("\"minimum_mi\": 250,", ""),
        ] {
            let broken = whole.replacen(from, to, 1);
            assert_ne!(broken, whole);
            assert!(Charts::parse(&broken).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn a_chart_is_in_force_from_its_date_until_the_next() {
        let first = include_str!("../data/earning.json").trim().trim_matches(['[', ']']);
        let second = first.replace("2026-11-01T", "2027-01-01T").replace("\"2026-11\"", "\"2027-01\"");
        let two = Charts::parse(&format!("[{first},{second}]")).unwrap();
        for (instant, version) in [
            ("2026-10-31T23:59:59.999Z", "2026-11"), // nothing was sold before the first
            ("2026-11-01T00:00:00Z", "2026-11"),
            ("2026-12-31T23:59:59.999Z", "2026-11"),
            ("2027-01-01T00:00:00Z", "2027-01"),
            ("2031-06-01T00:00:00Z", "2027-01"),
        ] {
            assert_eq!(two.at(instant.parse().unwrap()).version, version, "{instant}");
        }
        assert!(Charts::parse(&format!("[{second},{first}]")).is_err(), "not in the order of their dates");
        assert!(Charts::parse(&format!("[{first},{first}]")).is_err(), "twice the same");
    }
}
