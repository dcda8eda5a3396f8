//! Reading the timetable file.

use std::ops::Range;

use api_types::{Iata, LocalDate};

use crate::domain::aircraft::fleet;

/// A flight as the timetable has it: flown on some days, at the same local time on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimetabledFlight {
    /// The digits after `TN`.
    pub(super) number: u16,
    /// The route it flies, by position.
    pub(super) route: u16,
    /// The local minute of the day at which it leaves the gate.
    pub(super) minute: u16,
    /// Its type, by position in the fleet.
    pub(super) aircraft: u8,
    days: u8, // bit 1 is Monday, bit 7 is Sunday
    season: Season,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Season {
    AllYear,
    Summer,
    Winter,
}

/// All flights from one airport to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Where they take off, by position among the served airports.
    pub(super) from: u8,
    /// Where they land, by position.
    pub(super) to: u8,
    /// From gate to gate.
    pub(super) block_minutes: u16,
    flights: Range<u32>,
}

/// The timetable as it is read: routes, each with its flights.
#[derive(Debug)]
pub(super) struct Timetable {
    routes: Vec<Route>,
    flights: Vec<TimetabledFlight>,
    /// The routes that leave each airport, by its position.
    outgoing: Vec<Range<u16>>,
}

/// What is wrong with a timetable file, and in which line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(super) struct TimetableError {
    line: usize,
    what: &'static str,
}

impl TimetabledFlight {
    /// Whether it leaves on `date` (local, where it leaves).
    pub(super) fn operates_on(&self, date: LocalDate) -> bool {
        let in_season = match self.season {
            Season::AllYear => true,
            Season::Summer => is_summer(date),
            Season::Winter => !is_summer(date),
        };
        self.days & (1 << date.weekday()) != 0 && in_season
    }

    /// How many times it leaves in a week of its season.
    pub(super) fn times_a_week(&self) -> u32 {
        self.days.count_ones()
    }

    /// Whether it flies in one season only.
    pub(super) fn is_seasonal(&self) -> bool {
        self.season != Season::AllYear
    }
}

/// Whether `date` is in the airlines' northern summer: from the last Sunday of March until the Saturday before
/// the last Sunday of October.
fn is_summer(date: LocalDate) -> bool {
    let after_last_sunday = || i32::from(date.day()) - i32::from(date.weekday() % 7) >= 25;
    match date.month() {
        3 => after_last_sunday(),
        4..=9 => true,
        10 => !after_last_sunday(),
        _ => false,
    }
}

impl Timetable {
    /// Reads a timetable. Routes from one airport stand together.
    pub(super) fn read(text: &str) -> Result<Self, TimetableError> {
        let mut routes = Vec::with_capacity(1600);
        let mut flights = Vec::with_capacity(2800);
        let mut outgoing = vec![0..0; reference_data::airports().len()];
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let error = |what| TimetableError { line: number + 1, what };
            let route = read_route(line, routes.len() as u16, &mut flights).map_err(error)?;
            let position = routes.len() as u16; // 170 airports have fewer than 30,000 routes
            let outgoing: &mut Range<u16> = &mut outgoing[usize::from(route.from)];
            if outgoing.start == outgoing.end {
                *outgoing = position..position + 1;
            } else if outgoing.end == position {
                outgoing.end += 1;
            } else {
                return Err(error("routes from one airport stand together"));
            }
            routes.push(route);
        }
        Ok(Self { routes, flights, outgoing })
    }

    /// The routes that leave `airport`.
    pub(super) fn routes_from(&self, airport: u8) -> &[Route] {
        let range = &self.outgoing[usize::from(airport)];
        &self.routes[usize::from(range.start)..usize::from(range.end)]
    }

    /// The route between two airports, if Tern flies it.
    pub(super) fn route(&self, from: u8, to: u8) -> Option<&Route> {
        self.routes_from(from).iter().find(|route| route.to == to)
    }

    /// The route of this position.
    pub(super) fn route_of(&self, flight: &TimetabledFlight) -> &Route {
        &self.routes[usize::from(flight.route)]
    }

    /// The flights of a route, with the position of each.
    pub(super) fn flights_of(&self, route: &Route) -> impl Iterator<Item = (u32, &TimetabledFlight)> {
        let range = route.flights.start as usize..route.flights.end as usize;
        route.flights.clone().zip(&self.flights[range])
    }

    /// The flight of this position.
    pub(super) fn flight(&self, position: u32) -> &TimetabledFlight {
        &self.flights[position as usize]
    }

    /// Every flight.
    pub(super) fn flights(&self) -> &[TimetabledFlight] {
        &self.flights
    }
}

/// `SFO NRT 675 B789 7@1105 ...`
fn read_route(line: &str, route: u16, flights: &mut Vec<TimetabledFlight>) -> Result<Route, &'static str> {
    let mut words = line.split(' ');
    let mut airport = || {
        let iata: Iata = words.next()?.parse().ok()?;
        reference_data::places::position(iata)
    };
    let from = airport().ok_or("a route starts at a served airport")? as u8; // there are fewer than 255
    let to = airport().ok_or("a route ends at a served airport")? as u8;
    let block =
        words.next().and_then(|word| word.parse().ok()).filter(|minutes| (20..=1200).contains(minutes));
    let block_minutes = block.ok_or("a block time has 20 to 1200 minutes")?;
    let usual = words.next().and_then(aircraft).ok_or("a route has a type of the fleet")?;

    let start = flights.len() as u32;
    for word in words {
        flights.push(read_flight(word, route, usual)?);
    }
    if from == to || flights.len() as u32 == start {
        return Err("a route has flights from one airport to another");
    }
    Ok(Route { from, to, block_minutes, flights: start..flights.len() as u32 })
}

