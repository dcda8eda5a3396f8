//! Dates, wall clocks and instants, in the one form each has on the wire.
//!
//! A flight time crosses the wire as instant, wall clock and zone, so the browser needs no zone data: services
//! compute with zones (`jiff`), the web app formats with the browser's `Intl`. Calendar arithmetic is the `time`
//! crate's, without its parsing and formatting, which accept many forms where the wire has one. `jiff` in the
//! browser would add 46 KB of brotli for dates alone, 116 KB with zones; a property test compares with it.

use serde::{Deserialize, Serialize};
use time::{Date, Month, PrimitiveDateTime, Time, UtcDateTime};

use crate::{ParseError, code::text_newtype};

/// A calendar date with no zone: `2026-12-05`. Years 1900 to 2199.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = "date", example = "2026-12-05"))]
pub struct LocalDate(Date);

impl LocalDate {
    /// The date of these parts (`month` and `day` count from 1), if there is one.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(1900..=2199).contains(&year) {
            return None;
        }
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok().map(Self)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// The day of the week: Monday is 1, Sunday is 7 (ISO 8601).
    #[must_use]
    pub fn weekday(self) -> u8 {
        self.0.weekday().number_from_monday()
    }

    /// The date `days` later (earlier if negative), if it is within the years a [`LocalDate`] can hold.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let date = Date::from_julian_day(self.0.to_julian_day().checked_add(days)?).ok()?;
        Self::new(date.year(), date.month().into(), date.day())
    }

    /// How many days `later` comes after this date; negative if before.
    #[must_use]
    pub fn days_until(self, later: Self) -> i32 {
        later.0.to_julian_day() - self.0.to_julian_day()
    }

    /// The age in full years on `date` of somebody born on this date; `None` before their birth.
    ///
    /// Somebody born on 29 February has their birthday on 1 March in other years.
    #[must_use]
    pub fn age_on(self, date: Self) -> Option<u32> {
        let had_birthday = (date.month(), date.day()) >= (self.month(), self.day());
        u32::try_from(date.year() - self.year() - i32::from(!had_birthday)).ok()
    }
}

impl std::str::FromStr for LocalDate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse_date(text)
            .and_then(|(year, month, day)| Self::new(year, month, day))
            .ok_or(ParseError { expected: "expected a date that exists, such as 2026-12-05" })
    }
}

impl std::fmt::Display for LocalDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

/// A wall clock with no zone, to the minute: `2026-12-05T11:05:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalDateTime {
    date: LocalDate,
    minute_of_day: u16, // invariant: below 24 * 60
}

impl LocalDateTime {
    /// The wall clock `hour`:`minute` on `date`, if there is such a time.
    #[must_use]
    pub fn new(date: LocalDate, hour: u8, minute: u8) -> Option<Self> {
        let fits = hour < 24 && minute < 60;
        fits.then(|| Self { date, minute_of_day: u16::from(hour) * 60 + u16::from(minute) })
    }

    /// The date on the wall.
    #[must_use]
    pub fn date(self) -> LocalDate {
        self.date
    }

    /// The hour on the clock, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u8 {
        (self.minute_of_day / 60) as u8
    }

    /// The minute on the clock, 0 to 59.
    #[must_use]
    pub fn minute(self) -> u8 {
        (self.minute_of_day % 60) as u8
    }
}

impl std::str::FromStr for LocalDateTime {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parse = || {
            let (date, clock) = text.split_once('T')?;
            let (hour, minute, second) = parse_clock(clock)?;
            (second == 0).then_some(())?;
            Self::new(date.parse().ok()?, hour, minute)
        };
        parse().ok_or(ParseError { expected: "expected a local time such as 2026-12-05T11:05:00" })
    }
}

impl std::fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}T{:02}:{:02}:00", self.date, self.hour(), self.minute())
    }
}

/// An instant in UTC, to the millisecond: `2026-12-05T19:05:00Z`. Years 1900 to 2199.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcInstant {
    epoch_ms: i64, // invariant: within EARLIEST_MS..=LATEST_MS
}

const EARLIEST_MS: i64 = -2_208_988_800_000; // 1900-01-01T00:00:00Z
const LATEST_MS: i64 = 7_258_118_399_999; // 2199-12-31T23:59:59.999Z

impl UtcInstant {
    /// The instant `epoch_ms` milliseconds after 1970 began, moved into the years it can hold.
    #[must_use]
    pub fn from_epoch_ms(epoch_ms: i64) -> Self {
        Self { epoch_ms: epoch_ms.clamp(EARLIEST_MS, LATEST_MS) }
    }

    /// The instant `epoch_secs` seconds after 1970 began, moved into the years it can hold.
    #[must_use]
    pub fn from_epoch_secs(epoch_secs: i64) -> Self {
        Self::from_epoch_ms(epoch_secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        self.epoch_ms
    }

    /// Whole seconds since 1970 began, rounded down.
    #[must_use]
    pub fn epoch_secs(self) -> i64 {
        self.epoch_ms.div_euclid(1000)
    }

    /// The instant `secs` seconds later (earlier if negative).
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        Self::from_epoch_ms(self.epoch_ms.saturating_add(secs.saturating_mul(1000)))
    }

    /// The minutes from this instant to `later`, rounded down; negative if it came before.
    #[must_use]
    pub fn minutes_until(self, later: Self) -> i64 {
        (later.epoch_ms - self.epoch_ms).div_euclid(60_000)
    }
}

