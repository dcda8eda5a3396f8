//! Wall clocks at airports, and the instants they mean.

use std::sync::{LazyLock, OnceLock};

use api_types::{LocalDate, LocalDateTime};
use jiff::{Timestamp, civil, tz::TimeZone};

/// The zone of each served airport, by its position, read at first use.
static ZONES: LazyLock<Vec<OnceLock<TimeZone>>> =
    LazyLock::new(|| reference_data::airports().iter().map(|_| OnceLock::new()).collect());

fn zone(airport: usize) -> &'static TimeZone {
    ZONES[airport].get_or_init(|| {
        let name = reference_data::airports()[airport].zone.as_str();
        let rules = reference_data::zone_rules(name).expect("every served airport is in a zone with rules");
        TimeZone::tzif(name, rules).expect("the rules of zones are whole")
    })
}

/// The instant, in seconds since 1970, at which clocks at `airport` show `minute` of the day on `date`.
///
/// A time that the clocks skip means the instant as much later as they skip; a time that they show twice means
/// the first.
pub(crate) fn instant(airport: usize, date: LocalDate, minute: u16) -> i64 {
    let wall = civil_date(date).at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
    let instant = zone(airport).to_ambiguous_timestamp(wall).compatible();
    instant.expect("dates of 1900 to 2199 are instants in every zone").as_second()
}

/// What clocks at `airport` show at the instant `epoch_secs`.
pub(crate) fn wall_clock(airport: usize, epoch_secs: i64) -> LocalDateTime {
    let instant = Timestamp::from_second(epoch_secs).expect("flights are in years that timestamps hold");
    let wall = zone(airport).to_datetime(instant);
    LocalDate::new(i32::from(wall.year()), wall.month() as u8, wall.day() as u8)
        .and_then(|date| LocalDateTime::new(date, wall.hour() as u8, wall.minute() as u8))
        .expect("flights are in the years 1900 to 2199")
}

fn civil_date(date: LocalDate) -> civil::Date {
    civil::Date::new(date.year() as i16, date.month() as i8, date.day() as i8)
        .expect("a LocalDate is a date that exists")
}
