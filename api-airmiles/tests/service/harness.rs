//! What the tests share: a table of their own, and events as Booking publishes them.

use api_airmiles::domain::BookingFact;
use api_airmiles::events::Consumer;
use api_airmiles::store::{Store, create_table};
use api_airmiles::{App, AppParts};
use api_types::event::{BookedBound, BookedPassenger};
use api_types::{
    BookingEvent, BookingState, BookingStatus, Currency, EventType, FareClass, FareFamily, FlightTime,
    LocalDateTime, MemberId, PassengerType, Price, RecordLocator, Segment, UtcInstant, Zone,
};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use embedded_dynamo::EmbeddedDynamo;
use service_kit::Clock;
use service_kit::events::queue::QueueConsumer;

pub(crate) const TABLE: &str = "airmiles";

/// Airmiles on a DynamoDB of the test's own.
pub(crate) struct Fixture {
    pub(crate) dynamo: EmbeddedDynamo,
    pub(crate) app: App,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let dynamo = EmbeddedDynamo::in_memory().unwrap();
        let client = dynamo.client();
        create_table(&client, TABLE).await.unwrap();
        let parts = AppParts { dynamodb: client, table: TABLE.to_owned(), clock: Clock::fixed(now()) };
        Self { dynamo, app: App::new(parts) }
    }

    pub(crate) fn store(&self) -> &Store {
        self.app.store()
    }
}

pub(crate) fn now() -> UtcInstant {
    "2026-11-21T09:30:00Z".parse().unwrap()
}

pub(crate) fn member(id: &str) -> MemberId {
    id.parse().unwrap()
}

pub(crate) fn locator(text: &str) -> RecordLocator {
    text.parse().unwrap()
}

/// A booking of one bound, SFO to NRT in economy classic for one adult, to be changed at will.
pub(crate) fn booking(member_id: &str, record_locator: &str) -> BookingState {
    BookingState {
        record_locator: locator(record_locator),
        member_id: member(member_id),
        status: BookingStatus::Confirmed,
        created_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        bounds: vec![bound(FareFamily::Classic, FareClass::M, vec![segment("TN7", "SFO", "NRT", 5124)])],
        passengers: party(&[PassengerType::Adult]),
        price: Price {
            amount_minor: 71_200,
            currency: Currency::usd(),
            fare_minor: 71_200,
            taxes: vec![],
            shares: vec![],
        },
    }
}

pub(crate) fn bound(fare_family: FareFamily, fare_class: FareClass, segments: Vec<Segment>) -> BookedBound {
    BookedBound { segments, cabin: fare_class.cabin(), fare_family, fare_class }
}

pub(crate) fn party(types: &[PassengerType]) -> Vec<BookedPassenger> {
    types.iter().map(|passenger_type| BookedPassenger { passenger_type: *passenger_type }).collect()
}

pub(crate) fn segment(flight_number: &str, from: &str, to: &str, distance_mi: u32) -> Segment {
    let at = |utc: &str, local: &str, zone: &str| FlightTime {
        utc: utc.parse().unwrap(),
        local: local.parse::<LocalDateTime>().unwrap(),
        zone: zone.parse::<Zone>().unwrap(),
    };
    Segment {
        flight_number: flight_number.parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        departure: at("2026-12-05T19:05:00Z", "2026-12-05T11:05:00", "America/Los_Angeles"),
        arrival: at("2026-12-06T06:20:00Z", "2026-12-06T15:20:00", "Asia/Tokyo"),
        duration_minutes: 675,
        aircraft: "Boeing 787-9".to_owned(),
        distance_mi,
    }
}

/// The event of `version` of `booking`, by its status.
pub(crate) fn event(booking: &BookingState, version: u64) -> BookingEvent {
    let event_type = match booking.status {
        BookingStatus::Confirmed => EventType::BookingConfirmedV1,
        BookingStatus::Cancelled => EventType::BookingCancelledV1,
    };
    BookingEvent {
        id: format!("{}-{version}", booking.record_locator),
        source: "tern.booking".to_owned(),
        event_type,
        time: "2026-11-21T09:29:59.800Z".parse().unwrap(),
        subject: booking.record_locator.to_string(),
        schema_version: 1,
        aggregate_version: version,
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        data: booking.clone(),
    }
}

/// The fact that Airmiles reads from that event.
pub(crate) fn fact(booking: &BookingState, version: u64) -> BookingFact {
    let body = serde_json::to_string(&event(booking, version)).unwrap();
    Consumer::read(Some(&body)).unwrap().content
}

pub(crate) fn cancelled(booking: &BookingState) -> BookingState {
    BookingState { status: BookingStatus::Cancelled, ..booking.clone() }
}

pub(crate) fn message(id: &str, body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body.to_owned());
    message
}

pub(crate) fn event_message(id: &str, event: &BookingEvent) -> SqsMessage {
    message(id, &serde_json::to_string(event).unwrap())
}

pub(crate) fn batch(records: Vec<SqsMessage>) -> SqsEvent {
    let mut batch = SqsEvent::default();
    batch.records = records;
    batch
}
