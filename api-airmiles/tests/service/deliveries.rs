//! Events as a queue delivers them: repeated, reordered, late, at the same time. The ledger is the same.

use std::time::Duration;

use api_airmiles::apply_booking::{ApplyError, apply_booking};
use api_airmiles::audit::{Proof, prove};
use api_airmiles::domain::BookingFact;
use api_airmiles::enrolment::{Enrolled, Enrolment, enrol};
use api_airmiles::store::{Committed, Store, create_table};
use api_types::{EntryKind, FareClass, FareFamily, Miles, MilesStatus, Tier};
use embedded_dynamo::Fault;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reference_data::earning::charts;
use service_kit::events::queue::Applied;
use service_kit::testing::within;

use crate::harness::{Fixture, TABLE, booking, bound, cancelled, fact, locator, member, now, segment};

const MEMBER: &str = "noor-haddad";

/// How long a delivery may take with all its repeats.
const TIME_LIMIT: Duration = Duration::from_secs(120);

async fn proven(fixture: &Fixture) -> Proof {
    prove(fixture.store(), &member(MEMBER)).await.unwrap()
}

async fn apply(fixture: &Fixture, fact: &BookingFact) -> Applied {
    apply_booking(fixture.store(), fact, "m-1", now()).await.unwrap()
}

/// Delivers as the queue does: again and again until it is applied.
async fn deliver(store: &Store, fact: &BookingFact, delivery: &str) {
    let again_and_again = async { while apply_booking(store, fact, delivery, now()).await.is_err() {} };
    within(TIME_LIMIT, &format!("{delivery} is applied"), again_and_again).await;
}

fn enrolment(tier: Tier, opening: i64) -> Enrolment {
    Enrolment {
        member_id: member(MEMBER),
        tier,
        opening_balance: Miles(opening),
        status_miles: Miles(opening),
        at: now(),
    }
}

#[tokio::test]
async fn a_confirmed_booking_is_pending_and_never_part_of_the_balance() {
    let fixture = Fixture::start().await;
    assert_eq!(apply(&fixture, &fact(&booking(MEMBER, "K7QZ4M"), 1)).await, Applied::Now);
    let Proof { account, entries, projections } = proven(&fixture).await;
    assert_eq!((account.balance, account.pending, account.tier), (Miles(0), Miles(5124), Tier::Coast));
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].id.to_string(), "K7QZ4M-1");
    assert_eq!(entries[0].description, "SFO to NRT, TN7");
    assert_eq!(projections[0].status, MilesStatus::Pending);
}

#[tokio::test]
async fn an_event_delivered_again_changes_nothing() {
    let fixture = Fixture::start().await;
    let confirmed = fact(&booking(MEMBER, "K7QZ4M"), 1);
    apply(&fixture, &confirmed).await;
    let once = proven(&fixture).await;
    for _ in 0..3 {
        assert_eq!(apply(&fixture, &confirmed).await, Applied::Before);
    }
    assert_eq!(proven(&fixture).await, once);
}

#[tokio::test]
async fn a_cancellation_is_a_further_entry_that_takes_the_pending_miles_back() {
    let fixture = Fixture::start().await;
    let trip = booking(MEMBER, "K7QZ4M");
    apply(&fixture, &fact(&trip, 1)).await;
    let confirmed = proven(&fixture).await.entries[0].clone();
    apply(&fixture, &fact(&cancelled(&trip), 2)).await;
    apply(&fixture, &fact(&trip, 1)).await; // late

    let Proof { account, entries, projections } = proven(&fixture).await;
    assert_eq!((account.balance, account.pending), (Miles(0), Miles(0)));
    assert_eq!(entries[0], confirmed);
    assert_eq!((entries[1].kind, entries[1].movement.pending), (EntryKind::Reversal, Miles(-5124)));
    assert_eq!(entries[1].description, "Cancelled: SFO to NRT, TN7");
    assert_eq!((projections[0].status, projections[0].awarded), (MilesStatus::Reversed, Miles(0)));
}

#[tokio::test]
async fn a_cancellation_that_overtakes_its_booking_leaves_nothing_to_take_back() {
    let fixture = Fixture::start().await;
    let trip = booking(MEMBER, "K7QZ4M");
    assert_eq!(apply(&fixture, &fact(&cancelled(&trip), 2)).await, Applied::Now);
    assert_eq!(apply(&fixture, &fact(&cancelled(&trip), 2)).await, Applied::Before);
    assert_eq!(apply(&fixture, &fact(&trip, 1)).await, Applied::Before);

    let Proof { account, entries, projections } = proven(&fixture).await;
    assert_eq!((account.pending, entries.len()), (Miles(0), 0));
    assert_eq!((projections[0].status, projections[0].applied_version), (MilesStatus::Reversed, 2));
}

