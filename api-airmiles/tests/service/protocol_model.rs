//! The write protocol, checked over every interleaving: two consumers, four events of two bookings of one member,
//! each event delivered more than once and in any order, consumers that die before they write and replies that
//! are lost after.
//!
//! The protocol in use holds in every reachable state; four that look right don't, and the checker shows where.

use std::collections::BTreeMap;

use stateright::{Checker, HasDiscoveries, Model, Property};

/// An event, by booking and version, and the miles that the booking earns from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Event {
    booking: usize,
    version: u8,
    target: i16,
}

/// A booking is confirmed, changed and cancelled; another of the same member is confirmed.
const EVENTS: [Event; 4] = [
    Event { booking: 0, version: 1, target: 100 },
    Event { booking: 0, version: 2, target: 120 },
    Event { booking: 0, version: 3, target: 0 },
    Event { booking: 1, version: 1, target: 50 },
];
const BOOKINGS: usize = 2;
const WORKERS: usize = 2;

/// What a write is conditional on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// Older version, the awarded miles as read, no such entry, and the account's newest entry as read.
    InUse,
    /// The same without the last: entries are numbered from what was read.
    WithoutAccountCondition,
    /// Only an older version; the difference comes from what was read.
    VersionGateAlone,
    /// The version is looked at, then written without any condition.
    CheckThenAct,
    /// The event's id was not seen before; the difference is worked out at the moment of writing.
    DeduplicateById,
}

