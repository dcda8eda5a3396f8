//! The sign-in page: on a laptop a choice of members.

use api_types::MemberId;
use yew::prelude::*;

use crate::{
    api::{ApiFailure, Identity, use_api},
    components::{FailureNotice, Notice, NoticeKind, Skeleton, tier_pill::tier_pill},
    hooks::{Remote, RemoteHandle, use_remote},
    route::{Route, SearchDraft},
    router::{PageHeading, use_navigator},
    state::session::{SignedIn, use_session},
};

#[derive(Properties, PartialEq)]
pub struct SignInPageProps {
    /// The address to go to afterwards.
    pub next: Option<String>,
}

/// Lists the laptop's members; choosing one signs in and returns to the previous page.
#[component]
pub fn SignInPage(props: &SignInPageProps) -> Html {
    let (api, session, navigator) = (use_api(), use_session(), use_navigator());
    let RemoteHandle { state, retry } = use_remote((), |api, ()| async move { api.local_members().await });
    let failure = use_state(|| None::<ApiFailure>);
    let busy = use_state(|| None::<MemberId>);
    let signed_in = session.signed_in().map(|member| member.name.clone());

    let choose = {
        let (next, failure, busy) = (props.next.clone(), failure.clone(), busy.clone());
        Callback::from(move |member: Identity| {
            if busy.is_some() {
                return;
            }
            busy.set(Some(member.member_id.clone()));
            failure.set(None);
            let (api, session, navigator) = (api.clone(), session.clone(), navigator.clone());
            let (next, failure, busy) = (next.clone(), failure.clone(), busy.clone());
            wasm_bindgen_futures::spawn_local(async move {
                match api.local_sign_in(&member.member_id).await {
                    Ok(reply) => {
                        session.sign_in(SignedIn {
                            member_id: member.member_id,
                            name: member.name,
                            access_token: reply.access_token,
                            expires_at: reply.expires_at,
                        });
                        navigator.replace(after(next.as_deref()));
                    }
                    Err(refused) => {
                        failure.set(Some(refused));
                        busy.set(None);
                    }
                }
            });
        })
    };

    html! {
        <div class="sign-in">
            <PageHeading title="Sign in" />
            <p class="sign-in__lead">{ "Signing in lets you book, see your trips and follow your miles." }</p>
            if let Some(name) = signed_in {
                <p>{ "You are signed in as " }<b>{ name }</b>{ ". Choosing another member signs you in as them." }</p>
            }
            <div class="local-bar">
                <p>
                    <b>{ "Local" }</b>
                    { " These members exist on this computer only, so no password is asked for." }
                </p>
            </div>
            if let Some(failure) = &*failure {
                <Notice kind={NoticeKind::Error} announce={true}><p>{ failure.to_string() }</p></Notice>
            }
            <h2 id="members-heading">{ "Who are you?" }</h2>
            { members(&state, retry, &choose, busy.as_ref()) }
        </div>
    }
}

fn members(
    state: &Remote<crate::api::Identities>,
    retry: Callback<()>,
    choose: &Callback<Identity>,
    busy: Option<&MemberId>,
) -> Html {
    let identities = match state {
        Remote::Loading => {
            return html! { <Skeleton label="Asking who can sign in" count=5 class="member-skeleton" /> };
        }
        Remote::Failed(failure) => return html! { <FailureNotice failure={failure.clone()} {retry} /> },
        Remote::Ready(identities) => identities,
    };
    html! {
        <ul class="members" aria-labelledby="members-heading">
            for member in &identities.members {
                <li key={member.member_id.as_str()}>
                    <button type="button" class="member" aria-disabled={busy.map(|_| "true")} onclick={chosen(member, choose)}>
                        <span class="member__name">{ &member.name }</span>
                        { tier_pill(member.tier) }
                    </button>
                </li>
            }
        </ul>
    }
}

fn chosen(member: &Identity, choose: &Callback<Identity>) -> Callback<MouseEvent> {
    let member = member.clone();
    choose.reform(move |_| member.clone())
}

/// The page after sign-in. `next` is an address of this app: [`Route`] accepts no other.
fn after(next: Option<&str>) -> Route {
    next.map_or_else(|| Route::Search(SearchDraft::default()), Route::parse_address)
}
