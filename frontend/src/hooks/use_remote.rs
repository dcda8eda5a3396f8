//! Asking a service while a page is shown.

use std::{cell::Cell, future::Future, rc::Rc};

use yew::prelude::*;

use crate::api::{Api, ApiFailure, use_api};

/// Where a request stands. Every one is a view: see `Skeleton` and `FailureNotice` for the first two.
#[derive(Debug, PartialEq)]
pub enum Remote<T> {
    /// No answer yet.
    Loading,
    /// It came to nothing.
    Failed(ApiFailure),
    /// The answer.
    Ready(Rc<T>),
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Failed(failure) => Self::Failed(failure.clone()),
            Self::Ready(answer) => Self::Ready(answer.clone()),
        }
    }
}

/// Where a request stands, and the way to ask again.
pub struct RemoteHandle<T> {
    /// Where it stands.
    pub state: Remote<T>,
    /// Asks again; meanwhile the state is loading.
    pub retry: Callback<()>,
}

/// Asks with `ask` whenever `about` changes, and forgets answers about anything else.
#[hook]
pub fn use_remote<D, T, A, F>(about: D, ask: A) -> RemoteHandle<T>
where
    D: Clone + PartialEq + 'static,
    T: 'static,
    A: FnOnce(Api, D) -> F + 'static,
    F: Future<Output = Result<T, ApiFailure>> + 'static,
{
    use_remote_or(about, None, ask)
}

/// As [`use_remote`], but takes `known` for an answer at hand and then asks only on retry.
#[hook]
pub fn use_remote_or<D, T, A, F>(about: D, known: Option<Rc<T>>, ask: A) -> RemoteHandle<T>
where
    D: Clone + PartialEq + 'static,
    T: 'static,
    A: FnOnce(Api, D) -> F + 'static,
    F: Future<Output = Result<T, ApiFailure>> + 'static,
{
    let api = use_api();
    let attempt = use_state(|| 0_u32);
    let asked = (api, about, *attempt);
    let answer = use_state(|| None::<((Api, D, u32), Remote<T>)>);
    {
        let (answer, known) = (answer.clone(), known.clone().filter(|_| *attempt == 0));
        use_effect_with(asked.clone(), move |asked| {
            let wanted = Rc::new(Cell::new(true));
            if known.is_none() {
                let (asked, wanted) = (asked.clone(), wanted.clone());
                wasm_bindgen_futures::spawn_local(async move {
                    let reply = ask(asked.0.clone(), asked.1.clone()).await;
                    if wanted.get() {
                        answer.set(Some((
                            asked,
                            reply.map_or_else(Remote::Failed, |reply| Remote::Ready(Rc::new(reply))),
                        )));
                    }
                });
            }
            move || wanted.set(false)
        });
    }
    let state = match (&*answer, known) {
        (Some((about, remote)), _) if *about == asked => remote.clone(),
        (_, Some(known)) if *attempt == 0 => Remote::Ready(known),
        _ => Remote::Loading,
    };
    let retry = Callback::from(move |()| attempt.set(*attempt + 1));
    RemoteHandle { state, retry }
}
