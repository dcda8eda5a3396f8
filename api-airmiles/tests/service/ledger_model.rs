//! The ledger's rules against a model that keeps no ledger at all, over any course of events.

use std::collections::BTreeMap;

use api_airmiles::audit::examine;
use api_airmiles::domain::{
    BookingFact, Decision, Entry, EntryId, MemberAccount, Projection, Snapshot, ledger,
};
use api_types::{BookingStatus, FareClass, Miles, PassengerType, RecordLocator, Tier};
use proptest::prelude::*;
use reference_data::earning::charts;

use crate::harness::{booking, bound, cancelled, fact, now, party, segment};

const MEMBER: &str = "noor-haddad";

/// What can happen to a member.
#[derive(Clone, Debug)]
enum Happening {
    /// A version of a booking is delivered: the first time, again, or late.
    Delivered { booking: usize, version: u64 },
    /// They enrol.
    Enrolled { tier: Tier, brought: i64 },
}

fn happening() -> impl Strategy<Value = Happening> {
    let tier = prop::sample::select(Tier::ALL.to_vec());
    prop_oneof![
        9 => (0..3_usize, 1..6_u64).prop_map(|(booking, version)| Happening::Delivered { booking, version }),
        1 => (tier, 0..20_000_i64).prop_map(|(tier, brought)| Happening::Enrolled { tier, brought }),
    ]
}

/// What a version of a booking is made of.
#[derive(Clone, Debug)]
struct Version {
    fare_class: FareClass,
    distance_mi: u32,
    children: usize,
    cancelled: bool,
}

fn version() -> impl Strategy<Value = Version> {
    let class = prop::sample::select(FareClass::ALL.to_vec());
    (class, 0..12_500_u32, 0..3_usize, prop::bool::weighted(0.3)).prop_map(
        |(fare_class, distance_mi, children, cancelled)| Version {
            fare_class,
            distance_mi,
            children,
            cancelled,
        },
    )
}

fn fact_of(booking_at: usize, number: u64, version: &Version) -> BookingFact {
    let code = ["AAAAAA", "BBBBBB", "CCCCCC"][booking_at];
    let mut state = booking(MEMBER, code);
    let family = api_types::FareFamily::Classic;
    state.bounds =
        vec![bound(family, version.fare_class, vec![segment("TN7", "SFO", "NRT", version.distance_mi)])];
    let mut people = vec![PassengerType::Adult];
    people.extend(vec![PassengerType::Child; version.children]);
    state.passengers = party(&people);
    fact(&if version.cancelled { cancelled(&state) } else { state }, number)
}

/// What `version` earns, worked out from the published numbers without the code under test.
fn earned(version: &Version, tier: Tier) -> i64 {
    if version.cancelled {
        return 0;
    }
    let rate = match version.fare_class {
        FareClass::Q => 50,
        FareClass::M => 100,
        FareClass::E => 110,
        FareClass::Y | FareClass::T => 125,
        FareClass::W | FareClass::Z => 150,
        FareClass::D => 175,
        FareClass::J | FareClass::P => 200,
        FareClass::A => 250,
        FareClass::F => 300,
    };
    let base = (i64::from(version.distance_mi) * rate / 100).max(250);
    let quarters = match tier {
        Tier::Coast => 0,
        Tier::Ridge => 1,
        Tier::Stratus => 2,
        Tier::Zenith => 4,
    };
    base * (1 + version.children as i64) + base * quarters / 4
}

