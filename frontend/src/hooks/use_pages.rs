//! Paged lists.

use std::{cell::Cell, future::Future, rc::Rc};

use yew::prelude::*;

use crate::api::{Api, ApiFailure, use_api};

/// The state of the next page.
#[derive(Clone, Debug, PartialEq)]
pub enum More {
    /// It is being fetched.
    Loading,
    /// Fetching it failed.
    Failed(ApiFailure),
    /// It can be fetched.
    Waiting,
    /// There is none: the list is complete.
    Nothing,
}

/// The items so far, and a callback for more.
pub struct PagesHandle<T> {
    /// The items of the pages so far.
    pub items: Rc<[Rc<T>]>,
    /// The state of the next page.
    pub more: More,
    /// Fetches the next page, or retries a failed one.
    pub ask: Callback<()>,
}

#[derive(PartialEq)]
struct State<T> {
    items: Rc<[Rc<T>]>,
    cursor: Option<String>,
    more: More,
}

/// A paged list. `ask` fetches the page at a cursor (the first without one) and the cursor of the next.
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
