//! The static shell of index.html: what stands there before the app does, and after it can't go on.

use web_sys::{Document, HtmlElement};

use wasm_bindgen::JsCast;

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Where the app is mounted: the element that holds the shell until then.
#[must_use]
pub fn root() -> Option<web_sys::Element> {
    document()?.get_element_by_id("app")
}

/// Makes a panic show the plain "reload" panel: after one the app is gone, for it aborts.
pub fn show_panel_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        show_panel();
    }));
}

/// Shows the "reload" panel of index.html, which needs no app.
pub fn show_panel() {
    let panel = document().and_then(|document| document.get_element_by_id("failure-panel"));
    if let Some(panel) = panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok()) {
        panel.set_hidden(false);
    }
}
