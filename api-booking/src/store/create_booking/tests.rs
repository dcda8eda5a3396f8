//! The invariants of the transaction, on the embedded store: the nearest tests to fail when a condition is dropped.

use std::collections::BTreeSet;

use api_types::{BookingRequest, IdempotencyKey, MemberId, RecordLocator};
use embedded_dynamo::EmbeddedDynamo;

use super::*;
use crate::domain::{Refusal, booking_event};
use crate::store::{Fingerprint, RecordRefusalOutcome, create_table};

const BOOKING: &str = r#"{"record_locator":"K7QZ4M","version":1,"status":"confirmed",
    "created_at":"2026-11-21T12:00:00Z","bounds":[],"passengers":[],"contact":{"email":"kenji@example.com"},
    "price":{"amount_minor":0,"currency":"USD","fare_minor":0,"taxes":[],"shares":[]},"miles":0}"#;

struct Fixture {
    _dynamo: EmbeddedDynamo,
    store: Store,
    caller: MemberId,
    fingerprint: Fingerprint,
}

fn now() -> UtcInstant {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn seat(number: u32) -> SeatOfFlight {
    let cabin = CabinOfFlight {
        flight_number: "TN7".parse().unwrap(),
        departure_date: "2026-12-05".parse().unwrap(),
        cabin: api_types::Cabin::Economy,
    };
    SeatOfFlight { cabin, number }
}

fn sold_out() -> Refusal {
    let cabin = seat(1).cabin;
    Refusal::SoldOut { flight_number: cabin.flight_number, departure_date: cabin.departure_date }
}

impl Fixture {
    async fn new() -> Self {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        create_table(&dynamo.client(), "booking").await.unwrap();
        let request: BookingRequest = serde_json::from_str(
            r#"{"offer_ids":["a.b"],"passengers":[],"contact":{"email":"kenji@example.com"}}"#,
        )
        .unwrap();
        Self {
            store: Store::new(dynamo.client(), "booking"),
            _dynamo: dynamo,
            caller: "kenji-mori".parse().unwrap(),
            fingerprint: Fingerprint::of(&request),
        }
    }

    /// Creates a booking of one seat.
    async fn create(&self, key: &str, locator: &str, seat_number: u32) -> CreateBookingOutcome {
        let mut booking: Booking = serde_json::from_str(BOOKING).unwrap();
        booking.record_locator = locator.parse().unwrap();
        let reply = Reply { record_locator: booking.record_locator.clone(), body: locator.to_owned() };
        let key: IdempotencyKey = key.parse().unwrap();
        let new = NewBooking {
            key: KeyUse { caller: &self.caller, key: &key, fingerprint: &self.fingerprint },
            booking: &booking,
            reply: &reply,
            seats: &[seat(seat_number)],
            event: &booking_event::current(&booking, &self.caller, None),
        };
        self.store.create_booking(&new, now()).await.unwrap()
    }

    async fn record_refusal(&self, key: &str, refusal: &Refusal) -> RecordRefusalOutcome {
        let key: IdempotencyKey = key.parse().unwrap();
        let key = KeyUse { caller: &self.caller, key: &key, fingerprint: &self.fingerprint };
        self.store.record_refusal(key, refusal, now()).await.unwrap()
    }

    async fn seats_taken(&self) -> BTreeSet<u32> {
        self.store.seats_taken(&seat(1).cabin, 1).await.unwrap()
    }
}

fn booked(locator: &str) -> Option<Answer> {
    let record_locator: RecordLocator = locator.parse().unwrap();
    Some(Answer::Booked(Reply { record_locator, body: locator.to_owned() }))
}

#[tokio::test]
async fn a_seat_is_sold_once() {
    let fixture = Fixture::new().await;
    assert!(matches!(fixture.create("one", "K7QZ4M", 1).await, CreateBookingOutcome::Created));
    match fixture.create("two", "K7QZ4N", 1).await {
        CreateBookingOutcome::Taken { locator: false, cabins } => {
            assert_eq!(cabins, BTreeSet::from([seat(1).cabin]));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(fixture.create("two", "K7QZ4N", 2).await, CreateBookingOutcome::Created));
    assert_eq!(fixture.seats_taken().await, BTreeSet::from([1, 2]));
}

#[tokio::test]
async fn a_record_locator_is_given_once() {
    let fixture = Fixture::new().await;
    assert!(matches!(fixture.create("one", "K7QZ4M", 1).await, CreateBookingOutcome::Created));
    let again = fixture.create("two", "K7QZ4M", 2).await;
    assert!(matches!(again, CreateBookingOutcome::Taken { locator: true, .. }), "{again:?}");
    assert_eq!(fixture.seats_taken().await, BTreeSet::from([1]));
}

#[tokio::test]
async fn a_key_keeps_its_first_answer() {
    let fixture = Fixture::new().await;
    assert!(matches!(fixture.create("key", "K7QZ4M", 1).await, CreateBookingOutcome::Created));
    match fixture.create("key", "K7QZ4N", 2).await {
        CreateBookingOutcome::Answered(answer) => assert_eq!(answer, booked("K7QZ4M")),
        other => panic!("{other:?}"),
    }
    match fixture.record_refusal("key", &sold_out()).await {
        RecordRefusalOutcome::Answered(answer) => assert_eq!(answer, booked("K7QZ4M")),
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.seats_taken().await, BTreeSet::from([1]));
}

#[tokio::test]
async fn a_recorded_refusal_stops_the_transaction_under_its_key() {
    let fixture = Fixture::new().await;
    assert!(matches!(fixture.record_refusal("key", &sold_out()).await, RecordRefusalOutcome::Recorded));
    match fixture.create("key", "K7QZ4M", 1).await {
        CreateBookingOutcome::Answered(answer) => assert_eq!(answer, Some(Answer::Refused(sold_out()))),
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.seats_taken().await, BTreeSet::new());
    match fixture.record_refusal("key", &Refusal::Fields(Vec::new())).await {
        RecordRefusalOutcome::Answered(answer) => assert_eq!(answer, Some(Answer::Refused(sold_out()))),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn seats_are_read_from_a_number_on() {
    let fixture = Fixture::new().await;
    for (locator, number) in [("K7QZ4M", 2), ("K7QZ4N", 9), ("K7QZ4P", 30), ("K7QZ4Q", 111)] {
        fixture.create(locator, locator, number).await;
    }
    let cabin = seat(1).cabin;
    for (first, numbers) in
        [(1, vec![2, 9, 30, 111]), (9, vec![9, 30, 111]), (10, vec![30, 111]), (112, vec![])]
    {
        let taken = fixture.store.seats_taken(&cabin, first).await.unwrap();
        assert_eq!(taken, numbers.into_iter().collect(), "from {first}");
    }
    assert_eq!(fixture.store.count_seats_taken(&cabin).await.unwrap(), 4);
}
