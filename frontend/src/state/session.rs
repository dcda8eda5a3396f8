//! The session of this tab.

use std::rc::Rc;

use api_types::{MemberId, UtcInstant};
use gloo_events::EventListener;
use serde::{Deserialize, Serialize};
use yew::prelude::*;

use super::storage::Kept;

const KEY: &str = "tern.session";

/// A member who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    pub member_id: MemberId,
    /// What to call them.
    pub name: String,
    /// Proves it to the services.
    pub access_token: String,
    /// Until when the token is taken.
    pub expires_at: UtcInstant,
}

/// The session of this tab, and the way to change it.
#[derive(Clone, PartialEq)]
pub struct Session {
    signed_in: Option<Rc<SignedIn>>,
    set: Callback<Option<Rc<SignedIn>>>,
}

impl Session {
    /// The signed-in member. Their token may have expired; the services then refuse it.
    #[must_use]
    pub fn signed_in(&self) -> Option<&Rc<SignedIn>> {
        self.signed_in.as_ref()
    }

    /// Signs a member in, for this tab.
    pub fn sign_in(&self, member: SignedIn) {
        Kept::Tab.write(KEY, &member);
        self.set.emit(Some(Rc::new(member)));
    }

    /// Ends the session because the services reject its token. The draft stays for when the member is back.
    pub fn end(&self) {
        Kept::Tab.remove(KEY);
        self.set.emit(None);
    }

    /// Signs out, and forgets what this tab kept for the member.
    pub fn sign_out(&self) {
        super::draft::forget();
        super::written::forget();
        self.end();
    }
}

#[derive(Properties, PartialEq)]
pub struct SessionProviderProps {
    pub children: Html,
}

/// Provides the [`Session`] to its children.
#[component]
pub fn SessionProvider(props: &SessionProviderProps) -> Html {
    let signed_in = use_state_eq(kept);
    {
        // Back can restore this document after a sign-in or sign-out in another one.
        let signed_in = signed_in.setter();
        use_effect_with((), move |()| {
            let listener = web_sys::window()
                .map(|window| EventListener::new(&window, "pageshow", move |_| signed_in.set(kept())));
            move || drop(listener)
        });
    }
    let set = {
        let signed_in = signed_in.clone();
        use_callback((), move |member, ()| signed_in.set(member))
    };
    let session = Session { signed_in: (*signed_in).clone(), set };
    html! { <ContextProvider<Session> context={session}>{ props.children.clone() }</ContextProvider<Session>> }
}

/// The session stored in this tab.
fn kept() -> Option<Rc<SignedIn>> {
    let kept = Kept::Tab.read::<SignedIn>(KEY);
    kept.filter(|member| crate::format::now() < member.expires_at).map(Rc::new)
}

/// The session of the enclosing [`SessionProvider`].
///
/// # Panics
/// Outside one; pages and their components are always inside.
#[hook]
pub fn use_session() -> Session {
    use_context::<Session>().expect("the app provides the session to every page")
}
