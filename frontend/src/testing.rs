//! Replies of the services for tests: San Francisco to Tokyo for two adults and a child.

use api_types::{Account, Booking, BookingMiles, LedgerEntry, Offer};
use serde_json::{Value, json};

fn segment() -> Value {
    json!({
        "flight_number": "TN7", "from": "SFO", "to": "NRT",
        "departure": {"utc": "2026-12-05T19:05:00Z", "local": "2026-12-05T11:05:00", "zone": "America/Los_Angeles"},
        "arrival": {"utc": "2026-12-06T06:30:00Z", "local": "2026-12-06T15:30:00", "zone": "Asia/Tokyo"},
        "duration_minutes": 685, "aircraft": "Boeing 787-9", "distance_mi": 5124,
    })
}

fn price() -> Value {
    json!({
        "amount_minor": 199_900, "currency": "USD", "fare_minor": 181_900,
        "taxes": [
            {"code": "US", "name": "US transportation tax", "amount_minor": 12_000},
            {"code": "SW", "name": "Japan passenger service charge", "amount_minor": 6_000},
        ],
        "shares": [
            {"type": "adult", "count": 2, "each_minor": 71_200},
            {"type": "child", "count": 1, "each_minor": 57_500},
        ],
    })
}

fn conditions() -> Value {
    json!({
        "checked_bags": 1,
        "change": {"rule": "fee", "fee": {"amount_minor": 10_000, "currency": "USD"}},
        "refund": {"rule": "taxes_only"},
    })
}

/// An offer of TN7, nonstop, Classic.
pub(crate) fn offer() -> Offer {
    read(json!({
        "offer_id": "offer.1", "itinerary_id": "TN7.2026-12-05", "segments": [segment()], "duration_minutes": 685,
        "cabin": "economy", "fare_family": "classic", "fare_class": "M", "conditions": conditions(),
        "price": price(), "seats_left": 9, "miles": 15_372, "expires_at": "2026-11-20T12:30:00Z",
    }))
}

/// The booking of [`offer`].
pub(crate) fn booking() -> Booking {
    let passenger = |given: &str, born: &str, passenger_type: &str| json!({"given_name": given, "family_name": "Mori", "birth_date": born, "type": passenger_type});
    read(json!({
        "record_locator": "K7QZ4M", "version": 1, "status": "confirmed", "created_at": "2026-11-20T12:00:00.250Z",
        "bounds": [{
            "segments": [segment()], "duration_minutes": 685, "cabin": "economy", "fare_family": "classic",
            "fare_class": "M", "conditions": conditions(),
        }],
        "passengers": [
            passenger("Kenji", "1985-03-09", "adult"),
            {"family_name": "Suharto", "birth_date": "1987-07-01", "type": "adult"},
            passenger("Emi", "2019-01-31", "child"),
        ],
        "contact": {"email": "kenji@example.com"}, "price": price(), "miles": 15_372,
    }))
}

/// The miles of [`booking`] for a Ridge member.
pub(crate) fn booking_miles() -> BookingMiles {
    let line = |rule: &str, passenger_type: &str, count: u8, rate: u32, miles: i64, working: &str| {
        json!({
            "flight_number": "TN7", "from": "SFO", "to": "NRT", "departure_date": "2026-12-05", "fare_class": "M",
            "distance_mi": 5124, "rule": rule, "passenger_type": passenger_type, "passenger_count": count,
            "rate_percent": rate, "miles": miles, "working": working,
        })
    };
    read(json!({
        "record_locator": "K7QZ4M", "booking_version": 1, "status": "pending", "total": 16_653, "tier": "ridge",
        "rules_version": "2026-11",
        "lines": [
            line("base", "adult", 2, 100, 10_248, "5,124 mi x 100 % x 2 adults"),
            line("tier_bonus", "adult", 1, 25, 1_281, "5,124 miles x 25 % for Ridge"),
            line("base", "child", 1, 100, 5_124, "5,124 mi x 100 % x 1 child"),
        ],
    }))
}

/// The account of a Ridge member after [`booking`].
pub(crate) fn account() -> Account {
    read(json!({
        "member_id": "kenji-mori", "balance": 18_400, "pending": 16_653, "tier": "ridge", "status_miles": 12_300,
        "next_tier": {"tier": "stratus", "status_miles_required": 25_000, "status_miles_missing": 12_700},
    }))
}

/// The ledger of that account, newest first; the last entry takes miles back.
pub(crate) fn entries() -> Vec<LedgerEntry> {
    read(json!([
        {"entry_id": "K7QZ4M#1", "kind": "accrual", "status": "pending", "record_locator": "K7QZ4M",
         "description": "SFO to NRT, TN7", "miles": 16_653, "balance_after": 18_400, "pending_after": 16_653,
         "entered_at": "2026-11-20T12:00:01Z"},
        {"entry_id": "opening", "kind": "opening", "status": "posted", "description": "Opening balance",
         "miles": 19_848, "balance_after": 18_400, "pending_after": 0, "entered_at": "2026-01-01T00:00:00Z"},
        {"entry_id": "K7QF2M#2", "kind": "reversal", "status": "reversed", "record_locator": "K7QF2M",
         "description": "Cancelled K7QF2M", "miles": -1_448, "balance_after": -1_448, "pending_after": 0,
         "entered_at": "2025-12-31T10:00:00Z"},
    ]))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the reply is of its type")
}

#[derive(yew::Properties, PartialEq)]
struct ShownProps {
    children: yew::Html,
}

#[yew::component]
fn Shown(props: &ShownProps) -> yew::Html {
    props.children.clone()
}

/// The visible text of `view`, without tags and with single spaces.
pub(crate) async fn words(view: yew::Html) -> String {
    let renderer =
        yew::LocalServerRenderer::<Shown>::with_props(ShownProps { children: view }).hydratable(false);
    let html = renderer.render().await;
    let mut text = String::new();
    for part in html.split('<') {
        let after_tag = part.split_once('>').map_or(part, |(_, text)| text);
        let inline = ["bdi", "/bdi", "b>", "/b>"].iter().any(|tag| part.starts_with(tag));
        text.push_str(if inline { "" } else { " " });
        text.push_str(after_tag);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("&#x27;", "'").replace("&amp;", "&")
}
