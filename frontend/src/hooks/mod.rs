//! Hooks that several pages share.

mod use_member;
mod use_now;
mod use_pages;
mod use_places;
mod use_remote;

pub use use_member::{use_member, use_sign_in_after};
pub use use_now::use_now;
pub use use_pages::{More, PagesHandle, use_pages};
pub use use_places::{Places, use_places};
pub use use_remote::{Remote, RemoteHandle, use_remote, use_remote_or};