#[tokio::test]
async fn a_later_version_enters_the_difference_only() {
    let fixture = Fixture::start().await;
    let trip = booking(MEMBER, "K7QZ4M");
    let mut longer = trip.clone();
    longer.bounds.push(bound(FareFamily::Light, FareClass::Q, vec![segment("TN8", "NRT", "SFO", 5124)]));
    apply(&fixture, &fact(&trip, 1)).await;
    apply(&fixture, &fact(&longer, 2)).await;
    apply(&fixture, &fact(&longer, 3)).await; // the same miles: no entry
    apply(&fixture, &fact(&trip, 4)).await;

    let Proof { account, entries, projections } = proven(&fixture).await;
    let moved = entries.iter().map(|entry| entry.movement.pending.0).collect::<Vec<_>>();
    assert_eq!(moved, [5124, 2562, -2562]);
    assert_eq!((account.pending, projections[0].applied_version), (Miles(5124), 4));
}

#[tokio::test]
async fn the_tier_at_the_first_event_stays_the_booking_s_tier() {
    let fixture = Fixture::start().await;
    let (first, second) = (booking(MEMBER, "AAAAAA"), booking(MEMBER, "BBBBBB"));
    apply(&fixture, &fact(&first, 1)).await;
    assert_eq!(enrol(fixture.store(), enrolment(Tier::Zenith, 500)).await.unwrap(), Enrolled::Now);
    apply(&fixture, &fact(&first, 2)).await;
    apply(&fixture, &fact(&second, 1)).await;

    let Proof { account, projections, .. } = proven(&fixture).await;
    let tiers = projections.iter().map(|each| (each.tier, each.awarded)).collect::<Vec<_>>();
    assert_eq!(tiers, [(Tier::Coast, Miles(5124)), (Tier::Zenith, Miles(10_248))]);
    assert_eq!((account.tier, account.balance, account.pending), (Tier::Zenith, Miles(500), Miles(15_372)));
}

#[tokio::test]
async fn a_member_enrols_once() {
    let fixture = Fixture::start().await;
    assert_eq!(enrol(fixture.store(), enrolment(Tier::Ridge, 3150)).await.unwrap(), Enrolled::Now);
    assert_eq!(enrol(fixture.store(), enrolment(Tier::Zenith, 9999)).await.unwrap(), Enrolled::Before);
    let Proof { account, entries, .. } = proven(&fixture).await;
    assert_eq!(
        (account.tier, account.balance, account.status_miles),
        (Tier::Ridge, Miles(3150), Miles(3150))
    );
    assert_eq!((entries.len(), entries[0].id.to_string()), (1, "opening".to_owned()));
    assert!(enrol(fixture.store(), enrolment(Tier::Coast, -1)).await.is_err());
}

#[tokio::test]
async fn a_member_who_brings_nothing_enrols_once_without_an_entry() {
    let fixture = Fixture::start().await;
    assert_eq!(enrol(fixture.store(), enrolment(Tier::Ridge, 0)).await.unwrap(), Enrolled::Now);
    assert_eq!(enrol(fixture.store(), enrolment(Tier::Coast, 7)).await.unwrap(), Enrolled::Before);
    apply(&fixture, &fact(&booking(MEMBER, "K7QZ4M"), 1)).await;
    let Proof { account, entries, .. } = proven(&fixture).await;
    assert_eq!((account.tier, account.balance, entries.len()), (Tier::Ridge, Miles(0), 1));
    assert_eq!(account.pending, Miles(5124 + 1281));
}

#[tokio::test]
async fn enrolments_and_deliveries_at_once_are_one_enrolment_and_each_booking_once() {
    let fixture = Fixture::start().await;
    let codes = ["AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD", "EEEEEE", "FFFFFF", "GGGGGG", "HHHHHH"];
    let facts = codes.map(|code| fact(&booking(MEMBER, code), 1));
    let enrolments = (0..4).map(|_| enrol(fixture.store(), enrolment(Tier::Coast, 1000)));
    let deliveries = (0..40).map(|n| {
        let (fact, store) = (&facts[n % facts.len()], fixture.store());
        async move { deliver(store, fact, &format!("m-{n}")).await }
    });
    let (enrolled, _) =
        futures::join!(futures::future::join_all(enrolments), futures::future::join_all(deliveries));
    assert_eq!(enrolled.iter().filter(|each| matches!(each, Ok(Enrolled::Now))).count(), 1);

    let Proof { account, entries, .. } = proven(&fixture).await;
    assert_eq!((account.balance, account.pending), (Miles(1000), Miles(8 * 5124)));
    assert_eq!(entries.len(), 9);
}

