//! Flights.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`ResultsPage`].
#[derive(Properties, PartialEq)]
pub struct ResultsPageProps {
    /// The search.
    pub search: crate::route::FlightSearch,
    /// The chosen way out.
    pub out: Option<api_types::OfferId>,
    /// Order and filters.
    pub view: crate::route::ResultsView,
}

/// Flights.
#[component]
pub fn ResultsPage(_props: &ResultsPageProps) -> Html {
    html! { <PageHeading title="Flights" /> }
}
