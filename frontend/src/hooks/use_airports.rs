//! The airports Tern serves, asked for once.

use std::rc::Rc;

use api_types::Airports;
use yew::prelude::*;

use super::{Remote, use_remote};
#[cfg(feature = "shop")]
use crate::airport_search::AirportIndex;

/// The airports as listed and as searched.
#[derive(Debug, PartialEq)]
pub struct KnownAirports {
    /// As `GET /airports` gave them.
    pub list: Rc<Airports>,
    /// Ready to be searched.
    #[cfg(feature = "shop")]
    pub index: AirportIndex,
}

/// Where the request for the airports stands, and the way to ask again.
#[derive(Clone, PartialEq)]
pub struct AirportsHandle {
    /// Where it stands.
    pub state: Remote<KnownAirports>,
    /// Asks again.
    pub retry: Callback<()>,
}

/// Props of [`AirportsProvider`].
#[derive(Properties, PartialEq)]
pub struct AirportsProviderProps {
    /// What needs airports.
    pub children: Html,
}

/// Asks for the airports once for everything within it.
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
/// Outside one: pages and what they hold are always within.
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
