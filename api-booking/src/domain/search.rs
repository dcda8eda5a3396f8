//! What may be searched for: places that Tern serves, dates on sale, parties that can travel together.

use api_types::{Cabin, FieldError, Iata, LocalDate, ProblemCode, UtcInstant};
use reference_data::places;

use super::{party::Party, zone};

/// How many days ahead flights are on sale.
///
/// Source: docs/programme-rules.md, "When sales open".
pub const DAYS_ON_SALE: i32 = 330;

/// A search as it was requested, before any check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRequest {
    /// Airport or metropolitan area to leave from.
    pub from: Iata,
    /// Airport or metropolitan area to go to.
    pub to: Iata,
    /// The local day of departure.
    pub date: LocalDate,
    /// Passengers of 12 years or older.
    pub adults: u8,
    /// Passengers of 2 to 11 years.
    pub children: u8,
    /// Passengers under 2 years, on laps.
    pub infants: u8,
    /// The cabin of every segment.
    pub cabin: Cabin,
}

/// A search that can be answered: places that Tern serves, a day on sale, people who can travel together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Airport or metropolitan area to leave from.
    pub from: Iata,
    /// Airport or metropolitan area to go to.
    pub to: Iata,
    /// The local day of departure.
    pub date: LocalDate,
    /// Who travels.
    pub party: Party,
    /// The cabin of every segment.
    pub cabin: Cabin,
}

impl SearchQuery {
    /// Checks `request` as of `now`.
    ///
    /// # Errors
    /// Every field that is wrong, and why.
    pub fn validate(request: &SearchRequest, now: UtcInstant) -> Result<Self, Vec<FieldError>> {
        let mut errors =
            check_route_and_date(request.from, request.to, request.date, now).err().unwrap_or_default();
        let party = Party::new(request.adults, request.children, request.infants);
        match party {
            Ok(party) if errors.is_empty() => {
                let SearchRequest { from, to, date, cabin, .. } = *request;
                Ok(Self { from, to, date, party, cabin })
            }
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error.into());
                Err(errors)
            }
        }
    }
}

/// Checks that Tern serves both places, that they are not one city, and that `date` is on sale at `now`.
///
/// # Errors
/// Every field (`from`, `to`, `date`) that is wrong, and why.
pub fn check_route_and_date(
    from: Iata,
    to: Iata,
    date: LocalDate,
    now: UtcInstant,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    for (field, code) in [("from", from), ("to", to)] {
        if places::airports_of(code).is_empty() {
            let detail = format!("Tern serves no airport or city with the code {code}");
            errors.push(FieldError::new(field, ProblemCode::UnknownAirport, detail));
        }
    }
    if errors.is_empty() && places::same_city(from, to) {
        let detail = if from == to {
            format!("this is {from} again")
        } else {
            format!("{from} and {to} are one city")
        };
        errors.push(FieldError::new("to", ProblemCode::SameOriginAndDestination, detail));
    }
    errors.extend(check_date(from, date, now));
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Whether `date` is on sale at `now` for departures from `from`: from today there until [`DAYS_ON_SALE`] later.
#[must_use]
pub fn is_on_sale(from: Iata, date: LocalDate, now: UtcInstant) -> bool {
    check_date(from, date, now).is_none()
}

fn check_date(from: Iata, date: LocalDate, now: UtcInstant) -> Option<FieldError> {
    let ahead = today(from, now)?.days_until(date);
    if ahead < 0 {
        Some(FieldError::new("date", ProblemCode::DateInPast, format!("{date} is over in {from}")))
    } else if ahead > DAYS_ON_SALE {
        let detail = format!("flights are on sale {DAYS_ON_SALE} days ahead; {date} is {ahead} days ahead");
        Some(FieldError::new("date", ProblemCode::DateTooFar, detail))
    } else {
        None
    }
}

/// The date on the wall at `from`; all airports of a metropolitan area share their zone. `None` if not served.
fn today(from: Iata, now: UtcInstant) -> Option<LocalDate> {
    let airport = places::position(*places::airports_of(from).first()?)?;
    Some(zone::wall_clock(airport, now.epoch_secs()).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(from: &str, to: &str, date: &str) -> SearchRequest {
        SearchRequest {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            date: date.parse().unwrap(),
            adults: 1,
            children: 0,
            infants: 0,
            cabin: Cabin::Economy,
        }
    }

    fn refused(request: &SearchRequest, now: &str) -> Vec<(String, ProblemCode)> {
        let errors = SearchQuery::validate(request, now.parse().unwrap()).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn origin_destination_and_date_are_checked_one_by_one() {
        use ProblemCode::{DateInPast, DateTooFar, SameOriginAndDestination, UnknownAirport};
        let now = "2026-11-21T12:00:00Z";
        for (from, to, date, said) in [
            ("SFO", "NRT", "2026-12-05", vec![]),
            ("SFO", "TYO", "2026-12-05", vec![]),
            ("NYC", "LON", "2026-12-05", vec![]),
            ("XQZ", "NRT", "2026-12-05", vec![("from", UnknownAirport)]),
            ("XQZ", "XQY", "2026-12-05", vec![("from", UnknownAirport), ("to", UnknownAirport)]),
            ("SFO", "SFO", "2026-12-05", vec![("to", SameOriginAndDestination)]),
            ("NRT", "HND", "2026-12-05", vec![("to", SameOriginAndDestination)]),
            ("TYO", "HND", "2026-12-05", vec![("to", SameOriginAndDestination)]),
            ("SFO", "NRT", "2026-11-20", vec![("date", DateInPast)]),
            ("SFO", "NRT", "2026-11-21", vec![]),
            ("SFO", "NRT", "2027-10-17", vec![]), // 330 days ahead
            ("SFO", "NRT", "2027-10-18", vec![("date", DateTooFar)]),
            ("NRT", "NRT", "2026-01-01", vec![("to", SameOriginAndDestination), ("date", DateInPast)]),
        ] {
            let said: Vec<_> = said.into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
            assert_eq!(refused(&request(from, to, date), now), said, "{from}-{to} on {date}");
        }
    }

    #[test]
    fn today_is_the_day_at_the_origin() {
        use ProblemCode::{DateInPast, DateTooFar};
        // Seven in the evening in San Francisco, noon of the next day in Tokyo, four the next afternoon in Auckland.
        let now = "2026-11-21T03:00:00Z";
        for (from, to, date, said) in [
            ("SFO", "NRT", "2026-11-20", None),
            ("SFO", "NRT", "2026-11-19", Some(DateInPast)),
            ("NRT", "SFO", "2026-11-20", Some(DateInPast)),
            ("TYO", "SFO", "2026-11-21", None),
            ("SFO", "NRT", "2027-10-17", Some(DateTooFar)),
            ("AKL", "SFO", "2027-10-17", None),
        ] {
            let codes: Vec<_> =
                refused(&request(from, to, date), now).into_iter().map(|(_, code)| code).collect();
            assert_eq!(codes, said.into_iter().collect::<Vec<_>>(), "{from} on {date}");
        }
    }

    #[test]
    fn the_party_is_checked_with_the_rest() {
        let mut asked = request("SFO", "XQZ", "2026-12-05");
        asked.infants = 2;
        assert_eq!(
            refused(&asked, "2026-11-21T12:00:00Z"),
            [
                ("to".to_owned(), ProblemCode::UnknownAirport),
                ("infants".to_owned(), ProblemCode::InfantWithoutAdult)
            ]
        );
    }
}
