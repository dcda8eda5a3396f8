use api_types::{FieldError, LedgerEntry, LedgerPage, ProblemCode};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use service_kit::cursor;
use service_kit::http::{ApiError, Caller, Json, Query};

use super::error::RequestError;
use crate::App;
use crate::domain::{Entry, EntryId};

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 50;

#[derive(Debug, Deserialize)]
pub(super) struct EntriesQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

/// Where a page of the ledger begins. Entries are numbered for good, so a page never shifts under its reader.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeforeEntry {
    before_entry: u64,
}

/// The caller's ledger, newest first.
pub(super) async fn list_entries(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<LedgerPage>, ApiError> {
    let limit = parse_limit(query.limit.as_deref())?;
    let before = query.cursor.as_deref().map(cursor::decode::<BeforeEntry>).transpose()?;
    let before = before.map(|position| position.before_entry);
    let page = app.store().entries(&caller.member_id, before, limit).await.map_err(RequestError::from)?;
    Ok(Json(LedgerPage {
        items: page.entries.into_iter().map(in_words_of_the_wire).collect(),
        next_cursor: page.next_before.map(|before_entry| cursor::encode(&BeforeEntry { before_entry })),
    }))
}

fn parse_limit(text: Option<&str>) -> Result<u16, RequestError> {
    let limit = text.map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    limit.filter(|limit| (1..=LARGEST_LIMIT).contains(limit)).ok_or_else(|| {
        let detail = format!("expected a whole number from 1 to {LARGEST_LIMIT}");
        RequestError::Fields(vec![FieldError::new("limit", ProblemCode::InvalidRequest, detail)])
    })
}

fn in_words_of_the_wire(entry: Entry) -> LedgerEntry {
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
