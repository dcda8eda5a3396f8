//! Hooks that several pages share.

mod use_airports;
mod use_flights;
mod use_member;
mod use_now;
mod use_pages;
mod use_places;
mod use_remote;

pub use use_airports::{AirportsHandle, AirportsProvider, KnownAirports, use_airports};
pub use use_flights::{bound_of, use_flights};
pub use use_member::{use_member, use_sign_in_after};
pub use use_now::use_now;
pub use use_pages::{More, PagesHandle, use_pages};
pub use use_places::{Places, use_places};
pub use use_remote::{Remote, RemoteHandle, use_remote, use_remote_or};
