//! Sign in.

use yew::prelude::*;

use crate::router::PageHeading;

/// Props of [`SignInPage`].
#[derive(Properties, PartialEq)]
pub struct SignInPageProps {
    /// Where to go after.
    pub next: Option<String>,
}

/// Sign in.
#[component]
pub fn SignInPage(_props: &SignInPageProps) -> Html {
    html! { <PageHeading title="Sign in" /> }
}
