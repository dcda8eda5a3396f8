//! Three consumers that look right, on the real store under a scripted schedule, beside the one in use: what
//! checks the one must find out the others.

use api_airmiles::audit::{AuditError, Fault, prove};
use api_airmiles::domain::Snapshot;
use api_airmiles::domain::{BookingFact, Decision, ledger};
use api_airmiles::store::Committed;
use api_types::{BookingStatus, FareClass, MemberId, Miles};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use reference_data::earning::charts;
use serde_json::{Value, json};

use crate::harness::{Fixture, TABLE, booking, cancelled, fact, member, now};

const MEMBER: &str = "noor-haddad";
const LOCATOR: &str = "K7QZ4M";

/// How a consumer writes what it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Design {
    InUse,
    /// Writes if the version is newer, by the difference to what it read earlier.
    VersionGateAlone,
    /// Looks whether the version is newer, then writes without any condition.
    CheckThenAct,
    /// Writes if it hasn't seen the event's id, by the difference that the event makes.
    DeduplicateById,
}

/// Two deliveries, and in which order they read and write; what was applied before them, if anything.
struct Schedule {
    before: Option<BookingFact>,
    deliveries: [BookingFact; 2],
    steps: [Step; 4],
}

#[derive(Clone, Copy)]
enum Step {
    Read(usize),
    Write(usize),
}

/// Both read before either writes.
const AT_ONCE: [Step; 4] = [Step::Read(0), Step::Read(1), Step::Write(0), Step::Write(1)];
const ONE_AFTER_THE_OTHER: [Step; 4] = [Step::Read(0), Step::Write(0), Step::Read(1), Step::Write(1)];

/// Confirmed, changed to half the miles, changed back, cancelled.
fn versions() -> [BookingFact; 4] {
    let trip = booking(MEMBER, LOCATOR);
    let mut cheaper = trip.clone();
    cheaper.bounds[0].fare_class = FareClass::Q;
    [fact(&trip, 1), fact(&cheaper, 2), fact(&trip, 3), fact(&cancelled(&trip), 4)]
}

fn two_versions_at_once() -> Schedule {
    let [confirmed, changed, ..] = versions();
    Schedule { before: None, deliveries: [confirmed, changed], steps: AT_ONCE }
}

fn one_version_twice_at_once() -> Schedule {
    let [confirmed, ..] = versions();
    Schedule { before: None, deliveries: [confirmed.clone(), confirmed], steps: AT_ONCE }
}

fn cancelled_before_confirmed() -> Schedule {
    let [confirmed, .., cancelled] = versions();
    Schedule { before: None, deliveries: [cancelled, confirmed], steps: ONE_AFTER_THE_OTHER }
}

/// The cancellation moves nothing, so the account is no witness: the projection's conditions have to hold alone.
fn cancelled_while_confirming() -> Schedule {
    let [confirmed, .., cancelled] = versions();
    Schedule { before: None, deliveries: [cancelled, confirmed], steps: AT_ONCE }
}

/// The later version earns what was read, and so moves nothing; in between, the other halves it.
fn changed_and_changed_back_at_once() -> Schedule {
    let [confirmed, changed, back, _] = versions();
    Schedule { before: Some(confirmed), deliveries: [changed, back], steps: AT_ONCE }
}

/// Neither moves anything, and the older one writes last: only the version's condition is in its way.
fn an_older_version_of_the_same_miles_writes_last() -> Schedule {
    let [confirmed, _, back, _] = versions();
    let same = BookingFact::new(2, back.booking().clone()).unwrap();
    Schedule { before: Some(confirmed), deliveries: [back, same], steps: AT_ONCE }
}

/// Why the checks refuse what a schedule left behind.
#[derive(Debug)]
enum Verdict {
    Whole,
    LedgerAtFault(Fault),
    NotWhatTheNewestVersionEarns(Miles),
    NotTheNewestVersion,
}

