//! Check your trip.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`CheckPage`].
#[derive(Properties, PartialEq)]
pub struct CheckPageProps {
    /// One offer, or two for a return trip.
    pub offers: Vec<api_types::OfferId>,
}

/// Check your trip.
#[component]
pub fn CheckPage(_props: &CheckPageProps) -> Html {
    html! { <PageHeading title="Check your trip" /> }
}
