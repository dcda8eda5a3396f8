//! The last searches of this device.

use super::storage::Kept;
use crate::route::{FlightSearch, ResultsView, Route};

const KEY: &str = "tern.recent";
const KEPT: usize = 3;

/// The last searches that can still be flown, the latest first.
#[must_use]
pub fn recent_searches() -> Vec<FlightSearch> {
    let today = crate::format::today();
    let addresses: Vec<String> = Kept::Device.read(KEY).unwrap_or_default();
    let searches = addresses.iter().filter_map(|address| match Route::parse_address(address) {
        Route::Flights { search, .. } => Some(search),
        _ => None, // something else wrote there
    });
    searches.filter(|search| search.depart >= today).take(KEPT).collect()
}

/// Puts a search before the others.
pub fn remember(search: &FlightSearch) {
    let address = |search: &FlightSearch| {
        Route::Flights { search: search.clone(), out: None, view: ResultsView::default() }.to_string()
    };
    let latest = address(search);
    let others = recent_searches().iter().map(address).filter(|other| *other != latest).collect::<Vec<_>>();
    let all: Vec<String> = std::iter::once(latest).chain(others).take(KEPT).collect();
    Kept::Device.write(KEY, &all);
}
