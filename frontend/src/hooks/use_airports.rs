//! The airports Tern serves, fetched once.

use std::rc::Rc;

use api_types::Airports;
use yew::prelude::*;

use super::{Remote, use_remote};
#[cfg(feature = "shop")]
use crate::airport_search::AirportIndex;

/// The airports as listed and as searched.
#[derive(Debug, PartialEq)]
pub struct KnownAirports {
    /// The reply of `GET /airports`.
    pub list: Rc<Airports>,
    /// Indexed for search.
    #[cfg(feature = "shop")]
    pub index: AirportIndex,
}

/// The state of the request for the airports, and a callback to retry.
#[derive(Clone, PartialEq)]
pub struct AirportsHandle {
    pub state: Remote<KnownAirports>,
    pub retry: Callback<()>,
}

#[derive(Properties, PartialEq)]
pub struct AirportsProviderProps {
    pub children: Html,
}

/// Fetches the airports once for all its children.
#[component]
pub fn AirportsProvider(props: &AirportsProviderProps) -> Html {
    let asked = use_remote((), |api, ()| async move {
        let list = Rc::new(api.airports().await?);
        Ok(KnownAirports {
            #[cfg(feature = "shop")]
            index: AirportIndex::new(&list),
            list,
        })
    });
    let context = AirportsHandle { state: asked.state, retry: asked.retry };
    html! { <ContextProvider<AirportsHandle> {context}>{ props.children.clone() }</ContextProvider<AirportsHandle>> }
}

/// The airports of the enclosing [`AirportsProvider`].
///
/// # Panics
/// Outside one; pages and their components are always inside.
#[hook]
pub fn use_airports() -> AirportsHandle {
    use_context::<AirportsHandle>().expect("the app provides the airports to every page")
}

impl AirportsHandle {
    /// The airports, if they are known.
    #[must_use]
    pub fn known(&self) -> Option<&Rc<KnownAirports>> {
        match &self.state {
            Remote::Ready(known) => Some(known),
            Remote::Loading | Remote::Failed(_) => None,
        }
    }
}
