//! Components: props and callbacks in, `Html` out. They call no API.

#[cfg(feature = "shop")]
mod airport_field;
pub mod bound_lines;
mod button;
pub mod conditions;
mod dialog;
mod error_summary;
mod failure_notice;
mod field;
pub mod itinerary;
mod layout;
pub mod miles_pill;
mod notice;
pub mod price_table;
mod skeleton;
pub mod tier_pill;
pub mod trip_summary;
mod words;

#[cfg(feature = "shop")]
pub use airport_field::AirportField;
pub use button::{Button, ButtonKind};
pub use dialog::Dialog;
pub use error_summary::{ErrorSummary, FieldProblem};
pub use failure_notice::FailureNotice;
pub use field::Field;
pub use layout::Layout;
pub use notice::{Notice, NoticeKind};
pub use skeleton::{Skeleton, SlowNotice};
pub use words::{cabin_name, family_name, party_words, people_words};

/// Focuses the control of this `id`, if it is there.
pub fn focus_control(id: &str) {
    use wasm_bindgen::JsCast;
    let control = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(control) = control {
        control.focus().ok();
    }
}
