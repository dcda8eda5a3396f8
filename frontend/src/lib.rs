//! Tern's web app: calls the two services and shows their replies. It has no business rules.
//!
//! | to find | look in |
//! |---|---|
//! | which address shows which page | [`route`], [`router`] |
//! | requests to the services | [`api`] |
//! | who is signed in, which offers were chosen | [`state`] |
//! | loading, failing, being ready | [`hooks`] |
//! | the pages | [`pages`] |
//! | what pages are made of | [`components`] |
//! | JSON | [`json`] |
//! | money, dates, times and miles in words | [`format`](mod@format) |
//! | finding an airport by what somebody types | [`airport_search`] |
//! | great circles on the map | [`globe`] |

#[cfg(feature = "shop")]
pub mod airport_search;
pub mod api;
pub mod app;
pub mod components;
pub mod format;
pub mod globe;
pub mod hooks;
pub mod json;
pub mod order;
pub mod pages;
pub mod query;
pub mod route;
pub mod router;
pub mod shell;
pub mod state;
#[cfg(test)]
mod testing;

use std::rc::Rc;

/// Reads `/config.json`, then replaces the static shell of index.html by the app.
///
/// The shell stays usable meanwhile; if the configuration can't be loaded it stays, with a message.
pub fn start() {
    shell::show_panel_on_panic();
    wasm_bindgen_futures::spawn_local(async {
        match api::Config::fetch().await {
            Ok(config) => app::mount(Rc::new(config)),
            Err(_) => shell::show_panel(),
        }
    });
}
