use api_types::{LedgerEntry, LedgerPage};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use service_kit::cursor;
use service_kit::http::{ApiError, Caller, Json, Parameters};

use crate::App;
use crate::domain::{Entry, EntryId};

/// The position in a cursor. Entries keep their numbers, so new entries don't shift the pages after a cursor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeforeEntry {
    before_entry: u64,
}

/// The caller's ledger, newest first, with running balances.
#[utoipa::path(get, path = "/account/entries", tag = "account",
    params(
        ("limit" = Option<u8>, Query, description = "How many; 20 if left out", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = LedgerPage)),
    security(("member" = [])))]
pub(super) async fn list_entries(
    State(app): State<App>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<LedgerPage>, ApiError> {
    let page = parameters.page::<BeforeEntry>();
    parameters.finish()?;
    let before = page.after.map(|position| position.before_entry);
    let page = app.store().entries(&caller.member_id, before, page.limit).await?;
    Ok(Json(LedgerPage {
        items: page.entries.into_iter().map(ledger_entry).collect(),
        next_cursor: page.next_before.map(|before_entry| cursor::encode(&BeforeEntry { before_entry })),
    }))
}

fn ledger_entry(entry: Entry) -> LedgerEntry {
    LedgerEntry {
        entry_id: entry.id.to_string(),
        kind: entry.kind,
        status: entry.status,
        record_locator: match entry.id {
            EntryId::Opening => None,
            EntryId::Booking { record_locator, .. } => Some(record_locator),
        },
        description: entry.description,
        miles: entry.movement.shown(),
        balance_after: entry.balance_after,
        pending_after: entry.pending_after,
        entered_at: entry.entered_at,
    }
}
