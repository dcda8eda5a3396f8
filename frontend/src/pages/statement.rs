//! The ledger of the member's miles.

use api_types::{LedgerEntry, LocalDate};
use yew::prelude::*;

use crate::{
    components::{Button, ButtonKind, FailureNotice, Skeleton, miles_pill::miles_pill},
    format,
    hooks::{More, PagesHandle, use_member, use_pages, use_sign_in_after},
    route::{Route, SearchDraft},
    router::{Link, PageHeading},
};

const TITLE: &str = "Statement";

/// Shows the member's ledger, newest first, page by page.
#[component]
pub fn StatementPage() -> Html {
    let member = use_member();
    html! {
        <div class="stack">
            <p><Link to={Route::Miles}>{ "Your miles" }</Link></p>
            <PageHeading title={TITLE} />
            if member.is_some() { <Statement /> }
        </div>
    }
}

const PAGE: u32 = 25;

#[component]
fn Statement() -> Html {
    let PagesHandle { items, more, ask } = use_pages(|api, cursor| async move {
        let page = api.account_entries(PAGE, cursor.as_deref()).await?;
        Ok((page.items, page.next_cursor))
    });
    use_sign_in_after(match &more {
        More::Failed(failure) => Some(failure),
        More::Loading | More::Waiting | More::Nothing => None,
    });
    html! {
        <div class="panel stack">
            if !items.is_empty() { { entries_table(items.iter().map(|entry| &**entry), "All entries, newest first") } }
            { match &more {
                More::Loading => html! { <Skeleton label="Fetching your entries" count={if items.is_empty() { 4 } else { 1 }} class="entry-skeleton" /> },
                More::Failed(failure) => html! { <FailureNotice failure={failure.clone()} retry={ask} /> },
                More::Waiting => html! {
                    <p><Button kind={ButtonKind::Secondary} onclick={ask.reform(|_| ())}>{ "Show more" }</Button></p>
                },
                More::Nothing if items.is_empty() => no_entries(),
                More::Nothing => Html::default(),
            } }
        </div>
    }
}

/// Shown for an empty ledger.
pub(crate) fn no_entries() -> Html {
    html! {
        <>
            <p>{ "No miles yet. Your first flight adds them." }</p>
            <p><Link to={Route::Search(SearchDraft::default())} class="button">{ "Search flights" }</Link></p>
        </>
    }
}

/// Ledger entries as a table. On narrow screens its rows become two lines each; the roles keep it a table then.
pub(crate) fn entries_table<'a>(
    entries: impl Iterator<Item = &'a LedgerEntry>,
    caption: &'static str,
) -> Html {
    let today = format::today();
    html! {
        <table class="ledger" role="table">
            <caption class="visually-hidden">{ caption }</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">{ "Date" }</th>
                    <th scope="col" role="columnheader">{ "What" }</th>
                    <th scope="col" role="columnheader" class="ledger__number">{ "Miles" }</th>
                    <th scope="col" role="columnheader" class="ledger__number">{ "Balance" }</th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                for entry in entries { { row(entry, today) } }
            </tbody>
        </table>
    }
}

fn row(entry: &LedgerEntry, today: LocalDate) -> Html {
    html! {
        <tr role="row" key={entry.entry_id.as_str()}>
            <td role="cell" class="ledger__date">{ format::instant_day(entry.entered_at, today) }</td>
            <td role="cell" class="ledger__what">
                { what(entry) }{ " " }{ miles_pill(entry.status) }
            </td>
            <td role="cell" class="ledger__number ledger__miles"><bdi>{ format::miles_change(entry.miles) }</bdi></td>
            <td role="cell" class="ledger__number ledger__balance">
                <span class="ledger__balance-label" aria-hidden="true">{ "Balance " }</span>
                <bdi>{ format::number(entry.balance_after.0) }</bdi>
            </td>
        </tr>
    }
}

/// The entry's description, linked to its trip.
fn what(entry: &LedgerEntry) -> Html {
    match &entry.record_locator {
        Some(record_locator) => {
            let to = Route::Trip { record_locator: record_locator.clone(), new: false };
            html! { <Link {to}>{ &entry.description }</Link> }
        }
        None => html! { &entry.description },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{entries, words};

    #[tokio::test]
    async fn entries_show_sign_status_and_running_balance() {
        let entries = entries();
        let shown = words(entries_table(entries.iter(), "All")).await;
        for expected in [
            "SFO to NRT, TN7 Pending +16,653 Balance 18,400",
            "Opening balance Posted +19,848 Balance 18,400",
            "Cancelled K7QF2M Reversed \u{2212}1,448 Balance \u{2212}1,448",
        ] {
            assert!(shown.contains(expected), "{expected:?} is not in {shown:?}");
        }
    }
}