struct Consumers {
    protocol: Protocol,
    /// How often each event is delivered without anything going wrong.
    deliveries: [u8; EVENTS.len()],
    crashes: u8,
    lost_replies: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Projection {
    applied_version: u8, // 0: not there
    awarded: i16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Account {
    pending: i16,
    last_entry_seq: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    delta: i16,
    seq: u8,
    pending_after: i16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    /// Was overtaken, and will read again.
    Overtaken(usize),
    ReadProjection(usize, Projection),
    ReadBoth(usize, Projection, Account),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    // The store.
    projections: [Projection; BOOKINGS],
    account: Account,
    entries: BTreeMap<(usize, u8), Entry>,
    seen: [bool; EVENTS.len()],
    // The queue and the workers.
    waiting: [u8; EVENTS.len()],
    workers: [Worker; WORKERS],
    crashes_left: u8,
    lost_replies_left: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// A worker receives an event and reads the booking's projection.
    Receive(usize, usize),
    /// It reads the projection again.
    ReadAgain(usize),
    /// It reads the account.
    ReadAccount(usize),
    /// It writes, and the queue forgets the message.
    Write(usize),
    /// It writes, but the reply is lost: the message is delivered again.
    WriteWithLostReply(usize),
    /// It dies before writing: the message comes again.
    Crash(usize),
}

impl World {
    fn delivered(&self) -> bool {
        self.waiting == [0; EVENTS.len()] && self.workers.iter().all(|worker| *worker == Worker::Idle)
    }

    fn entered(&self, booking: usize) -> i16 {
        self.entries.iter().filter(|((of, _), _)| *of == booking).map(|(_, entry)| entry.delta).sum()
    }

    /// One transaction; whether the message is done with.
    fn write(&mut self, protocol: Protocol, event_at: usize, read: Projection, account: Account) -> bool {
        let event = EVENTS[event_at];
        if read.applied_version >= event.version && protocol != Protocol::DeduplicateById {
            return true; // known before writing: nothing to do
        }
        let now = self.projections[event.booking];
        let name = (event.booking, event.version);
        let in_force = match protocol {
            Protocol::InUse => {
                now.applied_version < event.version
                    && now.awarded == read.awarded
                    && (now.applied_version > 0) == (read.applied_version > 0)
                    && !self.entries.contains_key(&name)
                    && (event.target == read.awarded || self.account.last_entry_seq == account.last_entry_seq)
            }
            Protocol::WithoutAccountCondition => {
                now.applied_version < event.version
                    && now.awarded == read.awarded
                    && !self.entries.contains_key(&name)
            }
            Protocol::VersionGateAlone => now.applied_version < event.version,
            Protocol::CheckThenAct => true,
            Protocol::DeduplicateById => !self.seen[event_at],
        };
        if !in_force {
            // Only here is it known that the id was seen; the others look again.
            return protocol == Protocol::DeduplicateById;
        }
        let delta = match protocol {
            Protocol::DeduplicateById => event.target - now.awarded,
            _ => event.target - read.awarded,
        };
        // Protocols without the account's condition are given numbers and sums that are right at the moment of
        // writing, so that they are judged by their miles alone.
        let base = match protocol {
            Protocol::InUse | Protocol::WithoutAccountCondition => account,
            _ => self.account,
        };
        self.projections[event.booking] =
            Projection { applied_version: event.version, awarded: event.target };
        self.seen[event_at] = true;
        if delta != 0 {
            let seq = base.last_entry_seq + 1;
            self.entries.insert(name, Entry { delta, seq, pending_after: base.pending + delta });
            self.account = Account { pending: self.account.pending + delta, last_entry_seq: seq };
        }
        true
    }
}

impl Model for Consumers {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            projections: [Projection::default(); BOOKINGS],
            account: Account::default(),
            entries: BTreeMap::new(),
            seen: [false; EVENTS.len()],
            waiting: self.deliveries,
            workers: [Worker::Idle, Worker::Idle],
            crashes_left: self.crashes,
            lost_replies_left: self.lost_replies,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for (at, worker) in world.workers.iter().enumerate() {
            match worker {
                Worker::Idle => {
                    let waiting = (0..EVENTS.len()).filter(|event| world.waiting[*event] > 0);
                    steps.extend(waiting.map(|event| Step::Receive(at, event)));
                    continue;
                }
                Worker::Overtaken(_) => steps.push(Step::ReadAgain(at)),
                Worker::ReadProjection(..) => steps.push(Step::ReadAccount(at)),
                Worker::ReadBoth(..) => {
                    steps.push(Step::Write(at));
                    if world.lost_replies_left > 0 {
                        steps.push(Step::WriteWithLostReply(at));
                    }
                }
            }
            if world.crashes_left > 0 {
                steps.push(Step::Crash(at));
            }
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        match step {
            Step::Receive(at, event) => {
                world.waiting[event] -= 1;
                world.workers[at] = Worker::ReadProjection(event, world.projections[EVENTS[event].booking]);
            }
            Step::ReadAgain(at) => {
                let Worker::Overtaken(event) = world.workers[at] else { return None };
                world.workers[at] = Worker::ReadProjection(event, world.projections[EVENTS[event].booking]);
            }
            Step::ReadAccount(at) => {
                let Worker::ReadProjection(event, read) = world.workers[at] else { return None };
                world.workers[at] = Worker::ReadBoth(event, read, world.account);
            }
            Step::Write(at) => {
                let Worker::ReadBoth(event, read, account) = world.workers[at] else { return None };
                let done = world.write(self.protocol, event, read, account);
                world.workers[at] = if done { Worker::Idle } else { Worker::Overtaken(event) };
            }
            Step::WriteWithLostReply(at) => {
                let Worker::ReadBoth(event, read, account) = world.workers[at] else { return None };
                world.write(self.protocol, event, read, account);
                world.waiting[event] += 1;
                world.lost_replies_left -= 1;
                world.workers[at] = Worker::Idle;
            }
            Step::Crash(at) => {
                let event = match world.workers[at] {
                    Worker::Idle => return None,
                    Worker::Overtaken(event)
                    | Worker::ReadProjection(event, _)
                    | Worker::ReadBoth(event, ..) => event,
                };
                world.waiting[event] += 1;
                world.crashes_left -= 1;
                world.workers[at] = Worker::Idle;
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SUM, |_, world: &World| {
                world.account.pending == world.entries.values().map(|entry| entry.delta).sum::<i16>()
            }),
            Property::always(NUMBERS, |_, world: &World| {
                let mut entries = world.entries.values().collect::<Vec<_>>();
                entries.sort_by_key(|entry| entry.seq);
                let mut sum = 0;
                entries.len() == usize::from(world.account.last_entry_seq)
                    && (1..).zip(entries).all(|(seq, entry)| {
                        sum += entry.delta;
                        entry.seq == seq && entry.pending_after == sum
                    })
            }),
            Property::always(AWARDED, |_, world: &World| {
                (0..BOOKINGS).all(|booking| world.entered(booking) == world.projections[booking].awarded)
            }),
            Property::always(NEWEST, |_, world: &World| {
                !world.delivered()
                    || EVENTS.iter().all(|event| {
                        let newest = EVENTS.iter().rfind(|other| other.booking == event.booking);
                        newest.is_some_and(|newest| world.entered(event.booking) == newest.target)
                    })
            }),
            Property::sometimes("everything is delivered", |_, world: &World| world.delivered()),
            Property::sometimes("a worker is overtaken", |_, world: &World| {
                world.workers.iter().any(|worker| matches!(worker, Worker::Overtaken(_)))
            }),
            Property::sometimes("the cancellation comes before the confirmation", |_, world: &World| {
                world.projections[0].applied_version == 3 && world.entered(0) == 0 && world.waiting[0] > 0
            }),
        ]
    }
}

const SUM: &str = "the account is the sum of its entries";
const NUMBERS: &str = "entries are numbered without gaps and carry the right sums";
const AWARDED: &str = "a booking's entries add up to what it was awarded";
const NEWEST: &str = "when all is delivered each booking holds what its newest version earns";

fn consumers(protocol: Protocol) -> Consumers {
    Consumers { protocol, deliveries: [2, 1, 2, 1], crashes: 1, lost_replies: 1 }
}

#[test]
fn the_protocol_in_use_holds_in_every_interleaving() {
    let checker = consumers(Protocol::InUse).checker().threads(2).spawn_bfs().join();
    println!("{} states explored", checker.unique_state_count());
    checker.assert_properties();
    assert!(checker.unique_state_count() > 20_000, "{} states", checker.unique_state_count());
}

#[test]
fn each_protocol_that_only_looks_right_is_found_out() {
    for (protocol, broken) in [
        (Protocol::WithoutAccountCondition, NUMBERS),
        (Protocol::VersionGateAlone, AWARDED),
        (Protocol::CheckThenAct, SUM),
        (Protocol::DeduplicateById, NEWEST),
    ] {
        let until_found = HasDiscoveries::AnyOf([broken].into());
        let checker = consumers(protocol).checker().finish_when(until_found).spawn_bfs().join();
        let found = checker.discovery(broken);
        let path = found.unwrap_or_else(|| panic!("{protocol:?} was not found out: {broken}"));
        println!("{protocol:?} breaks \"{broken}\" by {:?}", path.into_actions());
    }
}