/// `1065@2115=A21N/123457s`: number, local time, and where they differ from the usual: type, days, season.
fn read_flight(word: &str, route: u16, usual: u8) -> Result<TimetabledFlight, &'static str> {
    let (number, rest) = word.split_once('@').ok_or("a flight is number@time")?;
    let number = number.parse().ok().filter(|number| (1..=9999).contains(number));
    let (rest, season) = match rest.as_bytes().last() {
        Some(b's') => (&rest[..rest.len() - 1], Season::Summer),
        Some(b'w') => (&rest[..rest.len() - 1], Season::Winter),
        _ => (rest, Season::AllYear),
    };
    let (rest, days) = match rest.split_once('/') {
        Some((rest, days)) => (rest, read_days(days).ok_or("days are digits from 1 to 7, in order")?),
        None => (rest, 0b1111_1110),
    };
    let (time, aircraft) = match rest.split_once('=') {
        Some((time, code)) => (time, aircraft(code).ok_or("a flight has a type of the fleet")?),
        None => (rest, usual),
    };
    Ok(TimetabledFlight {
        number: number.ok_or("a flight number has 1 to 9999")?,
        route,
        minute: read_time(time).ok_or("a time is HHMM")?,
        aircraft,
        days,
        season,
    })
}

fn read_time(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let hhmm: u16 = digits.then(|| text.parse().ok())??;
    let (hour, minute) = (hhmm / 100, hhmm % 100);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

fn read_days(text: &str) -> Option<u8> {
    let mut days = 0;
    for digit in text.bytes() {
        let day = digit.checked_sub(b'0').filter(|day| (1..=7).contains(day))?;
        let bit = 1 << day;
        (bit > days).then_some(())?; // in order, so none is there twice
        days |= bit;
    }
    (days != 0).then_some(days)
}

fn aircraft(code: &str) -> Option<u8> {
    fleet().iter().position(|each| each.code == code).map(|position| position as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> LocalDate {
        text.parse().unwrap()
    }

    #[test]
    fn seasons_change_on_the_last_sundays_of_march_and_october() {
        for (day, summer) in [
            ("2026-10-24", true),
            ("2026-10-25", false),
            ("2027-03-27", false),
            ("2027-03-28", true),
            ("2027-07-01", true),
            ("2027-10-30", true),
            ("2027-10-31", false),
            ("2028-03-25", false),
            ("2028-03-26", true),
            ("2027-01-01", false),
        ] {
            assert_eq!(is_summer(date(day)), summer, "{day}");
        }
    }

    #[test]
    fn a_flight_leaves_on_its_days_in_its_season() {
        let timetable =
            Timetable::read("SFO NRT 675 B789 7@1105 9@1200/135 11@1300=A35K/7w 13@2359s\n").unwrap();
        let flights = timetable.flights();
        for (flight, day, operates) in [
            (0, "2026-12-05", true),
            (1, "2026-12-05", false), // a Saturday
            (1, "2026-12-07", true),
            (1, "2026-12-08", false),
            (2, "2026-12-06", true),
            (2, "2026-12-07", false),
            (2, "2027-06-06", false), // a Sunday in summer
            (3, "2027-06-06", true),
            (3, "2026-12-06", false),
        ] {
            assert_eq!(
                flights[flight].operates_on(date(day)),
                operates,
                "{} on {day}",
                flights[flight].number
            );
        }
        assert_eq!(fleet()[usize::from(flights[0].aircraft)].code, "B789");
        assert_eq!(fleet()[usize::from(flights[2].aircraft)].code, "A35K");
        assert_eq!(flights[3].minute, 23 * 60 + 59);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (line, what) in [
            ("XQZ NRT 675 B789 7@1105", "a route starts at a served airport"),
            ("SFO TYO 675 B789 7@1105", "a route ends at a served airport"),
            ("SFO NRT 5 B789 7@1105", "a block time has 20 to 1200 minutes"),
            ("SFO NRT 675 DC3 7@1105", "a route has a type of the fleet"),
            ("SFO NRT 675 B789", "a route has flights from one airport to another"),
            ("SFO SFO 675 B789 7@1105", "a route has flights from one airport to another"),
            ("SFO NRT 675 B789 7", "a flight is number@time"),
            ("SFO NRT 675 B789 0@1105", "a flight number has 1 to 9999"),
            ("SFO NRT 675 B789 10000@1105", "a flight number has 1 to 9999"),
            ("SFO NRT 675 B789 7@2400", "a time is HHMM"),
            ("SFO NRT 675 B789 7@+905", "a time is HHMM"),
            ("SFO NRT 675 B789 7@1105/18", "days are digits from 1 to 7, in order"),
            ("SFO NRT 675 B789 7@1105/11", "days are digits from 1 to 7, in order"),
            ("SFO NRT 675 B789 7@1105/", "days are digits from 1 to 7, in order"),
            ("SFO NRT 675 B789 7@1105=DC3", "a flight has a type of the fleet"),
            ("", "a route starts at a served airport"),
        ] {
            let error = Timetable::read(&format!("# head\n{line}\n")).unwrap_err();
            assert_eq!(error, TimetableError { line: 2, what }, "{line}");
        }
        let torn = "SFO NRT 675 B789 7@1105\nNRT SFO 570 B789 8@1705\nSFO HND 675 B789 1@1320\n";
        let error = Timetable::read(torn).unwrap_err();
        assert_eq!(error, TimetableError { line: 3, what: "routes from one airport stand together" });
    }
}
