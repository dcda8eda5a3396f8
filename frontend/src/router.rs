//! The browser's history with typed routes (docs/decisions/0060).
//!
//! A page change is pushed, a change of order or filters replaces. On each page change [`PageHeading`] sets the
//! title first, then focuses the page's `h1`, so that a screen reader announces the new page.
//!
//! For a page in another bundle of the release (see [`Route::is_here`]) the browser loads that bundle's document.

use std::{cell::Cell, rc::Rc};

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::{FocusOptions, HtmlElement, MouseEvent};
use yew::prelude::*;

use crate::{route::Route, shell, state::crossing};

/// How the visitor arrived at the present route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The page was loaded here, by an address or by reloading.
    Loaded,
    /// By a link or a form, from another page of this app or of another one.
    Pushed,
    /// By Back or Forward: the browser restores where they had scrolled to.
    Popped,
}

#[derive(Clone, Debug, PartialEq)]
struct Place {
    route: Rc<Route>,
    arrival: Arrival,
    visit: u32, // counts page changes, without replacements
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Push,
    Replace,
}

/// The present route, and navigation to others.
#[derive(Clone, PartialEq)]
pub struct Navigator {
    place: Place,
    go: Callback<(Route, How)>,
}

impl Navigator {
    /// The present route.
    #[must_use]
    pub fn route(&self) -> &Rc<Route> {
        &self.place.route
    }

    /// Goes to another page; Back returns.
    pub fn push(&self, route: Route) {
        self.go.emit((route, How::Push));
    }

    /// Replaces this address by another one: Back doesn't return here.
    pub fn replace(&self, route: Route) {
        self.go.emit((route, How::Replace));
    }
}

#[derive(Properties, PartialEq)]
pub struct RouterProps {
    pub children: Html,
}

/// Provides a [`Navigator`] to its children.
#[component]
pub fn Router(props: &RouterProps) -> Html {
    let place = use_state_eq(|| {
        let route = present();
        // If the shell's form has the focus, it keeps it.
        let led = crossing::led_to(&route) && !shell::had_focus();
        let arrival = if led { Arrival::Pushed } else { Arrival::Loaded };
        Place { route: Rc::new(route), arrival, visit: 0 }
    });
    let leaving = use_memo((), |()| Cell::new(false));
    {
        // Back can restore this document from the browser's cache.
        let leaving = leaving.clone();
        use_effect_with((), move |()| {
            let listener = web_sys::window()
                .map(|window| EventListener::new(&window, "pageshow", move |_| leaving.set(false)));
            move || drop(listener)
        });
    }
    {
        let place = place.clone();
        // Each render's listener uses that render's visit.
        use_effect_with(place.visit, move |&visit| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "popstate", move |_| {
                    place.set(Place {
                        route: Rc::new(present()),
                        arrival: Arrival::Popped,
                        visit: visit + 1,
                    });
                })
            });
            move || drop(listener)
        });
    }
    let go = {
        let place = place.clone();
        Callback::from(move |(route, how): (Route, How)| {
            if leaving.get() {
                return; // the next document is loading: no further navigation meanwhile
            }
            let address = route.to_string();
            if !route.is_here() {
                leaving.set(leave(&address, how));
                return;
            }
            let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
            let written = match how {
                How::Push => history.push_state_with_url(&JsValue::NULL, "", Some(&address)),
                How::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(&address)),
            };
            if written.is_err() {
                return; // Safari refuses more than 100 changes in half a minute; the page stays as it is
            }
            let new_page = how == How::Push || !route.same_page(&place.route);
            place.set(Place {
                route: Rc::new(route),
                arrival: if new_page { Arrival::Pushed } else { place.arrival },
                visit: place.visit + u32::from(new_page),
            });
        })
    };
    let navigator = Navigator { place: (*place).clone(), go };
    html! { <ContextProvider<Navigator> context={navigator}>{ props.children.clone() }</ContextProvider<Navigator>> }
}

/// Lets the browser load the document of a page that this app doesn't have; false if it refuses.
fn leave(address: &str, how: How) -> bool {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return false };
    crossing::note(address);
    match how {
        How::Push => location.assign(address),
        How::Replace => location.replace(address),
    }
    .is_ok()
}

/// The navigator of the enclosing [`Router`].
///
/// # Panics
/// Outside one; pages and their components are always inside.
#[hook]
pub fn use_navigator() -> Navigator {
    use_context::<Navigator>().expect("the app renders every page within its Router")
}

/// The route of the browser's address bar.
fn present() -> Route {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return Route::NotFound };
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    Route::parse(&path, query.trim_start_matches('?'))
}

#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// The target.
    pub to: Route,
    #[prop_or_default]
    pub class: Classes,
    /// `page`, `date`, ... where the link is the present one.
    #[prop_or_default]
    pub aria_current: Option<AttrValue>,
    /// The accessible name.
    #[prop_or_default]
    pub aria_label: Option<AttrValue>,
    /// Replaces the present address in place of adding one.
    #[prop_or_default]
    pub replace: bool,
    pub children: Html,
}

/// A link within the app: an `a` with an address, followed by the router if this bundle has the page, and by the browser
/// otherwise.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let navigator = use_context::<Navigator>();
    let onclick = {
        let (to, replace) = (props.to.clone(), props.replace);
        Callback::from(move |event: MouseEvent| {
            let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
            if let Some(navigator) = &navigator
                && event.button() == 0
                && !elsewhere
            {
                if !to.is_here() && !replace {
                    crossing::note(&to.to_string());
                    return;
                }
                event.prevent_default();
                if replace { navigator.replace(to.clone()) } else { navigator.push(to.clone()) }
            }
        })
    };
    html! {
        <a href={props.to.to_string()} class={props.class.clone()} aria-current={props.aria_current.clone()}
            aria-label={props.aria_label.clone()} {onclick}>{ props.children.clone() }</a>
    }
}

#[derive(Properties, PartialEq)]
pub struct PageHeadingProps {
    /// The document's title, without the airline's name.
    pub title: AttrValue,
    /// CSS classes of the `h1`.
    #[prop_or_default]
    pub class: Classes,
    /// The text of the `h1`; the title by default.
    #[prop_or_default]
    pub children: Html,
}

/// A page's `h1`. Each page has exactly one, in all its states; it sets the document's title, and takes the focus when
/// the visitor arrives from another page.
#[component]
pub fn PageHeading(props: &PageHeadingProps) -> Html {
    let heading = use_node_ref();
    let place = use_context::<Navigator>().map(|navigator| navigator.place);
    use_effect_with(props.title.clone(), |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&format!("{title} | Tern"));
        }
    });
    {
        let heading = heading.clone();
        use_effect_with(place.map(|place| (place.visit, place.arrival)), move |arrival| {
            let Some((_, arrival)) = arrival else { return };
            if *arrival == Arrival::Loaded {
                return; // after a page load the browser sets the focus
            }
            if let Some(heading) = heading.cast::<HtmlElement>() {
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                heading.focus_with_options(&options).ok();
            }
            if *arrival == Arrival::Pushed
                && let Some(window) = web_sys::window()
            {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
        });
    }
    let says = if props.children == Html::default() {
        html! { &props.title }
    } else {
        props.children.clone()
    };
    html! { <h1 ref={heading} tabindex="-1" class={classes!("page-heading", props.class.clone())}>{ says }</h1> }
}
