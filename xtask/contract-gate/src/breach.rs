//! Where a contract fails a reader, in one sentence: who breaks, by what, and what to do.

use std::fmt;

use crate::narrowing::Excess;
use crate::path::Path;

/// What of a provider's is called, read, sent or looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// An operation: `GET /flights`.
    Operation(String),
    /// A place in an operation's request.
    Request(String, Path),
    /// A place in an operation's successful reply.
    Reply(String, Path),
    /// A place in every refusal.
    Refusal(Path),
    /// A type of event.
    EventType(String),
    /// What the fields of events mean.
    Meaning,
    /// A place in events of these types.
    Event(Vec<String>, Path),
    /// An output of the stack.
    Output(String),
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The contract that the reader was built with doesn't have it: the registration is wrong.
    Unknown,
    /// It isn't there.
    Missing,
    /// The stack puts out something of the same meaning under this name.
    Renamed(String),
    /// It may not be there.
    Sometimes,
    /// It may hold more than the reader knows.
    Wider(Excess),
    /// It is no longer taken.
    NotTaken,
    /// It must be sent, and isn't.
    Needed,
    /// It must be sent, and is only sent at times.
    NeededAlways,
    /// Some of what may be sent is no longer taken.
    Narrower(Excess),
    /// Success is no longer told by this status, or no longer with JSON.
    NoReply(String),
    /// Success may be told by this status too.
    FurtherReply(String),
    /// Only who has this is let in.
    Closed(String),
    /// The fields mean something else: this, and what they meant.
    Meant(String, String),
}

/// Where a contract fails a reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// What of the provider's.
    pub about: About,
    /// What is wrong with it.
    pub fault: Fault,
}

