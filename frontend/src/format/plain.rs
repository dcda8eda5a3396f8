//! English without a browser, for component tests.

use api_types::{LocalDate, LocalDateTime, UtcInstant};

pub(super) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn today() -> LocalDate {
    local(UtcInstant::from_epoch_ms(now_ms())).date()
}

/// The device's zone is taken to be UTC.
pub(super) fn local(at: UtcInstant) -> LocalDateTime {
    let epoch = LocalDate::new(1970, 1, 1).expect("1970 began on a date");
    let days =
        i32::try_from(at.epoch_secs().div_euclid(86_400)).expect("an instant lies within 1900 to 2199");
    let minutes = at.epoch_secs().rem_euclid(86_400) / 60;
    let clock = |minutes: i64| u8::try_from(minutes).expect("a part of a day's minutes is small");
    let date = epoch.plus_days(days).expect("an instant lies within 1900 to 2199");
    LocalDateTime::new(date, clock(minutes / 60), clock(minutes % 60)).expect("minutes are within the day")
}

pub(super) fn money(amount_minor: u64, currency: &str) -> String {
    let text = super::decimal(amount_minor, 2);
    let (whole, part) = text.split_once('.').expect("two digits were asked for");
    let sign = if currency == "USD" { "$" } else { currency };
    let part = if part == "00" { String::new() } else { format!(".{part}") };
    format!("{sign}{}{part}", number(whole.parse().expect("the digits before the point are a number")))
}

pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub(super) fn weekday(date: LocalDate, long: bool) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    cut(DAYS[usize::from(date.weekday()) - 1], long)
}

pub(super) fn month(date: LocalDate, long: bool) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    cut(MONTHS[usize::from(date.month()) - 1], long)
}

pub(super) fn country(code: &str) -> String {
    code.to_owned()
}

fn cut(name: &str, long: bool) -> String {
    if long { name.to_owned() } else { name[..3].to_owned() }
}
