//! Navigation from one document of the web app to another: a note in session storage marks arrival by a link or a
//! form, as opposed to a reload or a typed address.

use super::storage::Kept;
use crate::route::Route;

const KEY: &str = "tern.crossing";

/// Notes where the visitor is being taken. Called right before the browser leaves this document.
pub fn note(address: &str) {
    Kept::Tab.write(KEY, &address);
}

/// Whether the visitor was taken to `here` from another document of the app. True once.
#[must_use]
pub fn led_to(here: &Route) -> bool {
    let noted: Option<String> = Kept::Tab.read(KEY);
    Kept::Tab.remove(KEY);
    noted.is_some_and(|address| Route::parse_address(&address) == *here)
}