/// From where a breach is seen, which decides who has to do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The provider is about to be released into an environment in which the consumer runs.
    ByProvider(&'a str),
    /// The same, and the consumer is the page of a former release that a browser still holds.
    ByProviderOfHeldPages(&'a str),
    /// The consumer is about to be released into an environment in which the provider runs.
    ByConsumer(&'a str),
    /// Nobody is about to be released: the registration doesn't fit the tree's own contract.
    InTree,
}

impl Breach {
    /// The sentence that a team reads. `consumer` and `provider` are names of services.
    #[must_use]
    pub fn sentence(&self, consumer: &str, provider: &str, seen: Seen<'_>) -> String {
        let (who, whom) = (titled(consumer), titled(provider));
        let reads = self.reads();
        match seen {
            Seen::ByProvider(environment) => {
                let cure = match self.fault {
                    Fault::Needed | Fault::NeededAlways => {
                        format!(
                            "don't ask for it yet, or first release a {who} to {environment} that always sends it"
                        )
                    }
                    _ => format!("keep it, or first release a {who} to {environment} that does without"),
                };
                format!(
                    "{who} in {environment} {reads}, {} {whom} would {}: {cure}",
                    self.which(),
                    self.would()
                )
            }
            Seen::ByProviderOfHeldPages(environment) => format!(
                "A page of {who} that browsers may still hold in {environment} {reads}, {} {whom} would {}: \
                 wait until {who} has been released there once more",
                self.which(),
                self.would()
            ),
            Seen::ByConsumer(environment) => format!(
                "{who} {reads}, {} {whom} in {environment} {}: release {whom} there first",
                self.which(),
                self.does()
            ),
            Seen::InTree => format!(
                "api-types/contracts/consumers/{consumer}.json says that {who} {reads}, {} {whom}'s contract {}: \
                 correct the one or the other",
                self.which(),
                self.does()
            ),
        }
    }

    /// What nobody registered as read: allowed, but worth saying.
    #[must_use]
    pub fn unread(&self, provider: &str) -> String {
        format!(
            "{} would {} {}, which nobody registered as read",
            titled(provider),
            self.would(),
            self.object()
        )
    }

    fn which(&self) -> &'static str {
        match self.fault {
            Fault::Narrower(_) | Fault::Wider(_) => "of which",
            Fault::Closed(_) | Fault::NoReply(_) | Fault::FurtherReply(_) => "to which",
            _ => "which",
        }
    }

    /// What the consumer does with it.
    fn reads(&self) -> String {
        match (&self.about, &self.fault) {
            (About::Operation(_), _) => format!("calls {}", self.object()),
            (About::Request(..), Fault::Needed) => format!("doesn't send {}", self.object()),
            (About::Request(..), Fault::NeededAlways) => format!("sends {} only at times", self.object()),
            (About::Request(..), _) => format!("sends {}", self.object()),
            (About::EventType(_), _) => format!("takes {}", self.object()),
            (About::Output(_), _) => format!("looks up {}", self.object()),
            (About::Reply(..) | About::Refusal(_) | About::Meaning | About::Event(..), _) => {
                format!("reads {}", self.object())
            }
        }
    }

    /// What it is, with a name.
    fn object(&self) -> String {
        match &self.about {
            About::Operation(name) => name.clone(),
            About::Request(name, at) => format!("{} to {name}", place(at)),
            About::Reply(name, at) => format!("{} of {name}", place(at)),
            About::Refusal(at) => format!("{} of refusals", place(at)),
            About::EventType(name) => name.clone(),
            About::Meaning => "events".to_owned(),
            About::Event(types, at) => format!("{} of {}", place(at), types.join(" and ")),
            About::Output(name) => format!("the output `{name}`"),
        }
    }

    /// What the provider's next release would do: goes after "would".
    fn would(&self) -> String {
        let gives = match self.about {
            About::Operation(_) => "answer",
            About::EventType(_) => "publish",
            About::Output(_) => "put out",
            _ => "give",
        };
        match &self.fault {
            Fault::Unknown => "not have".to_owned(),
            Fault::Missing => format!("no longer {gives}"),
            Fault::Renamed(name) => format!("put out as `{name}`"),
            Fault::Sometimes => "give only at times".to_owned(),
            Fault::Wider(excess) => format!("give {excess}"),
            Fault::NotTaken => "no longer take".to_owned(),
            Fault::Needed | Fault::NeededAlways => "need".to_owned(),
            Fault::Narrower(excess) => format!("take {}", Narrowed(excess)),
            Fault::NoReply(status) => format!("no longer answer with {status}"),
            Fault::FurtherReply(status) => format!("answer with {status} too"),
            Fault::Closed(way_in) => format!("let in only who has {way_in}"),
            Fault::Meant(is, was) => format!("publish with the meaning {is} and no longer with {was}"),
        }
    }

    /// What the provider's running release does.
    fn does(&self) -> String {
        let gives = match self.about {
            About::Operation(_) => "answer",
            About::EventType(_) => "publish",
            About::Output(_) => "put out",
            _ => "give",
        };
        match &self.fault {
            Fault::Unknown => "doesn't have".to_owned(),
            Fault::Missing => format!("doesn't {gives} yet"),
            Fault::Renamed(name) => format!("still puts out as `{name}`"),
            Fault::Sometimes => "gives only at times".to_owned(),
            Fault::Wider(excess) => format!("gives {excess}"),
            Fault::NotTaken => "doesn't take yet".to_owned(),
            Fault::Needed | Fault::NeededAlways => "needs".to_owned(),
            Fault::Narrower(excess) => format!("takes {}", Narrowed(excess)),
            Fault::NoReply(status) => format!("doesn't answer with {status} yet"),
            Fault::FurtherReply(status) => format!("answers with {status} too"),
            Fault::Closed(way_in) => format!("lets in only who has {way_in}"),
            Fault::Meant(is, was) => format!("publishes with the meaning {is} and not with {was}"),
        }
    }
}

/// What goes on being taken, where the sender may send more.
struct Narrowed<'a>(&'a Excess);

impl fmt::Display for Narrowed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Excess::Kind { is, was } => write!(f, "{was}, not {is}"),
            Excess::Null => f.write_str("no null"),
            Excess::Values(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                write!(f, "no {}", values.join(", "))
            }
            Excess::AnyValue => f.write_str("listed values only"),
            Excess::Pattern(pattern) => write!(f, "only what keeps the pattern `{pattern}`"),
            Excess::Format(format) => write!(f, "only what is of the format {format}"),
            Excess::Bound(keyword, Some(own), other) => write!(f, "{keyword} {other}, not {own}"),
            Excess::Bound(keyword, None, other) => write!(f, "{keyword} {other}, not any"),
        }
    }
}

fn place(at: &Path) -> String {
    if at.0.is_empty() { "the body".to_owned() } else { format!("`{at}`") }
}

/// A service's name as a sentence begins with it.
#[must_use]
pub fn titled(service: &str) -> String {
    let mut letters = service.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
