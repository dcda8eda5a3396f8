//! Order and filters of the results, as in the address.

use crate::{order, query::Query};

/// The order of flights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Price and duration weighed against each other.
    #[default]
    Best,
    Cheapest,
    Fastest,
}

impl Sort {
    pub const ALL: [Self; 3] = [Self::Best, Self::Cheapest, Self::Fastest];

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Cheapest => "cheapest",
            Self::Fastest => "fastest",
        }
    }
}

/// A part of the day of departure, by the clock at the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayPart {
    /// 00 to 05.
    Night,
    /// 05 to 12.
    Morning,
    /// 12 to 18.
    Afternoon,
    /// 18 to 24.
    Evening,
}

impl DayPart {
    pub const ALL: [Self; 4] = [Self::Night, Self::Morning, Self::Afternoon, Self::Evening];

    /// The part of the day to which an hour (0 to 23) belongs.
    #[must_use]
    pub fn of_hour(hour: u8) -> Self {
        match hour {
            0..=4 => Self::Night,
            5..=11 => Self::Morning,
            12..=17 => Self::Afternoon,
            18.. => Self::Evening,
        }
    }

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }
}

/// The flights listed. An empty group means all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Numbers of stops wanted (0, 1), ascending.
    pub stops: Vec<u8>,
    /// Parts of the day wanted for departure, from midnight.
    pub times: Vec<DayPart>,
}

impl Filters {
    /// The number of ticked boxes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.stops.len() + self.times.len()
    }

    /// The filters with one number of stops toggled.
    #[must_use]
    pub fn toggle_stops(&self, stops: u8) -> Self {
        Self { stops: toggled(&self.stops, stops), times: self.times.clone() }
    }

    /// The filters with one part of the day toggled.
    #[must_use]
    pub fn toggle_time(&self, part: DayPart) -> Self {
        Self { stops: self.stops.clone(), times: toggled(&self.times, part) }
    }
}

fn toggled<T: Copy + Ord>(chosen: &[T], one: T) -> Vec<T> {
    let mut chosen = chosen.to_vec();
    match chosen.binary_search(&one) {
        Ok(at) => {
            chosen.remove(at);
        }
        Err(at) => chosen.insert(at, one),
    }
    chosen
}

/// Order and filters together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultsView {
    pub sort: Sort,
    pub filters: Filters,
}

impl ResultsView {
    pub(super) fn from_query(query: &Query) -> Self {
        let listed = |name| query.get(name).unwrap_or_default().split(',').filter(|word| !word.is_empty());
        let sort = Sort::ALL.into_iter().find(|sort| query.get("sort") == Some(sort.as_str()));
        let mut stops: Vec<u8> =
            listed("stops").filter_map(|word| word.parse().ok()).filter(|stops| *stops < 2).collect();
        order::by_key(&mut stops, |stops| *stops);
        stops.dedup();
        let mut times: Vec<DayPart> = listed("times")
            .filter_map(|word| DayPart::ALL.into_iter().find(|part| part.as_str() == word))
            .collect();
        order::by_key(&mut times, |part| *part);
        times.dedup();
        Self { sort: sort.unwrap_or_default(), filters: Filters { stops, times } }
    }

    pub(super) fn add_to(&self, query: Query) -> Query {
        let stops = self.filters.stops.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let times = self.filters.times.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(",");
        query
            .with_unless("sort", &self.sort.as_str(), &Sort::default().as_str())
            .with_some("stops", Some(stops).filter(|text| !text.is_empty()))
            .with_some("times", Some(times).filter(|text| !text.is_empty()))
    }
}
