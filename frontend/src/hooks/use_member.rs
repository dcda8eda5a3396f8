//! Pages that are for members only.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    api::ApiFailure,
    route::Route,
    router::use_navigator,
    state::session::{SignedIn, use_session},
};

/// Who is signed in. Where nobody is, the visitor is taken to the sign-in page, which leads back here.
#[hook]
pub fn use_member() -> Option<Rc<SignedIn>> {
    let member = use_session().signed_in().cloned();
    use_sign_in_where(member.is_none());
    member
}

/// Takes the visitor to the sign-in page, and from there back here, when a service no longer takes their token.
#[hook]
pub fn use_sign_in_after(failure: Option<&ApiFailure>) {
    use_sign_in_where(failure.is_some_and(ApiFailure::needs_sign_in));
}

#[hook]
fn use_sign_in_where(needed: bool) {
    let navigator = use_navigator();
    use_effect_with(needed, move |&needed| {
        if needed {
            let next = Some(navigator.route().to_string());
            navigator.replace(Route::SignIn { next });
        }
    });
}
