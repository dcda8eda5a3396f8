//! What this tab itself wrote: the service's answers to its own bookings.
//!
//! A list or a page read right after may come from a copy that has not heard of the booking yet. What is known
//! from the answer is newer, so the older read is ignored.

use std::{cell::RefCell, rc::Rc};

use api_types::{Booking, MemberId, RecordLocator};

thread_local! {
    static ANSWERS: RefCell<Vec<(MemberId, Rc<Booking>)>> = const { RefCell::new(Vec::new()) };
}

/// Remembers the service's answer to a booking of `member`.
pub fn remember(member: &MemberId, booking: Rc<Booking>) {
    ANSWERS.with_borrow_mut(|answers| answers.push((member.clone(), booking)));
}

/// The booking `locator` of `member`, if this tab has made it.
#[must_use]
pub fn known(member: &MemberId, locator: &RecordLocator) -> Option<Rc<Booking>> {
    of_member(member).into_iter().find(|booking| booking.record_locator == *locator)
}

/// `read`, unless what this tab wrote is newer.
#[must_use]
pub fn newest(member: &MemberId, read: Rc<Booking>) -> Rc<Booking> {
    newer(known(member, &read.record_locator), read)
}

/// The first page of the member's bookings as `read`, with what this tab wrote and the read missed put first.
#[must_use]
pub fn with_written(member: &MemberId, read: Vec<Rc<Booking>>) -> Vec<Rc<Booking>> {
    merged(of_member(member), read)
}

fn of_member(member: &MemberId) -> Vec<Rc<Booking>> {
    ANSWERS.with_borrow(|answers| {
        answers.iter().filter(|(each, _)| each == member).map(|(_, booking)| booking.clone()).collect()
    })
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
    fn what_one_member_wrote_is_not_anothers() {
        let (kenji, noor) = ("kenji-mori".parse().unwrap(), "noor-haddad".parse().unwrap());
        remember(&kenji, booking("CCCCC2", 1));
        let locator = "CCCCC2".parse().unwrap();
        assert!(known(&kenji, &locator).is_some());
        assert_eq!(known(&noor, &locator), None);
    }
}
