//! Statement.

use yew::prelude::*;

use crate::router::PageHeading;

/// Statement.
#[component]
pub fn StatementPage() -> Html {
    html! { <PageHeading title="Statement" /> }
}
