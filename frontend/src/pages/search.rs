//! Search flights.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`SearchPage`].
#[derive(Properties, PartialEq)]
pub struct SearchPageProps {
    /// What is known of the search.
    pub draft: crate::route::SearchDraft,
}

/// Search flights.
#[component]
pub fn SearchPage(_props: &SearchPageProps) -> Html {
    html! { <PageHeading title="Search flights" /> }
}
