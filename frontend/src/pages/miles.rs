//! Your miles.

use yew::prelude::*;

use crate::router::PageHeading;

/// Your miles.
#[component]
pub fn MilesPage() -> Html {
    html! { <PageHeading title="Your miles" /> }
}
