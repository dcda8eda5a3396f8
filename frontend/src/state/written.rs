//! The service's replies to this tab's own bookings.
//!
//! A read right after booking may come from a replica without the booking. The reply is newer, so the older read is
//! ignored.
//!
//! It is in session storage: the trip pages are another document than the one that books.

use std::rc::Rc;

use api_types::{Booking, MemberId, RecordLocator};
use serde::{Deserialize, Serialize};

use super::storage::Kept;

const KEY: &str = "tern.written";

/// Older bookings are in every read by now.
const KEPT: usize = 5;

#[derive(Clone, Serialize, Deserialize)]
struct Answer {
    member_id: MemberId,
    booking: Booking,
}

/// Remembers the service's answer to a booking of `member`.
pub fn remember(member: &MemberId, booking: &Booking) {
    let mut answers = answers();
    add(&mut answers, Answer { member_id: member.clone(), booking: booking.clone() });
    Kept::Tab.write(KEY, &answers);
}

/// Forgets all of it.
pub fn forget() {
    Kept::Tab.remove(KEY);
}

/// The booking `locator` of `member`, if this tab has made it.
#[must_use]
pub fn known(member: &MemberId, locator: &RecordLocator) -> Option<Rc<Booking>> {
    one_of(of_member(answers(), member), locator)
}

/// `read`, unless this tab's own write is newer.
#[must_use]
pub fn newest(member: &MemberId, read: Rc<Booking>) -> Rc<Booking> {
    newer(known(member, &read.record_locator), read)
}

/// The first page of the member's bookings as `read`, with this tab's own writes that the read missed put first.
#[must_use]
pub fn with_written(member: &MemberId, read: Vec<Rc<Booking>>) -> Vec<Rc<Booking>> {
    merged(of_member(answers(), member), read)
}

fn answers() -> Vec<Answer> {
    Kept::Tab.read(KEY).unwrap_or_default()
}

fn add(answers: &mut Vec<Answer>, answer: Answer) {
    answers.push(answer);
    if answers.len() > KEPT {
        answers.remove(0);
    }
}

fn of_member(answers: Vec<Answer>, member: &MemberId) -> Vec<Rc<Booking>> {
    let own = answers.into_iter().filter(|each| each.member_id == *member);
    own.map(|each| Rc::new(each.booking)).collect()
}

fn one_of(bookings: Vec<Rc<Booking>>, locator: &RecordLocator) -> Option<Rc<Booking>> {
    bookings.into_iter().find(|booking| booking.record_locator == *locator)
}

fn newer(written: Option<Rc<Booking>>, read: Rc<Booking>) -> Rc<Booking> {
    written.filter(|written| written.version > read.version).unwrap_or(read)
}

/// `written` is oldest first, `read` newest first.
fn merged(written: Vec<Rc<Booking>>, read: Vec<Rc<Booking>>) -> Vec<Rc<Booking>> {
    let same = |a: &Booking, b: &Booking| a.record_locator == b.record_locator;
    let missed = written.iter().rev().filter(|each| !read.iter().any(|other| same(each, other)));
    let mut all: Vec<Rc<Booking>> = missed.cloned().collect();
    all.extend(read.into_iter().map(|each| {
        let own = written.iter().find(|written| same(written, &each)).cloned();
        newer(own, each)
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(locator: &str, version: u64) -> Rc<Booking> {
        let locator = locator.parse().unwrap();
        Rc::new(Booking { record_locator: locator, version, ..crate::testing::booking() })
    }

    fn shown(bookings: &[Rc<Booking>]) -> Vec<(&str, u64)> {
        bookings.iter().map(|each| (each.record_locator.as_str(), each.version)).collect()
    }

    #[test]
    fn a_booking_that_the_read_missed_comes_first() {
        let merged = merged(vec![booking("AAAAA2", 1), booking("AAAAA3", 1)], vec![booking("BBBBB2", 4)]);
        assert_eq!(shown(&merged), [("AAAAA3", 1), ("AAAAA2", 1), ("BBBBB2", 4)]);
    }

    #[test]
    fn an_older_read_is_ignored_and_a_newer_one_taken() {
        let merged = merged(
            vec![booking("AAAAA2", 2), booking("AAAAA3", 1)],
            vec![booking("AAAAA3", 3), booking("AAAAA2", 1)],
        );
        assert_eq!(shown(&merged), [("AAAAA3", 3), ("AAAAA2", 2)]);
    }

    #[test]
    fn what_one_member_wrote_is_not_anothers_and_the_oldest_goes() {
        let (kenji, noor): (MemberId, MemberId) =
            ("kenji-mori".parse().unwrap(), "noor-haddad".parse().unwrap());
        let mut answers = Vec::new();
        for locator in ["AAAAA2", "CCCCC2", "CCCCC3", "CCCCC4", "CCCCC5", "CCCCC6"] {
            let booking = (*booking(locator, 1)).clone();
            add(&mut answers, Answer { member_id: kenji.clone(), booking });
        }
        // As session storage gives it back.
        let answers: Vec<Answer> = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
        let known = |member: &MemberId, locator: &str| {
            one_of(of_member(answers.clone(), member), &locator.parse().unwrap()).is_some()
        };
        assert!(known(&kenji, "CCCCC2") && known(&kenji, "CCCCC6"));
        assert!(!known(&noor, "CCCCC2"));
        assert!(!known(&kenji, "AAAAA2"), "more than {KEPT} are kept");
    }
}