#[tokio::test]
async fn a_booking_s_miles_go_to_the_member_of_the_first_event_alone() {
    let (own, other) = (booking(MEMBER, "K7QZ4M"), booking("kenji-mori", "K7QZ4M"));
    for (first, second) in [
        (fact(&own, 1), fact(&other, 2)),
        (fact(&own, 2), fact(&other, 1)),
        (fact(&own, 1), fact(&cancelled(&other), 2)),
    ] {
        let fixture = Fixture::start().await;
        apply(&fixture, &first).await;
        let before = proven(&fixture).await;
        let refused = apply_booking(fixture.store(), &second, "m-2", now()).await.unwrap_err();
        assert!(matches!(refused, ApplyError::OtherMember), "{refused}");
        assert_eq!(proven(&fixture).await, before);
        let other = prove(fixture.store(), &member("kenji-mori")).await.unwrap();
        assert_eq!((other.account.pending, other.entries.len()), (Miles(0), 0));
    }
}

#[tokio::test]
async fn two_members_events_of_one_booking_at_once_credit_one_of_them() {
    let fixture = Fixture::start().await;
    let facts = [MEMBER, "kenji-mori"].map(|member| fact(&booking(member, "K7QZ4M"), 1));
    let apply = |fact| apply_booking(fixture.store(), fact, "m-1", now());
    let (one, other) = futures::join!(apply(&facts[0]), apply(&facts[1]));
    assert_eq!([&one, &other].iter().filter(|applied| applied.is_ok()).count(), 1, "{one:?}, {other:?}");
    let mut pending = Miles(0);
    for id in [MEMBER, "kenji-mori"] {
        pending = pending + prove(fixture.store(), &member(id)).await.unwrap().account.pending;
    }
    assert_eq!(pending, Miles(5124));
}

#[tokio::test]
async fn a_change_decided_from_an_outdated_snapshot_writes_nothing() {
    let fixture = Fixture::start().await;
    let trip = booking(MEMBER, "K7QZ4M");
    let (mine, other) = (member(MEMBER), fact(&booking(MEMBER, "AAAAAA"), 1));
    let stale = fixture.store().snapshot(&mine, &locator("K7QZ4M")).await.unwrap();
    apply(&fixture, &other).await; // moves the account on
    let before = proven(&fixture).await;

    let confirmed = fact(&trip, 1);
    let decision = api_airmiles::domain::ledger::decide(&stale, &confirmed, charts(), now());
    let api_airmiles::domain::Decision::Apply(change) = decision else { panic!("{decision:?}") };
    assert_eq!(fixture.store().commit(&mine, &stale, *change).await.unwrap(), Committed::Overtaken);
    assert_eq!(proven(&fixture).await, before);
}

#[tokio::test]
async fn a_bonus_is_not_written_by_a_tier_that_has_changed_since() {
    let fixture = Fixture::start().await;
    let (mine, confirmed) = (member(MEMBER), fact(&booking(MEMBER, "K7QZ4M"), 1));
    let stale = fixture.store().snapshot(&mine, &locator("K7QZ4M")).await.unwrap();
    enrol(fixture.store(), enrolment(Tier::Zenith, 0)).await.unwrap(); // no entry: the number stays what it was
    let decision = api_airmiles::domain::ledger::decide(&stale, &confirmed, charts(), now());
    let api_airmiles::domain::Decision::Apply(change) = decision else { panic!("{decision:?}") };
    assert_eq!(fixture.store().commit(&mine, &stale, *change).await.unwrap(), Committed::Overtaken);
}

