use api_types::Account;
use axum::extract::State;
use reference_data::earning;
use service_kit::http::{ApiError, Caller, Json};

use crate::App;
use crate::domain::tier::next_tier;

/// The caller's balance, pending miles and tier.
#[utoipa::path(get, path = "/account", tag = "account",
    responses((status = 200, body = Account)),
    security(("member" = [])))]
pub(super) async fn retrieve_account(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Account>, ApiError> {
    let chart = earning::charts().at(app.clock().now());
    let account = app.store().account(&caller.member_id).await?;
    Ok(Json(Account {
        member_id: caller.member_id,
        balance: account.balance,
        pending: account.pending,
        tier: account.tier,
        status_miles: account.status_miles,
        next_tier: next_tier(chart, account.tier, account.status_miles),
    }))
}
