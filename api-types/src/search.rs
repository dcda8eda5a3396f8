//! Searching: where Tern flies, what it offers on a day, what the days around it cost.

use serde::{Deserialize, Serialize};

use crate::{
    Cabin, FareClass, FareFamily, Iata, LocalDate, Miles, Money, OfferId, Price, Segment, UtcInstant, Zone,
};

/// Reply of `GET /airports`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Airports {
    /// The airports Tern serves, busiest first.
    pub airports: Vec<Airport>,
    /// The cities with more than one of them.
    pub metros: Vec<Metro>,
}

/// An airport that Tern serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Airport {
    /// Its code.
    pub iata: Iata,
    /// Its name in English.
    pub name: String,
    /// The city it serves, in English.
    pub city: String,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its time zone.
    pub zone: Zone,
    /// The code of its metropolitan area, where Tern serves several airports there.
    pub metro: Option<Iata>,
    /// Other names under which people look for it: `München` for Munich.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How many Tern flights leave it on an average day: a hint for the order of suggestions.
    pub daily_departures: u32,
}

/// A city with several airports, searchable under a code of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metro {
    /// Its code: `TYO`.
    pub iata: Iata,
    /// The city: `Tokyo`.
    pub city: String,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: String,
    /// Other names under which people look for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// Reply of `GET /flights`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offers {
    /// What can be booked: for each itinerary one offer per fare family that still has seats for the party.
    pub offers: Vec<Offer>,
}

/// A priced itinerary for one party: what it takes to book it, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// What `POST /bookings` takes.
    pub offer_id: OfferId,
    /// The same for all offers of one itinerary: its flights and dates.
    pub itinerary_id: String,
    /// One or two flights, in order.
    pub segments: Vec<Segment>,
    /// From first departure to last arrival, in minutes.
    pub duration_minutes: u32,
    /// The cabin of every segment.
    pub cabin: Cabin,
    /// What the fare allows, by name.
    pub fare_family: FareFamily,
    /// The letter it is sold under.
    pub fare_class: FareClass,
    /// What the fare allows, in detail.
    pub conditions: FareConditions,
    /// What the party pays.
    pub price: Price,
    /// How many seats are left in this cabin on the fullest segment.
    pub seats_left: u32,
    /// What the party's seats earn before any tier bonus.
    pub miles: Miles,
    /// Until when the price holds.
    pub expires_at: UtcInstant,
}

/// What a fare family allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FareConditions {
    /// Checked bags that each seated passenger may take without a further charge.
    pub checked_bags: u8,
    /// Whether another flight may be taken instead.
    pub change: ChangeTerms,
    /// Whether the fare is paid back on cancelling.
    pub refund: RefundTerms,
}

/// Whether and at what fee per passenger a flight may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChangeTerms {
    /// Not at all.
    NotAllowed,
    /// For this fee per passenger.
    Fee {
        /// The fee.
        fee: Money,
    },
    /// Without a fee.
    Free,
}

/// Whether and at what fee per passenger a fare is paid back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RefundTerms {
    /// Taxes only.
    TaxesOnly,
    /// Less this fee per passenger.
    Fee {
        /// The fee.
        fee: Money,
    },
    /// In full.
    Full,
}

/// Reply of `GET /fares`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FareStrip {
    /// Seven days, the one asked for in the middle.
    pub days: Vec<DayFare>,
}

/// The lowest price on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayFare {
    /// The day of departure at the origin.
    pub date: LocalDate,
    /// What one adult pays, taxes in; `null` when nothing is on sale that day.
    pub lowest: Option<Money>,
}
