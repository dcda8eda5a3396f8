//! One example per event, against which both services test; here: that it is what the types read and write.

use std::path::Path;

use api_types::{BookingEvent, EventType};
use serde_json::Value;

#[test]
fn every_event_type_has_a_fixture_that_reads_back_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for event_type in EventType::ALL {
        let text = std::fs::read_to_string(folder.join(format!("{event_type}.json"))).unwrap();
        let event: BookingEvent = serde_json::from_str(&text).unwrap();
        assert_eq!(event.event_type, event_type);
        assert_eq!(event.id, format!("{}-{}", event.subject, event.aggregate_version));
        assert_eq!(serde_json::to_value(&event).unwrap(), serde_json::from_str::<Value>(&text).unwrap());

        let price = &event.data.price;
        let taxes: i64 = price.taxes.iter().map(|tax| tax.amount_minor).sum();
        let shares: i64 = price.shares.iter().map(|share| i64::from(share.count) * share.each_minor).sum();
        assert_eq!(
            (price.fare_minor + taxes, shares),
            (price.amount_minor, price.amount_minor),
            "{event_type}"
        );
    }
}

#[test]
fn an_event_of_a_newer_producer_is_read() {
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/booking.confirmed.v1.json"),
    )
    .unwrap();
    let mut newer: Value = serde_json::from_str(&text).unwrap();
    newer["a_later_attribute"] = true.into();
    newer["data"]["a_later_field"] = "ignored by those who don't know it".into();
    assert!(serde_json::from_value::<BookingEvent>(newer).is_ok());
}
