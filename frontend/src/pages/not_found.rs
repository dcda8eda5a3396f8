//! The page for unknown addresses.

use yew::prelude::*;

use crate::{
    route::{Route, SearchDraft},
    router::{Link, PageHeading},
};

/// A message, and links to other pages.
#[component]
pub fn NotFoundPage() -> Html {
    html! {
        <>
            <PageHeading title="This page doesn't exist" />
            <p>{ "Check the address, or start from the search." }</p>
            <p><Link to={Route::Search(SearchDraft::default())} class="button">{ "Search flights" }</Link></p>
        </>
    }
}