/// The model: the latest version received of each booking, and the tier at its first event.
#[derive(Default)]
struct Model {
    tier: Tier,
    balance: i64,
    enrolled: bool,
    bookings: BTreeMap<usize, (Tier, u64)>,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: 5_000, // ms
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_ledger_agrees_with_the_model_after_every_happening(
        versions in prop::collection::vec(prop::collection::vec(version(), 5), 3),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let mut model = Model::default();
        let mut account = MemberAccount::default();
        let mut projections: BTreeMap<RecordLocator, Projection> = BTreeMap::new();
        let mut entries: Vec<Entry> = Vec::new();
        for happening in happenings {
            let entry = match happening {
                Happening::Delivered { booking, version } => {
                    let known = model.bookings.entry(booking).or_insert((model.tier, 0));
                    known.1 = known.1.max(version);
                    let fact = fact_of(booking, version, &versions[booking][version as usize - 1]);
                    let locator = fact.booking().record_locator.clone();
                    let projection = projections.get(&locator).cloned();
                    let known = Snapshot { account, projection, owner: None };
                    match ledger::decide(&known, &fact, charts(), now()) {
                        Decision::OtherMember => panic!("{locator} has one member"),
                        Decision::AlreadyApplied => None,
                        Decision::Apply(change) => {
                            projections.insert(locator, change.projection);
                            change.entry
                        }
                    }
                }
                Happening::Enrolled { tier, brought } => {
                    if model.enrolled {
                        continue;
                    }
                    (model.enrolled, model.tier, model.balance) = (true, tier, brought);
                    let opening = account.open(tier, Miles(brought), Miles(brought), now());
                    account.tier = opening.tier;
                    opening.entry
                }
            };
            if let Some(entry) = entry {
                prop_assert!(entries.iter().all(|earlier| earlier.id != entry.id), "{} again", entry.id);
                account = account.after(&entry);
                entries.push(entry);
            }

            let known = projections.values().cloned().collect::<Vec<_>>();
            prop_assert_eq!(examine(&account, &entries, &known), Ok(()));
            let pending = model.bookings.iter().map(|(booking, (tier, newest))| {
                earned(&versions[*booking][*newest as usize - 1], *tier)
            });
            prop_assert_eq!(account.pending, Miles(pending.sum()));
            prop_assert_eq!(account.balance, Miles(model.balance));
        }
    }
}

/// The audit itself: each inconsistency is found.
#[test]
fn the_audit_finds_every_inconsistency() {
    let trip = booking(MEMBER, "AAAAAA");
    let mut account = MemberAccount::default();
    let mut entries = Vec::new();
    let mut known: Option<Projection> = None;
    for (number, state) in [(1, trip.clone()), (2, cancelled(&trip)), (3, trip.clone())] {
        let snapshot = Snapshot { account, projection: known, owner: None };
        let decided = ledger::decide(&snapshot, &fact(&state, number), charts(), now());
        let Decision::Apply(change) = decided else { panic!("{decided:?}") };
        let entry = change.entry.unwrap();
        account = account.after(&entry);
        entries.push(entry);
        known = Some(change.projection);
    }
    let whole = (account, entries, vec![known.unwrap()]);
    assert_eq!(whole.2[0].status, api_types::MilesStatus::Pending);
    assert_eq!(fact(&trip, 3).booking().status, BookingStatus::Confirmed);
    assert_eq!(examine(&whole.0, &whole.1, &whole.2), Ok(()));

    type Ledger = (MemberAccount, Vec<Entry>, Vec<Projection>);
    type Harm = fn(&mut Ledger);
    let faults: [(&str, Harm); 9] = [
        ("expected entry number 2, found 3", |ledger| drop(ledger.1.remove(1))),
        ("the account counts 3 entries, the ledger holds 2", |ledger| drop(ledger.1.pop())),
        ("entry AAAAAA-2 moves nothing", |ledger| ledger.1[1].movement = Default::default()),
        ("entry AAAAAA-2 carries other sums", |ledger| ledger.1[1].pending_after = Miles(1)),
        ("entry AAAAAA-1 carries other sums", |ledger| ledger.1[0].movement.pending = Miles(5125)),
        ("the account holds", |ledger| ledger.0.pending = Miles(5125)),
        ("the account holds", |ledger| ledger.0.balance = Miles(1)),
        ("AAAAAA was awarded 5125, its entries add up to 5124", |ledger| ledger.2[0].awarded = Miles(5125)),
        ("AAAAAA was awarded 0, its entries add up to 5124", |ledger| ledger.2.clear()),
    ];
    for (message, harm) in faults {
        let mut ledger = whole.clone();
        harm(&mut ledger);
        let fault = examine(&ledger.0, &ledger.1, &ledger.2).unwrap_err();
        assert!(fault.to_string().starts_with(message), "{fault}");
    }

    let mut overdrawn = whole.clone();
    overdrawn.1.truncate(1);
    overdrawn.1[0].id = EntryId::Opening;
    overdrawn.1[0].movement.pending = Miles(-1);
    overdrawn.1[0].pending_after = Miles(-1);
    (overdrawn.0.last_entry_seq, overdrawn.0.pending) = (1, Miles(-1));
    let fault = examine(&overdrawn.0, &overdrawn.1, &[]).unwrap_err();
    assert!(fault.to_string().starts_with("the account is below zero"), "{fault}");
}
