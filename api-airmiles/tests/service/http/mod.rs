//! The REST API through the router, on the embedded DynamoDB.

mod account;
mod entries;
mod estimate;
mod failures;
mod miles;

use api_airmiles::enrolment::{Enrolment, enrol};
use api_airmiles::http::router;
use api_types::{Miles, Tier};
use service_kit::testing::{self, call};

use crate::harness::{Fixture, member, now};

/// Status and body of `GET path`, called by `caller` if there is one.
async fn get(fixture: &Fixture, caller: Option<&str>, path: &str) -> (u16, serde_json::Value) {
    let reply = call(&router(fixture.app.clone()), caller, testing::get(path)).await;
    (reply.status.as_u16(), reply.json())
}

async fn enrol_member(fixture: &Fixture, id: &str, tier: Tier, balance: i64, status_miles: i64) {
    let enrolment = Enrolment {
        member_id: member(id),
        tier,
        opening_balance: Miles(balance),
        status_miles: Miles(status_miles),
        at: now(),
    };
    enrol(fixture.store(), enrolment).await.unwrap();
}
