//! Your trips.

use yew::prelude::*;

use crate::router::PageHeading;

/// Your trips.
#[component]
pub fn TripsPage() -> Html {
    html! { <PageHeading title="Your trips" /> }
}
