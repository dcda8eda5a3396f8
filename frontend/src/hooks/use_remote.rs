//! Requests of a page, and their state.
//!
//! [`use_any_remote`] does all the work without type parameters: generic code is compiled for every kind of reply,
//! so it only casts.

use std::{any::Any, cell::Cell, future::Future, pin::Pin, rc::Rc};

use yew::prelude::*;

use crate::api::{Api, ApiFailure, use_api};

/// The state of a request. `Skeleton` and `FailureNotice` show the first two.
#[derive(Debug, PartialEq)]
pub enum Remote<T: ?Sized> {
    /// No reply yet.
    Loading,
    /// It failed.
    Failed(ApiFailure),
    Ready(Rc<T>),
}

impl<T: ?Sized> Clone for Remote<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Failed(failure) => Self::Failed(failure.clone()),
            Self::Ready(answer) => Self::Ready(answer.clone()),
        }
    }
}

/// The state of a request, and a callback to retry.
pub struct RemoteHandle<T: ?Sized> {
    pub state: Remote<T>,
    /// Repeats the request; meanwhile the state is loading.
    pub retry: Callback<()>,
}

/// Calls `ask` whenever `about` changes, and drops replies about other values.
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

/// As [`use_remote`], but starts with `known`, if any, and then calls `ask` only on retry.
#[hook]
pub fn use_remote_or<D, T, A, F>(about: D, known: Option<Rc<T>>, ask: A) -> RemoteHandle<T>
where
    D: Clone + PartialEq + 'static,
    T: 'static,
    A: FnOnce(Api, D) -> F + 'static,
    F: Future<Output = Result<T, ApiFailure>> + 'static,
{
    let subject = Subject { value: Rc::new(about.clone()), same: same::<D> };
    let ask: Ask = Box::new(move |api| {
        let asking = ask(api, about);
        Box::pin(async move { asking.await.map(|answer| Rc::new(answer) as Rc<dyn Any>) })
    });
    let RemoteHandle { state, retry } = use_any_remote(subject, known.map(|known| known as Rc<dyn Any>), ask);
    let state = match state {
        Remote::Loading => Remote::Loading,
        Remote::Failed(failure) => Remote::Failed(failure),
        // A hook keeps its place in its component, so what is kept there is of its own type.
        Remote::Ready(answer) => answer.downcast().map_or(Remote::Loading, Remote::Ready),
    };
    RemoteHandle { state, retry }
}

type Asking = Pin<Box<dyn Future<Output = Result<Rc<dyn Any>, ApiFailure>>>>;
type Ask = Box<dyn FnOnce(Api) -> Asking>;

/// The subject of a request, of any type.
#[derive(Clone)]
struct Subject {
    value: Rc<dyn Any>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

fn same<D: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    match (one.downcast_ref::<D>(), other.downcast_ref::<D>()) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// One attempt: the client, the subject, and the attempt's number.
type Attempt = (Api, Subject, u32);

#[hook]
fn use_any_remote(subject: Subject, known: Option<Rc<dyn Any>>, ask: Ask) -> RemoteHandle<dyn Any> {
    let api = use_api();
    let attempt = use_state(|| 0_u32);
    let asked: Attempt = (api, subject, *attempt);
    let answer = use_state(|| None::<(Attempt, Remote<dyn Any>)>);
    {
        let (answer, is_known) = (answer.clone(), known.is_some() && *attempt == 0);
        use_effect_with(asked.clone(), move |asked| {
            let wanted = Rc::new(Cell::new(true));
            if !is_known {
                let (asked, wanted) = (asked.clone(), wanted.clone());
                wasm_bindgen_futures::spawn_local(async move {
                    let reply = ask(asked.0.clone()).await;
                    if wanted.get() {
                        answer.set(Some((asked, reply.map_or_else(Remote::Failed, Remote::Ready))));
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
