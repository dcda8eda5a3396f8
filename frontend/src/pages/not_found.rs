//! Where no page is.

use yew::prelude::*;

use crate::{
    route::{Route, SearchDraft},
    router::{Link, PageHeading},
};

/// Says that nothing is here, and leads on.
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
