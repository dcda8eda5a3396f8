//! The offers of one bound.

use std::rc::Rc;

use api_types::{OfferId, Offers};
use yew::prelude::*;

use super::{Remote, RemoteHandle, use_remote_or};
use crate::{api::FlightQuery, route::FlightSearch, state::found};

/// The outbound query of a search, or the return query once an outbound offer was chosen.
#[must_use]
pub fn bound_of(search: &FlightSearch, out: Option<&OfferId>) -> FlightQuery {
    match (search.back, out) {
        (Some(back), Some(_)) => FlightQuery {
            from: search.to,
            to: search.from,
            date: back,
            party: search.party,
            cabin: search.cabin,
        },
        _ => FlightQuery {
            from: search.from,
            to: search.to,
            date: search.depart,
            party: search.party,
            cabin: search.cabin,
        },
    }
}

/// Searches, unless cached offers of the same search are still valid.
#[hook]
pub fn use_flights(bound: FlightQuery) -> RemoteHandle<Offers> {
    let known = use_memo(bound.clone(), found::recall);
    let handle =
        use_remote_or(bound.clone(), (*known).clone(), |api, bound| async move { api.flights(&bound).await });
    if let Remote::Ready(offers) = &handle.state
        && !known.as_ref().as_ref().is_some_and(|known| Rc::ptr_eq(known, offers))
    {
        found::remember(bound, offers.clone());
    }
    handle
}
