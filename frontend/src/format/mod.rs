//! Money, dates, times, durations and miles as people read them.
//!
//! The browser's `Intl` formats what differs between languages. Wall clocks are written as received: no zone
//! is ever computed here. Component tests run outside a browser and get the plain English writer in `plain`.

#[cfg(target_arch = "wasm32")]
mod intl;
#[cfg(not(target_arch = "wasm32"))]
mod plain;

#[cfg(target_arch = "wasm32")]
use intl as writer;
#[cfg(not(target_arch = "wasm32"))]
use plain as writer;

use api_types::{LocalDate, LocalDateTime, Miles, Money, UtcInstant};

/// A true minus sign: as wide as the plus.
const MINUS: char = '\u{2212}';

/// The present instant, by the device's clock.
#[must_use]
pub fn now() -> UtcInstant {
    UtcInstant::from_epoch_ms(writer::now_ms())
}

/// Today, by the device's calendar.
#[must_use]
pub fn today() -> LocalDate {
    writer::today()
}

/// `$712`, `$1,204.50`: decimals only where there are any.
#[must_use]
pub fn money(money: &Money) -> String {
    money_minor(money.amount_minor, money.currency.as_str())
}

/// As [`money`], of minor units and an ISO 4217 code.
#[must_use]
pub fn money_minor(amount_minor: i64, currency: &str) -> String {
    signed(amount_minor, |amount| writer::money(amount, currency))
}

/// `5,124`, with a true minus before what is taken away.
#[must_use]
pub fn number(number: i64) -> String {
    signed(number, writer::number)
}

/// `5,124 miles`, `1 mile`.
#[must_use]
pub fn miles(miles: Miles) -> String {
    format!("{} {}", number(miles.0), if miles.0.abs() == 1 { "mile" } else { "miles" })
}

/// `+5,124` or `−1,448`: what an entry adds or takes away.
#[must_use]
pub fn miles_change(miles: Miles) -> String {
    if miles.0 > 0 { format!("+{}", number(miles.0)) } else { number(miles.0) }
}

/// `Sat 5 Dec`.
#[must_use]
pub fn date_short(date: LocalDate) -> String {
    format!("{} {} {}", writer::weekday(date, false), date.day(), writer::month(date, false))
}

/// `5 Dec 2026`.
#[must_use]
pub fn date_medium(date: LocalDate) -> String {
    format!("{} {} {}", date.day(), writer::month(date, false), date.year())
}

/// `Saturday 5 December 2026`.
#[must_use]
pub fn date_long(date: LocalDate) -> String {
    format!("{} {} {} {}", writer::weekday(date, true), date.day(), writer::month(date, true), date.year())
}

/// `11:05`: what clocks there show.
#[must_use]
pub fn time(local: LocalDateTime) -> String {
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `20 Nov 2026, 14:32`, by the device's zone.
#[must_use]
pub fn instant(at: UtcInstant) -> String {
    let local = writer::local(at);
    format!("{}, {}", date_medium(local.date()), time(local))
}

/// `20 Nov`, by the device's zone; with the year when it is not `today`'s.
#[must_use]
pub fn instant_day(at: UtcInstant, today: LocalDate) -> String {
    let date = writer::local(at).date();
    if date.year() == today.year() {
        format!("{} {}", date.day(), writer::month(date, false))
    } else {
        date_medium(date)
    }
}

/// `11 h 25 min`, `45 min`, `2 h`.
#[must_use]
pub fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// `11 hours 25 minutes`, for screen readers.
#[must_use]
pub fn duration_spoken(minutes: u32) -> String {
    let some = |count: u32, one: &str| (count > 0).then(|| counted(u64::from(count), one));
    let parts: Vec<String> =
        [some(minutes / 60, "hour"), some(minutes % 60, "minute")].into_iter().flatten().collect();
    if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(" ") }
}

/// `1 flight`, `14 flights`: for nouns that add an s.
#[must_use]
pub fn counted(count: u64, one: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{} {one}{many}", number(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// The name of the country of an ISO 3166-1 alpha-2 code; the code where there is none.
#[must_use]
pub fn country(code: &str) -> String {
    writer::country(code)
}

fn signed(amount: i64, write: impl Fn(u64) -> String) -> String {
    let written = write(amount.unsigned_abs());
    if amount < 0 { format!("{MINUS}{written}") } else { written }
}

/// `71250` with two digits is `712.50`.
fn decimal(amount_minor: u64, digits: usize) -> String {
    let text = format!("{amount_minor:0>width$}", width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    if digits == 0 { whole.to_owned() } else { format!("{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_decimals_only_where_there_are_any() {
        for (amount_minor, written) in [
            (71_200, "$712"),
            (71_250, "$712.50"),
            (5, "$0.05"),
            (0, "$0"),
            (123_456_789, "$1,234,567.89"),
            (-144_800, "−$1,448"),
        ] {
            assert_eq!(money_minor(amount_minor, "USD"), written);
        }
    }

    #[test]
    fn miles_carry_their_sign_and_number() {
        assert_eq!(miles(Miles(1)), "1 mile");
        assert_eq!(miles(Miles(5_124)), "5,124 miles");
        assert_eq!(miles_change(Miles(679)), "+679");
        assert_eq!(miles_change(Miles(-1_448)), "−1,448");
        assert_eq!(miles_change(Miles(0)), "0");
    }

    #[test]
    fn dates_and_times_are_written_as_they_came() {
        let date: LocalDate = "2026-12-05".parse().unwrap();
        assert_eq!(date_short(date), "Sat 5 Dec");
        assert_eq!(date_medium(date), "5 Dec 2026");
        assert_eq!(date_long(date), "Saturday 5 December 2026");
        assert_eq!(time("2026-12-05T04:10:00".parse().unwrap()), "04:10");
    }

    #[test]
    fn durations_are_written_and_spoken() {
        for (minutes, written, spoken) in [
            (45, "45 min", "45 minutes"),
            (60, "1 h", "1 hour"),
            (125, "2 h 05 min", "2 hours 5 minutes"),
            (685, "11 h 25 min", "11 hours 25 minutes"),
            (0, "0 min", "0 minutes"),
        ] {
            assert_eq!(duration(minutes), written);
            assert_eq!(duration_spoken(minutes), spoken);
        }
    }
}
