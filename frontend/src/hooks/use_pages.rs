//! Lists that come page by page.

use std::{cell::Cell, future::Future, rc::Rc};

use yew::prelude::*;

use crate::api::{Api, ApiFailure, use_api};

/// What comes after the items at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum More {
    /// It is being asked for.
    Loading,
    /// Asking for it came to nothing.
    Failed(ApiFailure),
    /// It can be asked for.
    Waiting,
    /// Nothing: the list is whole.
    Nothing,
}

/// The items at hand, and the way to further ones.
pub struct PagesHandle<T> {
    /// The items of the pages so far.
    pub items: Rc<[Rc<T>]>,
    /// What comes after them.
    pub more: More,
    /// Asks for the next page, or again for one that failed.
    pub ask: Callback<()>,
}

#[derive(PartialEq)]
struct State<T> {
    items: Rc<[Rc<T>]>,
    cursor: Option<String>,
    more: More,
}

/// A list of which `ask` gets the page at a cursor (the first without one), and the cursor of the next.
#[hook]
pub fn use_pages<T, A, F>(ask: A) -> PagesHandle<T>
where
    T: PartialEq + 'static,
    A: Fn(Api, Option<String>) -> F + 'static,
    F: Future<Output = Result<(Vec<T>, Option<String>), ApiFailure>> + 'static,
{
    let api = use_api();
    let state = use_state(|| State::<T> { items: Rc::new([]), cursor: None, more: More::Loading });
    let shown = use_memo((), |()| Cell::new(true));
    {
        let shown = shown.clone();
        use_effect_with((), move |()| move || shown.set(false));
    }
    let load = {
        let (state, shown) = (state.clone(), shown);
        move |api: Api| {
            let (items, cursor) = (state.items.clone(), state.cursor.clone());
            let (set, shown) = (state.setter(), shown.clone());
            let page = ask(api, cursor.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let next = match page.await {
                    Ok((page, next)) => {
                        let items = items.iter().cloned().chain(page.into_iter().map(Rc::new)).collect();
                        let more = if next.is_some() { More::Waiting } else { More::Nothing };
                        State { items, cursor: next, more }
                    }
                    Err(failure) => State { items, cursor, more: More::Failed(failure) },
                };
                if shown.get() {
                    set.set(next);
                }
            });
        }
    };
    let load = Rc::new(load);
    {
        let load = load.clone();
        use_effect_with(api.clone(), move |api| load(api.clone()));
    }
    let (items, more) = (state.items.clone(), state.more.clone());
    let ask = Callback::from(move |()| {
        if state.more != More::Loading {
            state.set(State {
                items: state.items.clone(),
                cursor: state.cursor.clone(),
                more: More::Loading,
            });
            load(api.clone());
        }
    });
    PagesHandle { items, more, ask }
}
