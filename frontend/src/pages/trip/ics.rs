//! A booking as calendar text (iCalendar, RFC 5545), made in the browser: one event per segment.

use api_types::{Booking, BookingStatus, Iata, Segment, UtcInstant};

/// The calendar of all segments of `booking`. `place` names an airport, such as `San Francisco (SFO)`.
///
/// A segment keeps its UID from version to version of the booking, and SEQUENCE grows with it, so that a
/// calendar that takes the file again replaces what it had.
#[must_use]
pub(crate) fn calendar_text(booking: &Booking, place: &dyn Fn(Iata) -> String) -> String {
    let (method, status) = match booking.status {
        BookingStatus::Confirmed => ("PUBLISH", "CONFIRMED"),
        BookingStatus::Cancelled => ("CANCEL", "CANCELLED"),
    };
    let mut text = String::new();
    line(&mut text, "BEGIN:VCALENDAR");
    line(&mut text, "VERSION:2.0");
    line(&mut text, "PRODID:-//Tern//Trips//EN");
    line(&mut text, &["METHOD:", method].concat());
    for (bound_index, bound) in booking.bounds.iter().enumerate() {
        for (segment_index, segment) in bound.segments.iter().enumerate() {
            let (from, to) = (place(segment.from), place(segment.to));
            line(&mut text, "BEGIN:VEVENT");
            line(&mut text, &format!("UID:{}-{bound_index}-{segment_index}@tern", booking.record_locator));
            line(&mut text, &["DTSTAMP:", &basic(booking.created_at)].concat());
            line(&mut text, &format!("SEQUENCE:{}", booking.version.saturating_sub(1)));
            line(&mut text, &["STATUS:", status].concat());
            line(&mut text, &["DTSTART:", &basic(segment.departure.utc)].concat());
            line(&mut text, &["DTEND:", &basic(segment.arrival.utc)].concat());
            line(&mut text, &["SUMMARY:", &escaped(&summary(segment, &from, &to))].concat());
            line(&mut text, &["LOCATION:", &escaped(&from)].concat());
            line(&mut text, &["DESCRIPTION:", &escaped(&description(booking, segment, &from, &to))].concat());
            line(&mut text, "END:VEVENT");
        }
    }
    line(&mut text, "END:VCALENDAR");
    text
}

fn summary(segment: &Segment, from: &str, to: &str) -> String {
    ["Flight ", segment.flight_number.as_str(), ", ", from, " to ", to].concat()
}

/// The local times in words: calendars show the event in the reader's own zone.
fn description(booking: &Booking, segment: &Segment, from: &str, to: &str) -> String {
    let (departs, arrives) = (segment.departure.local, segment.arrival.local);
    format!(
        "Departs {from} {} {:02}:{:02} local time ({}).\nArrives {to} {} {:02}:{:02} local time ({}).\n{}.\nBooking {}.",
        departs.date(),
        departs.hour(),
        departs.minute(),
        segment.departure.zone,
        arrives.date(),
        arrives.hour(),
        arrives.minute(),
        segment.arrival.zone,
        segment.aircraft,
        booking.record_locator,
    )
}

/// `20261205T190500Z`: whole seconds.
fn basic(instant: UtcInstant) -> String {
    let whole = UtcInstant::from_epoch_secs(instant.epoch_secs()).to_string();
    whole.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// A TEXT value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// The longest line without its break, in octets (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

/// Adds a content line: folded between characters, each part ended by CRLF.
fn line(text: &mut String, content: &str) {
    let mut used = 0;
    for c in content.chars() {
        if used + c.len_utf8() > LINE_OCTETS {
            text.push_str("\r\n ");
            used = 1; // the space that marks a continuation
        }
        text.push(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::booking;

    fn place(code: Iata) -> String {
        match code.as_str() {
            "SFO" => "San Francisco (SFO)".to_owned(),
            _ => format!("東京・成田国際空港, 千葉県成田市古込 ({code})"),
        }
    }

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn a_segment_becomes_an_event_in_utc() {
        let text = unfolded(&calendar_text(&booking(), &place));
        for expected in [
            "METHOD:PUBLISH\r\n",
            "UID:K7QZ4M-0-0@tern\r\n",
            "DTSTAMP:20261120T120000Z\r\n",
            "SEQUENCE:0\r\n",
            "DTSTART:20261205T190500Z\r\nDTEND:20261206T063000Z\r\n",
            "LOCATION:San Francisco (SFO)\r\n",
            "Departs San Francisco (SFO) 2026-12-05 11:05 local time (America/Los_Angeles).\\n",
            "SUMMARY:Flight TN7\\, San Francisco (SFO) to 東京・成田国際空港\\, 千葉県成田市古込 (NRT)\r\n",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in {text}");
        }
    }

    #[test]
    fn each_segment_has_a_uid_of_its_own_that_outlives_a_new_version() {
        let uids = |booking: &Booking| -> Vec<String> {
            let text = calendar_text(booking, &place);
            text.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned).collect()
        };
        let mut booking = booking();
        booking.bounds.push(booking.bounds[0].clone());
        let first = uids(&booking);
        assert_eq!(first, ["UID:K7QZ4M-0-0@tern", "UID:K7QZ4M-1-0@tern"]);
        booking.version = 2;
        assert_eq!(uids(&booking), first);
        assert!(calendar_text(&booking, &place).contains("SEQUENCE:1\r\n"));
    }

    #[test]
    fn a_cancelled_booking_takes_its_events_back() {
        let mut booking = booking();
        booking.status = BookingStatus::Cancelled;
        let text = calendar_text(&booking, &place);
        assert!(text.contains("METHOD:CANCEL\r\n") && text.contains("STATUS:CANCELLED\r\n"), "{text}");
    }

    #[test]
    fn lines_are_folded_between_characters_at_75_octets() {
        let text = calendar_text(&booking(), &place);
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        let longest = text.split("\r\n").map(str::len).max();
        assert!((72..=75).contains(&longest.unwrap()), "{longest:?}");
    }

    #[test]
    fn what_means_something_to_a_calendar_is_escaped() {
        assert_eq!(escaped("a;b,c\\d\ne\u{7}"), "a\\;b\\,c\\\\d\\ne");
    }
}
