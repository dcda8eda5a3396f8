//! Header and footer of every page. The static shell of index.html has the same header.

use yew::prelude::*;

use crate::{
    route::{Route, SearchDraft},
    router::{Link, use_navigator},
    state::session::use_session,
};

#[derive(Properties, PartialEq)]
pub struct LayoutProps {
    pub children: Html,
}

/// Skip link, header with navigation, the page, footer.
#[component]
pub fn Layout(props: &LayoutProps) -> Html {
    let navigator = use_navigator();
    let session = use_session();
    let route = navigator.route().clone();
    let current = |here: bool| here.then(|| AttrValue::from("page"));
    let sign_out = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| {
            session.sign_out();
            navigator.push(Route::Search(SearchDraft::default()));
        })
    };
    html! {
        <>
            <a class="skip-link" href="#main" onclick={skip_to_main()}>{ "Skip to content" }</a>
            <header class="header">
                <Link to={Route::Search(SearchDraft::default())} class="header__home" aria_label="Tern, home">
                    <svg class="header__mark" viewBox="0 0 28 18" aria-hidden="true">
                        <path d="M1 12C7 2 12 3 14 8c2-5 7-6 13-5" />
                    </svg>
                    <span>{ "Tern" }</span>
                </Link>
                <nav class="header__nav" aria-label="Main">
                    <Link to={Route::Trips} aria_current={current(matches!(*route, Route::Trips | Route::Trip { .. }))}>{ "Trips" }</Link>
                    <Link to={Route::Miles} aria_current={current(matches!(*route, Route::Miles | Route::Statement))}>{ "Miles" }</Link>
                    if let Some(member) = session.signed_in() {
                        <span class="header__member"><bdi>{ &member.name }</bdi></span>
                        <button type="button" class="header__sign-out" onclick={sign_out}
                            aria-label={format!("Sign out, {}", member.name)}>{ "Sign out" }</button>
                    } else {
                        <Link to={Route::SignIn { next: next_address(&route) }}
                            aria_current={current(matches!(*route, Route::SignIn { .. }))}>{ "Sign in" }</Link>
                    }
                </nav>
            </header>
            <main id="main" class="main" tabindex="-1">{ props.children.clone() }</main>
        </>
    }
}

/// The address to return to after sign-in; `None` on the search and sign-in pages.
fn next_address(route: &Route) -> Option<String> {
    match route {
        Route::SignIn { next } => next.clone(),
        Route::Search(_) | Route::NotFound => None,
        other => Some(other.to_string()),
    }
}

/// Moves the focus to the page without changing the address.
fn skip_to_main() -> Callback<MouseEvent> {
    Callback::from(|event: MouseEvent| {
        event.prevent_default();
        super::focus_control("main");
    })
}