/// Runs `schedule` with a consumer of `design`; a delivery that didn't come through comes again at the end.
async fn run(design: Design, schedule: &Schedule) -> Verdict {
    let fixture = Fixture::start().await;
    let mut reads = [Snapshot::default(), Snapshot::default()];
    let mut again = Vec::new();
    if let Some(before) = &schedule.before {
        assert!(write(design, &fixture, before, &reads[0]).await);
    }
    for step in schedule.steps {
        match step {
            Step::Read(at) => reads[at] = snapshot(&fixture).await,
            Step::Write(at) => {
                if !write(design, &fixture, &schedule.deliveries[at], &reads[at]).await {
                    again.push(at);
                }
            }
        }
    }
    for at in again {
        let read = snapshot(&fixture).await;
        assert!(
            write(design, &fixture, &schedule.deliveries[at], &read).await,
            "{design:?}: alone, and refused"
        );
    }

    let newest = schedule.deliveries.iter().max_by_key(|fact| fact.version()).unwrap();
    let chart = charts().at(newest.booking().created_at);
    let lines = api_airmiles::domain::booking_lines(chart, newest.booking(), api_types::Tier::Coast);
    let earned = match newest.booking().status {
        BookingStatus::Confirmed => api_airmiles::domain::total(&lines),
        BookingStatus::Cancelled => Miles(0),
    };
    match prove(fixture.store(), &of()).await {
        Ok(proof) if proof.account.pending != earned => {
            Verdict::NotWhatTheNewestVersionEarns(proof.account.pending)
        }
        Ok(proof) if proof.projections[0].applied_version != newest.version() => Verdict::NotTheNewestVersion,
        Ok(_) => Verdict::Whole,
        Err(AuditError::Fault(fault)) => Verdict::LedgerAtFault(fault),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_design_in_use_is_whole_after_every_schedule() {
    for (name, schedule) in [
        ("two versions at once", two_versions_at_once()),
        ("one version twice at once", one_version_twice_at_once()),
        ("cancelled before confirmed", cancelled_before_confirmed()),
        ("cancelled while confirming", cancelled_while_confirming()),
        ("changed and changed back at once", changed_and_changed_back_at_once()),
        ("an older version of the same miles", an_older_version_of_the_same_miles_writes_last()),
    ] {
        let verdict = run(Design::InUse, &schedule).await;
        assert!(matches!(verdict, Verdict::Whole), "{name}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_version_gate_alone_credits_twice_and_is_found_out() {
    let verdict = run(Design::VersionGateAlone, &two_versions_at_once()).await;
    let Verdict::LedgerAtFault(Fault::Booking { awarded, entries, .. }) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!((awarded, entries), (Miles(2562), Miles(5124 + 2562)));
}

#[tokio::test]
async fn check_then_act_credits_twice_and_is_found_out() {
    let verdict = run(Design::CheckThenAct, &one_version_twice_at_once()).await;
    let Verdict::LedgerAtFault(Fault::Sum { account, entries }) = verdict else { panic!("{verdict:?}") };
    assert_eq!((account.pending, entries.pending), (Miles(2 * 5124), Miles(5124)));
}

#[tokio::test]
async fn deduplication_by_id_keeps_the_miles_of_a_cancelled_trip_and_is_found_out() {
    let verdict = run(Design::DeduplicateById, &cancelled_before_confirmed()).await;
    assert!(matches!(verdict, Verdict::NotWhatTheNewestVersionEarns(Miles(5124))), "{verdict:?}");
}

fn of() -> MemberId {
    member(MEMBER)
}

async fn snapshot(fixture: &Fixture) -> Snapshot {
    fixture.store().snapshot(&of(), &LOCATOR.parse().unwrap()).await.unwrap()
}

/// Writes what `fact` does to what was `read`; whether the delivery is done with.
async fn write(design: Design, fixture: &Fixture, fact: &BookingFact, read: &Snapshot) -> bool {
    let decision = ledger::decide(read, fact, charts(), now());
    if design == Design::DeduplicateById {
        return write_unless_seen(fixture, fact).await;
    }
    let Decision::Apply(change) = decision else { return true };
    match design {
        Design::InUse => fixture.store().commit(&of(), read, *change).await.unwrap() == Committed::Done,
        Design::VersionGateAlone => {
            let newer = "attribute_not_exists(applied_version) OR applied_version < :version";
            if put(fixture, projection_item(fact, change.projection.awarded), Some(newer)).await {
                let delta = change.entry.map_or(Miles(0), |entry| entry.movement.pending);
                enter(fixture, fact, delta).await;
                true
            } else {
                false
            }
        }
        Design::CheckThenAct => {
            put(fixture, projection_item(fact, change.projection.awarded), None).await;
            let delta = change.entry.map_or(Miles(0), |entry| entry.movement.pending);
            enter(fixture, fact, delta).await;
            true
        }
        Design::DeduplicateById => unreachable!("written above"),
    }
}

/// The difference is calculated from the stored miles at this moment, which is the best that this design can do.
async fn write_unless_seen(fixture: &Fixture, fact: &BookingFact) -> bool {
    let seen =
        json!({ "pk": format!("MEMBER#{MEMBER}"), "sk": format!("SEEN#{LOCATOR}-{}", fact.version()) });
    if put(fixture, seen, Some("attribute_not_exists(pk)")).await {
        let awarded = snapshot(fixture).await.projection.map_or(Miles(0), |known| known.awarded);
        let target = match fact.booking().status {
            BookingStatus::Confirmed => Miles(5124),
            BookingStatus::Cancelled => Miles(0),
        };
        put(fixture, projection_item(fact, target), None).await;
        enter(fixture, fact, target - awarded).await;
    }
    true
}

fn projection_item(fact: &BookingFact, awarded: Miles) -> Value {
    json!({
        "pk": format!("MEMBER#{MEMBER}"), "sk": format!("BOOKING#{LOCATOR}"), "record_locator": LOCATOR,
        "applied_version": fact.version(), "awarded": awarded, "tier": "coast", "rules_version": "2026-11",
        "status": if awarded == Miles(0) { "reversed" } else { "pending" }, "lines": []
    })
}

/// Adds `delta` to the account and enters it, with the number and sums that are right at this moment: these
/// designs are to fail by their miles, not by their bookkeeping.
async fn enter(fixture: &Fixture, fact: &BookingFact, delta: Miles) {
    if delta == Miles(0) {
        return;
    }
    let account = fixture.store().account(&of()).await.unwrap();
    let key = format!("ENTRY#{LOCATOR}#{}", fact.version());
    let item = json!({
        "pk": format!("MEMBER#{MEMBER}"), "sk": key, "entry_seq": account.last_entry_seq + 1,
        "kind": "accrual", "status": "pending", "record_locator": LOCATOR, "booking_version": fact.version(),
        "description": "", "balance_delta": 0, "pending_delta": delta, "balance_after": account.balance,
        "pending_after": account.pending + delta, "entered_at": now()
    });
    let entered = put(fixture, item, Some("attribute_not_exists(pk)")).await;
    let update = fixture
        .dynamo
        .client()
        .update_item()
        .table_name(TABLE)
        .key("pk", AttributeValue::S(format!("MEMBER#{MEMBER}")))
        .key("sk", AttributeValue::S("ACCOUNT".to_owned()))
        .update_expression("ADD pending :delta, last_entry_seq :one")
        .expression_attribute_values(":delta", AttributeValue::N(delta.to_string()))
        .expression_attribute_values(":one", AttributeValue::N(u8::from(entered).to_string()));
    update.send().await.unwrap();
}

/// Puts `item` if `condition` holds, where `:version` stands for the item's version; whether it did.
async fn put(fixture: &Fixture, item: Value, condition: Option<&str>) -> bool {
    let version = item["applied_version"].to_string();
    let mut put = fixture
        .dynamo
        .client()
        .put_item()
        .table_name(TABLE)
        .set_item(Some(serde_dynamo::to_item(item).unwrap()))
        .set_condition_expression(condition.map(str::to_owned));
    if condition.is_some_and(|condition| condition.contains(":version")) {
        put = put.expression_attribute_values(":version", AttributeValue::N(version));
    }
    match put.send().await {
        Ok(_) => true,
        Err(SdkError::ServiceError(refused))
            if matches!(refused.err(), PutItemError::ConditionalCheckFailedException(_)) =>
        {
            false
        }
        Err(error) => panic!("{error:?}"),
    }
}
