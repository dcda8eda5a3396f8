//! The signed-in member, for pages that need one.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    api::ApiFailure,
    route::Route,
    router::use_navigator,
    state::session::{SignedIn, use_session},
};

/// The signed-in member. Without one the visitor is redirected to the sign-in page, which returns here.
#[hook]
pub fn use_member() -> Option<Rc<SignedIn>> {
    let member = use_session().signed_in().cloned();
    let navigator = use_navigator();
    use_effect_with(member.is_none(), move |&nobody| {
        if nobody {
            let next = Some(navigator.route().to_string());
            navigator.replace(Route::SignIn { next });
        }
    });
    member
}

/// Ends the session when a service rejects the member's token; [`use_member`] then redirects to sign-in.
#[hook]
pub fn use_sign_in_after(failure: Option<&ApiFailure>) {
    let session = use_session();
    use_effect_with(failure.is_some_and(ApiFailure::needs_sign_in), move |&refused| {
        if refused {
            session.end();
        }
    });
}