impl std::str::FromStr for UtcInstant {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parse = || {
            let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
            let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
            let digits = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
            digits.then_some(())?;
            let millis: u16 = format!("{fraction:0<3}")[..3].parse().ok()?;
            let (hour, minute, second) = parse_clock(clock)?;
            let time = Time::from_hms(hour, minute, second).ok()?;
            let seconds =
                PrimitiveDateTime::new(date.parse::<LocalDate>().ok()?.0, time).as_utc().unix_timestamp();
            Some(Self { epoch_ms: seconds * 1000 + i64::from(millis) })
        };
        parse().ok_or(ParseError { expected: "expected a UTC instant such as 2026-12-05T19:05:00Z" })
    }
}

impl std::fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at =
            UtcDateTime::from_unix_timestamp(self.epoch_secs()).expect("an instant lies within 1900 to 2199");
        let date = LocalDate(at.date());
        write!(f, "{date}T{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())?;
        match self.epoch_ms.rem_euclid(1000) {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

/// The name of a time zone in the IANA database: `Asia/Tokyo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "Asia/Tokyo"))]
pub struct Zone(String); // invariant: 1 to 64 visible ASCII characters
text_newtype!(Zone);

impl std::str::FromStr for Zone {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError { expected: "expected an IANA time zone such as Asia/Tokyo" })
        }
    }
}

/// When a flight departs or arrives: the instant, and what clocks at the airport then show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlightTime {
    /// The instant.
    pub utc: UtcInstant,
    /// The wall clock at the airport at that instant.
    pub local: LocalDateTime,
    /// The airport's zone.
    pub zone: Zone,
}

/// Serde's `try_from`/`into` and `Debug` of a type that is written as it is displayed.
macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = ParseError;

            fn try_from(text: String) -> Result<Self, ParseError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )*};
}
shown_as_text!(LocalDate, LocalDateTime, UtcInstant);

/// `YYYY-MM-DD`, digits in fixed places.
fn parse_date(text: &str) -> Option<(i32, u8, u8)> {
    let bytes = text.as_bytes();
    (bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-').then_some(())?;
    let year = i32::from(two_digits(&bytes[0..2])?) * 100 + i32::from(two_digits(&bytes[2..4])?);
    Some((year, two_digits(&bytes[5..7])?, two_digits(&bytes[8..10])?))
}

/// `HH:MM:SS` or `HH:MM`, digits in fixed places.
fn parse_clock(text: &str) -> Option<(u8, u8, u8)> {
    let bytes = text.as_bytes();
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    match bytes.len() {
        5 if colon(2) => Some((two_digits(&bytes[0..2])?, two_digits(&bytes[3..5])?, 0)),
        8 if colon(2) && colon(5) => {
            Some((two_digits(&bytes[0..2])?, two_digits(&bytes[3..5])?, two_digits(&bytes[6..8])?))
        }
        _ => None,
    }
}

fn two_digits(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for (text, accepted) in [
            ("2026-12-05", true),
            ("2028-02-29", true),
            ("2026-02-29", false),
            ("2100-02-29", false),
            ("2026-13-01", false),
            ("2026-00-10", false),
            ("2026-1-05", false),
            ("+026-12-05", false),
            ("1899-12-31", false),
            ("2026-12-05T00:00:00", false),
            ("２０２６-12-05", false),
        ] {
            assert_eq!(text.parse::<LocalDate>().is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        let leap: LocalDate = "2024-02-29".parse().unwrap();
        for (date, age) in [("2024-02-28", None), ("2026-02-28", Some(1)), ("2026-03-01", Some(2))] {
            assert_eq!(leap.age_on(date.parse().unwrap()), age, "{date}");
        }
    }

    #[test]
    fn an_instant_is_written_in_one_way() {
        for (text, written) in [
            ("2026-12-05T19:05:00Z", "2026-12-05T19:05:00Z"),
            ("2026-12-05T19:05:00.5Z", "2026-12-05T19:05:00.500Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(text.parse::<UtcInstant>().unwrap().to_string(), written);
        }
        for text in
            ["2026-12-05T19:05:00", "2026-12-05T24:05:00Z", "2026-12-05T19:05:00.Z", "2026-12-05 19:05:00Z"]
        {
            assert!(text.parse::<UtcInstant>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_reads_as_an_independent_calendar_writes_it(epoch_ms in EARLIEST_MS..=LATEST_MS) {
            let instant = UtcInstant::from_epoch_ms(epoch_ms);
            let theirs = jiff::Timestamp::from_millisecond(epoch_ms).unwrap();
            prop_assert_eq!(instant.to_string().parse::<jiff::Timestamp>().unwrap(), theirs);
            prop_assert_eq!(instant.to_string().parse::<UtcInstant>().unwrap(), instant);
        }

        #[test]
        fn days_add_up_as_in_an_independent_calendar(days in 0_i32..100_000) {
            let start = LocalDate::new(1900, 1, 1).unwrap();
            let later = start.plus_days(days).unwrap();
            let theirs = jiff::civil::date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(later.to_string(), theirs.to_string());
            prop_assert_eq!(start.days_until(later), days);
            prop_assert_eq!(i64::from(later.weekday()), i64::from(theirs.weekday().to_monday_one_offset()));
        }
    }
}
