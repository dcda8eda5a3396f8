//! Names of attributes and the shapes of keys.

use api_types::{IdempotencyKey, MemberId, RecordLocator, UtcInstant};
pub(super) use service_kit::store::{Item, PK, SK, key, number, string, text};

use super::CabinOfFlight;

/// Partition of the index of a member's bookings.
pub(super) const MEMBER: &str = "member";
/// Order within a member's bookings.
pub(super) const MADE_AT: &str = "made_at";
/// When DynamoDB may remove an item: seconds since 1970. Only answers to idempotency keys have it.
pub(super) const EXPIRES_AT: &str = "expires_at";
pub(super) const VERSION: &str = "version";
pub(super) const BOOKING: &str = "booking";
pub(super) const FINGERPRINT: &str = "fingerprint";
pub(super) const LOCATOR: &str = "record_locator";
pub(super) const REPLY: &str = "reply";
pub(super) const REFUSAL: &str = "refusal";

/// The index of a member's bookings.
pub(super) const BY_MEMBER: &str = "by_member";

pub(super) fn booking(locator: &RecordLocator) -> Item {
    key(format!("BOOKING#{locator}"), "BOOKING")
}

/// A member id has no `#`, so no key of one member is a key of another.
pub(super) fn idempotency(caller: &MemberId, idempotency_key: &IdempotencyKey) -> Item {
    key(format!("IDEMPOTENCY#{caller}#{idempotency_key}"), "REPLY")
}

pub(super) fn flight(flight: &CabinOfFlight) -> String {
    format!("FLIGHT#{}#{}#{}", flight.flight_number, flight.departure_date, flight.cabin)
}

pub(super) fn seat(cabin: &CabinOfFlight, number: u32) -> Item {
    key(flight(cabin), seat_position(number))
}

/// The sort key of a seat. Three digits: no cabin has a thousand seats, so that keys sort as numbers do.
pub(super) fn seat_position(number: u32) -> String {
    format!("SEAT#{number:03}")
}

/// The number within `SEAT#<nnn>`.
pub(super) fn seat_number(sk: &str) -> Option<u32> {
    sk.strip_prefix("SEAT#")?.parse().ok()
}

pub(super) fn member(member: &MemberId) -> String {
    format!("MEMBER#{member}")
}

/// The member within `MEMBER#<member>`.
pub(super) fn member_id(key: &str) -> Option<MemberId> {
    key.strip_prefix("MEMBER#")?.parse().ok()
}

pub(super) fn made_at(at: UtcInstant, locator: &RecordLocator) -> String {
    format!("{}#{locator}", instant(at))
}

/// Digits that sort as the instants do. Bookings are made after 1970.
pub(super) fn instant(at: UtcInstant) -> String {
    format!("{:015}", at.epoch_ms().max(0))
}

/// Sorts after every [`instant`].
pub(super) fn after_every_instant() -> String {
    ":".to_owned() // follows 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_time_does() {
        let locator: RecordLocator = "K7QZ4M".parse().unwrap();
        let keys = ["2001-09-09T01:46:39.999Z", "2001-09-09T01:46:40Z", "2199-12-31T23:59:59Z"]
            .map(|at| made_at(at.parse().unwrap(), &locator));
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn a_seat_is_found_again_by_its_key() {
        for number in [1, 42, 999] {
            let cabin = CabinOfFlight {
                flight_number: "TN7".parse().unwrap(),
                departure_date: "2026-12-05".parse().unwrap(),
                cabin: api_types::Cabin::Economy,
            };
            assert_eq!(seat_number(seat(&cabin, number)[SK].as_s().unwrap()), Some(number));
        }
    }
}