#[tokio::test]
async fn an_entry_is_never_written_over_even_if_all_else_is_forgotten() {
    let fixture = Fixture::start().await;
    let (mine, confirmed) = (member(MEMBER), fact(&booking(MEMBER, "K7QZ4M"), 1));
    apply(&fixture, &confirmed).await;
    let before = proven(&fixture).await;
    let account = fixture.store().account(&mine).await.unwrap();
    let key = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let forget = fixture.dynamo.client().delete_item().table_name(TABLE);
    forget.key("pk", key("MEMBER#noor-haddad")).key("sk", key("BOOKING#K7QZ4M")).send().await.unwrap();

    let read = fixture.store().snapshot(&mine, &locator("K7QZ4M")).await.unwrap();
    assert_eq!((read.account, &read.projection), (account, &None));
    let decision = api_airmiles::domain::ledger::decide(&read, &confirmed, charts(), now());
    let api_airmiles::domain::Decision::Apply(change) = decision else { panic!("{decision:?}") };
    assert_eq!(fixture.store().commit(&mine, &read, *change).await.unwrap(), Committed::Overtaken);
    assert_eq!(fixture.store().account(&mine).await.unwrap(), account);
    assert_eq!(fixture.store().entries(&mine, None, 50).await.unwrap().entries, before.entries);
}

#[tokio::test]
async fn a_table_is_made_once_and_a_stranger_s_is_refused() {
    let fixture = Fixture::start().await;
    let client = fixture.dynamo.client();
    create_table(&client, TABLE).await.unwrap();
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    client
        .create_table()
        .table_name("strange")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("id")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap())
        .send()
        .await
        .unwrap();
    let refused = create_table(&client, "strange").await.unwrap_err();
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert_eq!(cause, "the table strange exists, with other keys or indexes");
}

#[tokio::test]
async fn an_unreachable_store_is_an_error_and_not_a_loss() {
    let fixture = Fixture::start().await;
    let store = api_airmiles::store::Store::new(fixture.dynamo.client(), "no-such-table");
    let confirmed = fact(&booking(MEMBER, "K7QZ4M"), 1);
    assert!(apply_booking(&store, &confirmed, "m-1", now()).await.is_err());
}

#[tokio::test]
async fn a_transaction_in_conflict_or_with_a_lost_reply_is_applied_once() {
    for fault in [Fault::TransactionConflict, Fault::LostReply] {
        let fixture = Fixture::start().await;
        fixture.dynamo.inject(fault, 1);
        assert_eq!(apply(&fixture, &fact(&booking(MEMBER, "K7QZ4M"), 1)).await, Applied::Now, "{fault:?}");
        assert_eq!(fixture.dynamo.faults_to_come(), 0, "{fault:?}");
        let Proof { account, entries, .. } = proven(&fixture).await;
        assert_eq!((account.pending, entries.len()), (Miles(5124), 1), "{fault:?}");
    }
}

/// Two bookings' versions in any order, each up to three times, by two consumers at once: the
/// ledger ends with the newest version of each.
#[test]
fn any_order_and_any_repetition_end_in_the_same_account() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let deliveries = prop::collection::vec((0..2_usize, 0..3_usize), 1..14);
    // Each case opens a database: shrinking a failure ends after a few seconds, however far it has come.
    let shrinking = Config { max_shrink_iters: 50, max_shrink_time: 5_000, ..Config::default() };
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..shrinking });
    runner
        .run(&(deliveries, any::<bool>()), |(deliveries, second_is_cancelled)| {
            runtime.block_on(async {
                let fixture = Fixture::start().await;
                let versions = ["AAAAAA", "BBBBBB"].map(|code| {
                    let trip = booking(MEMBER, code);
                    let mut cheaper = trip.clone();
                    cheaper.bounds[0].fare_class = FareClass::Q;
                    let last = if second_is_cancelled { cancelled(&trip) } else { trip.clone() };
                    [fact(&trip, 1), fact(&cheaper, 2), fact(&last, 3)]
                });
                let consume = async |start: usize| {
                    for (position, (booking, version)) in deliveries.iter().enumerate().skip(start).step_by(2)
                    {
                        let fact = &versions[*booking][*version];
                        let delivery = format!("m-{position}");
                        deliver(fixture.store(), fact, &delivery).await;
                    }
                };
                futures::join!(consume(0), consume(1));

                let expected = [0, 1].map(|booking| {
                    let newest = deliveries.iter().filter(|each| each.0 == booking).map(|each| each.1).max();
                    match newest {
                        Some(0) => 5124,
                        Some(1) => 2562,
                        Some(_) if !second_is_cancelled => 5124,
                        _ => 0,
                    }
                });
                let proof = proven(&fixture).await;
                prop_assert_eq!(proof.account.pending, Miles(expected.iter().sum()));
                prop_assert_eq!(proof.account.balance, Miles(0));
                Ok(())
            })
        })
        .unwrap();
}
