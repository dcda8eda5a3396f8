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

/// Puts the app in the place of the shell.
pub fn mount(config: Rc<Config>) {
    match shell::root() {
        Some(root) => {
            shell::note_typed();
            yew::Renderer::<App>::with_root_and_props(root, AppProps { config }).render();
        }
        None => shell::show_panel(),
    }
}

/// Props of [`App`].
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// Where the services are.
    pub config: Rc<Config>,
}

/// The whole app.
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

/// The page of the present route.
#[component]
fn Page() -> Html {
    match (**use_navigator().route()).clone() {
        Route::Search(draft) => html! { <pages::SearchPage {draft} /> },
        Route::Flights { search, out, view } => html! { <pages::ResultsPage {search} {out} {view} /> },
        Route::Fare { search, out, itinerary } => html! { <pages::FarePage {search} {out} {itinerary} /> },
        Route::Travellers { offers } => html! { <pages::TravellersPage {offers} /> },
        Route::Check { offers } => html! { <pages::CheckPage {offers} /> },
        Route::Trips => html! { <pages::TripsPage /> },
        Route::Trip { record_locator, new } => html! { <pages::TripPage {record_locator} {new} /> },
        Route::Miles => html! { <pages::MilesPage /> },
        Route::Statement => html! { <pages::StatementPage /> },
        Route::SignIn { next } => html! { <pages::SignInPage {next} /> },
        Route::NotFound => html! { <pages::NotFoundPage /> },
    }
}
