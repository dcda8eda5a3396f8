//! Booking: the request, and the booking that comes of it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Cabin, EmailAddress, FareClass, FareConditions, FareFamily, LocalDate, Miles, OfferId, PassengerType,
    PersonName, Price, RecordLocator, Segment, UtcInstant,
};

/// Body of `POST /bookings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookingRequest {
    /// One offer, or two for a return trip: the way out first.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 2))]
    pub offer_ids: Vec<OfferId>,
    /// One to nine people, as many of each type as the offers were made for.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 9))]
    pub passengers: Vec<Passenger>,
    /// Whom to tell about the booking.
    pub contact: Contact,
}

/// A person who flies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passenger {
    /// Given names as in the passport; left out by people with one name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<PersonName>,
    /// Family name as in the passport, or the only name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birth_date: LocalDate,
    /// Must agree with the birth date on the day of the last departure as on the first.
    #[serde(rename = "type")]
    pub passenger_type: PassengerType,
}

/// How to reach whoever booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Where confirmations go.
    pub email: EmailAddress,
}

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BookingStatus {
    /// Seats are held and the price stands.
    Confirmed,
    /// Given up: its seats are free again, its miles taken back.
    Cancelled,
}

/// A booking (the PNR).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Booking {
    /// What the traveller quotes to find it.
    pub record_locator: RecordLocator,
    /// Counts its changes from 1; also its `ETag`.
    pub version: u64,
    /// Where it stands.
    pub status: BookingStatus,
    /// When it was made.
    pub created_at: UtcInstant,
    /// One way: one bound. Return trip: two, the way out first.
    pub bounds: Vec<Bound>,
    /// Who flies.
    #[serde(deserialize_with = "accepted_passengers")]
    pub passengers: Vec<Passenger>,
    /// Whom to tell.
    pub contact: Contact,
    /// What the party pays for all bounds.
    pub price: Price,
    /// What the offers said the seats earn before any tier bonus.
    pub miles: Miles,
}

/// Reads passengers that were accepted once: a rule on names that came later must not make their booking unreadable.
fn accepted_passengers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Passenger>, D::Error> {
    #[derive(Deserialize)]
    struct Accepted {
        #[serde(default)]
        given_name: Option<String>,
        family_name: String,
        birth_date: LocalDate,
        #[serde(rename = "type")]
        passenger_type: PassengerType,
    }
    let passenger = |accepted: Accepted| Passenger {
        given_name: accepted.given_name.map(PersonName::accepted),
        family_name: PersonName::accepted(accepted.family_name),
        birth_date: accepted.birth_date,
        passenger_type: accepted.passenger_type,
    };
    Ok(Vec::deserialize(deserializer)?.into_iter().map(passenger).collect())
}

/// One direction of a trip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bound {
    /// One or two flights, in order.
    pub segments: Vec<Segment>,
    /// From first departure to last arrival, in minutes.
    pub duration_minutes: u32,
    /// The cabin of every segment.
    pub cabin: Cabin,
    /// What the fare allows, by name.
    pub fare_family: FareFamily,
    /// The letter it was sold under.
    pub fare_class: FareClass,
    /// What the fare allows, in detail.
    pub conditions: FareConditions,
}

/// Reply of `GET /bookings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookingPage {
    /// The caller's own bookings, newest first.
    pub items: Vec<Booking>,
    /// What to ask with for the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booking_with_a_name_of_an_older_rule_is_read_and_a_request_with_it_is_not() {
        let passenger = |family_name: &str| serde_json::json!({ "family_name": family_name, "birth_date": "1990-05-01", "type": "adult" });
        let invisible = "\u{3164}";
        let booking = serde_json::json!({
            "record_locator": "K7QZ4M", "version": 1, "status": "confirmed",
            "created_at": "2026-11-21T09:30:00Z", "bounds": [], "passengers": [passenger(invisible)],
            "contact": { "email": "zoe@example.com" },
            "price": { "amount_minor": 0, "currency": "USD", "fare_minor": 0, "taxes": [], "shares": [] },
            "miles": 0,
        });
        let read: Booking = serde_json::from_value(booking).unwrap();
        assert_eq!(read.passengers[0].family_name.as_str(), invisible);
        assert!(serde_json::from_value::<Passenger>(passenger("Mori")).is_ok());
        assert!(serde_json::from_value::<Passenger>(passenger(invisible)).is_err());
    }
}
