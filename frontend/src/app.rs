//! The app: providers around the layout, and one page by route.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    api::Config,
    components::Layout,
    hooks::AirportsProvider,
    pages,
    route::Route,
    router::{Router, use_navigator},
    shell,
    state::session::SessionProvider,
};

/// Replaces the shell by the app.
pub fn mount(config: Rc<Config>) {
    match shell::root() {
        Some(root) => {
            shell::note_typed();
            yew::Renderer::<App>::with_root_and_props(root, AppProps { config }).render();
        }
        None => shell::show_panel(),
    }
}

#[derive(Properties, PartialEq)]
pub struct AppProps {
    pub config: Rc<Config>,
}

#[component]
pub fn App(props: &AppProps) -> Html {
    html! {
        <ContextProvider<Rc<Config>> context={props.config.clone()}>
            <SessionProvider>
                <AirportsProvider>
                    <Router>
                        <Layout><Page /></Layout>
                    </Router>
                </AirportsProvider>
            </SessionProvider>
        </ContextProvider<Rc<Config>>>
    }
}

/// The page of the present route, if this app has it: see [`Route::is_here`].
#[component]
fn Page() -> Html {
    match (**use_navigator().route()).clone() {
        #[cfg(feature = "shop")]
        Route::Search(draft) => html! { <pages::SearchPage {draft} /> },
        #[cfg(feature = "shop")]
        Route::Flights { search, out, view } => html! { <pages::ResultsPage {search} {out} {view} /> },
        #[cfg(feature = "shop")]
        Route::Fare { search, out, itinerary } => html! { <pages::FarePage {search} {out} {itinerary} /> },
        #[cfg(feature = "book")]
        Route::Travellers { offers } => html! { <pages::TravellersPage {offers} /> },
        #[cfg(feature = "book")]
        Route::Check { offers } => html! { <pages::CheckPage {offers} /> },
        #[cfg(feature = "member")]
        Route::Trips => html! { <pages::TripsPage /> },
        #[cfg(feature = "member")]
        Route::Trip { record_locator, new } => html! { <pages::TripPage {record_locator} {new} /> },
        #[cfg(feature = "member")]
        Route::Miles => html! { <pages::MilesPage /> },
        #[cfg(feature = "member")]
        Route::Statement => html! { <pages::StatementPage /> },
        #[cfg(any(feature = "book", feature = "member"))]
        Route::SignIn { next } => html! { <pages::SignInPage {next} /> },
        Route::NotFound => html! { <pages::NotFoundPage /> },
        // The router loads another document for these. If one arrives here, the server sent the wrong document;
        // loading it again would loop.
        #[cfg(not(all(feature = "shop", feature = "book", feature = "member")))]
        _ => html! { <pages::NotFoundPage /> },
    }
}
