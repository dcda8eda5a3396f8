//! Travellers.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`TravellersPage`].
#[derive(Properties, PartialEq)]
pub struct TravellersPageProps {
    /// One offer, or two for a return trip.
    pub offers: Vec<api_types::OfferId>,
}

/// Travellers.
#[component]
pub fn TravellersPage(_props: &TravellersPageProps) -> Html {
    html! { <PageHeading title="Travellers" /> }
}
