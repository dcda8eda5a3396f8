//! Your trip.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`TripPage`].
#[derive(Properties, PartialEq)]
pub struct TripPageProps {
    /// The booking.
    pub record_locator: api_types::RecordLocator,
    /// Whether it has just been made.
    pub new: bool,
}

/// Your trip.
#[component]
pub fn TripPage(_props: &TripPageProps) -> Html {
    html! { <PageHeading title="Your trip" /> }
}
