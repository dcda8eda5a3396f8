//! A flight search, as in the address.

use api_types::{Cabin, Iata, LocalDate};

use crate::query::Query;

/// The party by numbers. Only parties that the service accepts: one to nine, an adult for each infant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Party {
    adults: u8,
    children: u8,
    infants: u8,
}

impl Default for Party {
    fn default() -> Self {
        Self { adults: 1, children: 0, infants: 0 }
    }
}

impl Party {
    pub const MAX: u8 = 9;

    /// A party of these, if it can book together.
    #[must_use]
    pub fn new(adults: u8, children: u8, infants: u8) -> Option<Self> {
        let total = adults.checked_add(children)?.checked_add(infants)?;
        (adults > 0 && infants <= adults && total <= Self::MAX).then_some(Self { adults, children, infants })
    }

    /// 12 years or older.
    #[must_use]
    pub fn adults(self) -> u8 {
        self.adults
    }

    /// 2 to 11 years.
    #[must_use]
    pub fn children(self) -> u8 {
        self.children
    }

    /// Under 2 years, on a lap.
    #[must_use]
    pub fn infants(self) -> u8 {
        self.infants
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> u8 {
        self.adults + self.children + self.infants
    }

    fn from_query(query: &Query) -> Self {
        let read = |name, default| query.get(name).map_or(Some(default), |text| text.parse().ok());
        let read_all = || Self::new(read("adults", 1)?, read("children", 0)?, read("infants", 0)?);
        read_all().unwrap_or_default()
    }

    fn add_to(self, query: Query) -> Query {
        query.with_unless("adults", &self.adults, &1).with_unless("children", &self.children, &0).with_unless(
            "infants",
            &self.infants,
            &0,
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightSearch {
    /// An airport or a metropolitan area.
    pub from: Iata,
    /// An airport or a metropolitan area.
    pub to: Iata,
    /// The day of the way out, at the origin.
    pub depart: LocalDate,
    /// The day of the way back, at the destination; none for one way.
    pub back: Option<LocalDate>,
    pub party: Party,
    pub cabin: Cabin,
}

impl FlightSearch {
    /// Reads `SFO-TYO` and one or two dates, the second not before the first.
    pub(super) fn from_path(pair: &str, dates: &[&str], query: &Query) -> Option<Self> {
        let (from, to) = pair.split_once('-')?;
        let (depart, back): (LocalDate, Option<LocalDate>) = match dates {
            [depart] => (depart.parse().ok()?, None),
            [depart, back] => (depart.parse().ok()?, Some(back.parse().ok()?)),
            _ => return None,
        };
        if back.is_some_and(|back| back < depart) {
            return None;
        }
        Some(Self {
            from: from.parse().ok()?,
            to: to.parse().ok()?,
            depart,
            back,
            party: Party::from_query(query),
            cabin: query.parsed("cabin").unwrap_or_default(),
        })
    }

    pub(super) fn path(&self) -> String {
        let back = self.back.map(|back| format!("/{back}")).unwrap_or_default();
        format!("{}-{}/{}{back}", self.from, self.to, self.depart)
    }

    pub(super) fn party_query(&self) -> Query {
        self.party.add_to(Query::default()).with_unless("cabin", &self.cabin, &Cabin::default())
    }
}

/// What is known of a search before it is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchDraft {
    pub from: Option<Iata>,
    pub to: Option<Iata>,
    /// The outbound date.
    pub depart: Option<LocalDate>,
    /// The return date.
    pub back: Option<LocalDate>,
    /// A one-way search.
    pub one_way: bool,
    pub party: Party,
    pub cabin: Cabin,
}

impl SearchDraft {
    /// Reads the names that the form of index.html submits.
    pub(super) fn from_query(query: &Query) -> Self {
        Self {
            from: query.parsed("from"),
            to: query.parsed("to"),
            depart: query.parsed("depart"),
            back: query.parsed("return"),
            one_way: query.get("trip") == Some("one-way"),
            party: Party::from_query(query),
            cabin: query.parsed("cabin").unwrap_or_default(),
        }
    }

    pub(super) fn to_query(&self) -> Query {
        let query = Query::default()
            .with_some("from", self.from)
            .with_some("to", self.to)
            .with_some("depart", self.depart)
            .with_some("return", self.back)
            .with_some("trip", self.one_way.then_some("one-way"));
        self.party.add_to(query).with_unless("cabin", &self.cabin, &Cabin::default())
    }
}

/// For "Edit search".
impl From<&FlightSearch> for SearchDraft {
    fn from(search: &FlightSearch) -> Self {
        Self {
            from: Some(search.from),
            to: Some(search.to),
            depart: Some(search.depart),
            back: search.back,
            one_way: search.back.is_none(),
            party: search.party,
            cabin: search.cabin,
        }
    }
}
