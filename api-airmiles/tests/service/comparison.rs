//! Booking's list compared with the ledger, and events published again.

use api_airmiles::apply_booking::apply_booking;
use api_airmiles::audit::prove;
use api_airmiles::compare_bookings::compare_bookings;
use api_types::{BookingListing, BookingState, DifferenceKind, ListedBooking};
use service_kit::events::queue::Applied;

use crate::harness::{Fixture, booking, cancelled, fact, member, now};

fn listed(booking: &BookingState, version: u64) -> ListedBooking {
    let BookingState { record_locator, member_id, status, .. } = booking.clone();
    ListedBooking { record_locator, member_id, version, status }
}

async fn differences(fixture: &Fixture, bookings: Vec<ListedBooking>) -> Vec<(String, DifferenceKind)> {
    let count = bookings.len();
    let listing = BookingListing { bookings, next: None };
    let comparison = compare_bookings(fixture.store(), listing).await.unwrap();
    assert_eq!(comparison.compared, count);
    let named =
        |difference: api_types::BookingDifference| (difference.record_locator.to_string(), difference.kind);
    comparison.differences.into_iter().map(named).collect()
}

#[tokio::test]
async fn every_difference_is_named_and_what_agrees_is_not() {
    let fixture = Fixture::start().await;
    let trip = |locator| booking("noor-haddad", locator);
    for (state, version) in [
        (trip("AAAAAA"), 1),
        (trip("BBBBBB"), 1),
        (trip("CCCCCC"), 3),
        (booking("kenji-mori", "DDDDDD"), 1),
        (trip("EEEEEE"), 2),
        (cancelled(&trip("FFFFFF")), 2),
    ] {
        apply_booking(fixture.store(), &fact(&state, version), "m-1", now()).await.unwrap();
    }
    let bookings = vec![
        listed(&trip("AAAAAA"), 1),
        listed(&cancelled(&trip("BBBBBB")), 2),
        listed(&trip("CCCCCC"), 2),
        listed(&trip("DDDDDD"), 1),
        listed(&cancelled(&trip("EEEEEE")), 2),
        listed(&cancelled(&trip("FFFFFF")), 2),
        listed(&trip("GGGGGG"), 1),
    ];
    let expected = [
        ("BBBBBB", DifferenceKind::Behind),
        ("CCCCCC", DifferenceKind::Ahead),
        ("DDDDDD", DifferenceKind::OtherMember),
        ("EEEEEE", DifferenceKind::StatusDiffers),
        ("GGGGGG", DifferenceKind::Missing),
    ];
    assert_eq!(
        differences(&fixture, bookings).await,
        expected.map(|(locator, kind)| (locator.to_owned(), kind))
    );
}

#[tokio::test]
async fn events_published_again_change_nothing_and_mend_what_was_lost() {
    let fixture = Fixture::start().await;
    let trip = booking("noor-haddad", "AAAAAA");
    let history = [fact(&trip, 1), fact(&cancelled(&trip), 2)];
    for event in &history {
        apply_booking(fixture.store(), event, "m-1", now()).await.unwrap();
    }
    let before = prove(fixture.store(), &member("noor-haddad")).await.unwrap();
    for event in &history {
        let applied = apply_booking(fixture.store(), event, "again", now()).await.unwrap();
        assert_eq!(applied, Applied::Before);
    }
    assert_eq!(prove(fixture.store(), &member("noor-haddad")).await.unwrap(), before);

    let lost = booking("noor-haddad", "BBBBBB");
    let bookings = || vec![listed(&cancelled(&trip), 2), listed(&lost, 1)];
    let missing = ("BBBBBB".to_owned(), DifferenceKind::Missing);
    assert_eq!(differences(&fixture, bookings()).await, [missing]);
    apply_booking(fixture.store(), &fact(&lost, 1), "again", now()).await.unwrap();
    assert_eq!(differences(&fixture, bookings()).await, []);
}
