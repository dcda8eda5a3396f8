//! The static shell of index.html: shown before the app starts, and after it has failed.

use std::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventInit, HtmlElement};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The element that holds the shell, and then the app.
#[must_use]
pub fn root() -> Option<Element> {
    document()?.get_element_by_id("app")
}

/// Makes a panic show the plain "reload" panel, since the app aborts.
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

/// Input in the shell's form before the app started: the control's `id`, its value, and whether it was ticked.
#[derive(Clone, Debug, PartialEq)]
struct Typed {
    id: String,
    value: JsValue,
    checked: JsValue,
}

thread_local! {
    static TYPED: RefCell<(Vec<Typed>, Option<String>)> = const { RefCell::new((Vec::new(), None)) };
}

/// Stores the shell's input and focus. Called right before the app starts.
pub fn note_typed() {
    let Some(document) = document() else { return };
    let Ok(controls) = document.query_selector_all("#search-form input, #search-form select") else { return };
    let typed = (0..controls.length()).filter_map(|position| controls.get(position)).filter_map(|control| {
        let control = control.dyn_into::<Element>().ok()?;
        let read = |name: &str| Reflect::get(&control, &name.into()).unwrap_or(JsValue::UNDEFINED);
        // Untouched controls must not overwrite the search in the address.
        let touched = if read("defaultValue").is_undefined() {
            // a select: its first option is its default
            read("selectedIndex").as_f64().is_some_and(|place| place > 0.0)
        } else {
            read("value") != read("defaultValue") || read("checked") != read("defaultChecked")
        };
        touched.then(|| Typed { id: control.id(), value: read("value"), checked: read("checked") })
    });
    let focused = document.active_element().map(|element| element.id()).filter(|id| !id.is_empty());
    TYPED.set((typed.collect(), focused));
}

/// Whether a control of the shell had the focus when the app started.
#[must_use]
pub fn had_focus() -> bool {
    TYPED.with_borrow(|(_, focused)| focused.is_some())
}

/// Fills that input into the app's form, by the same events as typing, and restores the focus. Once.
pub fn carry_over() {
    let (typed, focused) = TYPED.take();
    let Some(document) = document() else { return };
    for Typed { id, value, checked } in typed {
        let Some(control) = document.get_element_by_id(&id) else { continue };
        let is = |name: &str, noted: &JsValue| Reflect::get(&control, &name.into()).as_ref() == Ok(noted);
        if !is("checked", &checked) {
            if let (Some(true), Some(control)) = (checked.as_bool(), control.dyn_ref::<HtmlElement>()) {
                control.click();
            }
        } else if !is("value", &value) {
            Reflect::set(&control, &"value".into(), &value).ok();
            for name in ["input", "change"] {
                let bubbling = EventInit::new();
                bubbling.set_bubbles(true);
                if let Ok(event) = Event::new_with_event_init_dict(name, &bubbling) {
                    control.dispatch_event(&event).ok();
                }
            }
        }
    }
    let focused = focused.and_then(|id| document.get_element_by_id(&id));
    if let Some(focused) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        focused.focus().ok();
    }
}
