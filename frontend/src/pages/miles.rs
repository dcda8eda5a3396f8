//! The member's miles: balance, what is pending, tier, the latest entries.

use std::rc::Rc;

use api_types::{Account, LedgerPage};
use yew::prelude::*;

use super::statement::{entries_table, no_entries};
use crate::{
    components::{
        FailureNotice, Skeleton,
        tier_pill::{tier_name, tier_pill},
    },
    format,
    hooks::{Remote, RemoteHandle, use_member, use_remote, use_sign_in_after},
    route::Route,
    router::{Link, PageHeading},
};

const TITLE: &str = "Your miles";

#[component]
pub fn MilesPage() -> Html {
    let member = use_member();
    html! {
        <div class="stack">
            <PageHeading title={TITLE} />
            if member.is_some() { <Miles /> }
        </div>
    }
}

const LATEST: u32 = 5;

#[component]
fn Miles() -> Html {
    let RemoteHandle { state: account, retry } = use_remote((), |api, ()| async move { api.account().await });
    let RemoteHandle { state: entries, retry: retry_entries } =
        use_remote((), |api, ()| async move { api.account_entries(LATEST, None).await });
    use_sign_in_after(match (&account, &entries) {
        (Remote::Failed(failure), _) | (_, Remote::Failed(failure)) => Some(failure),
        (Remote::Loading | Remote::Ready(_), Remote::Loading | Remote::Ready(_)) => None,
    });
    html! {
        <div class="miles">
            { match &account {
                Remote::Loading => html! { <Skeleton label="Fetching your balance" count=1 class="miles-skeleton" /> },
                Remote::Failed(failure) => html! { <FailureNotice failure={failure.clone()} {retry} /> },
                Remote::Ready(account) => account_view(account),
            } }
            { match &entries {
                Remote::Loading => html! { <Skeleton label="Fetching your entries" count=1 class="miles-skeleton" /> },
                Remote::Failed(failure) => html! { <FailureNotice failure={failure.clone()} retry={retry_entries} /> },
                Remote::Ready(page) => latest(page),
            } }
        </div>
    }
}

fn account_view(account: &Account) -> Html {
    html! {
        <section class="panel stack" aria-labelledby="balance-heading">
            <div>
                <h2 id="balance-heading" class="miles__label">{ "Balance" }</h2>
                <p class="miles__balance">{ format::number(account.balance.0) }<span class="miles__unit">{ " miles" }</span></p>
                if account.pending.0 != 0 {
                    <p class="miles__pending">{ format::miles_change(account.pending) }{ " pending, yours after the flight" }</p>
                }
            </div>
            <div class="miles__tier">
                <p>{ tier_pill(account.tier) }</p>
                { progress(account) }
            </div>
            <details class="disclosure">
                <summary>{ "Miles missing?" }</summary>
                <p>{ "Miles of a new booking usually show here within a minute, as pending. They join your balance once you have flown. If a trip shows no miles, open it under Trips: it says how they were worked out, or that they are still on the way." }</p>
            </details>
        </section>
    }
}

/// The progress to the next tier as a bar, and in words.
fn progress(account: &Account) -> Html {
    let status_miles = format::number(account.status_miles.0);
    let Some(next) = &account.next_tier else {
        return html! { <p>{ "You hold the highest tier, with " }{ status_miles }{ " status miles this year." }</p> };
    };
    let required = next.status_miles_required.0;
    html! {
        <>
            <progress class="tier-bar" max={required.to_string()} value={account.status_miles.0.to_string()}
                aria-labelledby="tier-words"></progress>
            <p id="tier-words">
                { status_miles }{ " of " }{ format::number(required) }{ " status miles to " }{ tier_name(next.tier) }{ "." }
            </p>
        </>
    }
}

fn latest(page: &Rc<LedgerPage>) -> Html {
    html! {
        <section class="panel stack" aria-labelledby="latest-heading">
            <h2 id="latest-heading">{ "Latest entries" }</h2>
            if page.items.is_empty() {
                { no_entries() }
            } else {
                { entries_table(page.items.iter(), "Latest entries") }
                <p><Link to={Route::Statement}>{ "Full statement" }</Link></p>
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account, words};

    #[tokio::test]
    async fn pending_miles_stand_apart_from_the_balance() {
        let shown = words(account_view(&account())).await;
        assert!(
            shown.starts_with("Balance 18,400 miles +16,653 pending, yours after the flight Ridge 12,300 of 25,000 status miles to Stratus."),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn at_the_highest_tier_nothing_is_missing() {
        let account = Account { next_tier: None, pending: api_types::Miles(0), ..account() };
        let shown = words(account_view(&account)).await;
        assert!(
            shown.contains("You hold the highest tier, with 12,300 status miles")
                && !shown.contains("pending,"),
            "{shown}"
        );
    }
}
