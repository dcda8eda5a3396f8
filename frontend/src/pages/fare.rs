//! Choose a fare.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`FarePage`].
#[derive(Properties, PartialEq)]
pub struct FarePageProps {
    /// The search.
    pub search: crate::route::FlightSearch,
    /// The chosen way out.
    pub out: Option<api_types::OfferId>,
    /// The itinerary.
    pub itinerary: String,
}

/// Choose a fare.
#[component]
pub fn FarePage(_props: &FarePageProps) -> Html {
    html! { <PageHeading title="Choose a fare" /> }
}
