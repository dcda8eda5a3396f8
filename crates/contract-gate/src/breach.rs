//! Where a contract fails a reader, in one sentence: who breaks, by what, and what to do.

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
    /// It isn't there, and the reader does without at need: nothing fails, but something is no longer shown or done.
    Spared,
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
            Seen::ByProvider(environment) | Seen::ByProviderOfHeldPages(environment)
                if self.fault == Fault::Unknown =>
            {
                format!(
                    "{who} in {environment} registered that it {reads}, but was built with a {whom} that has no such thing: \
                     correct its registration and release it again"
                )
            }
            Seen::ByProvider(environment) => {
                let (now, then) = self.cure();
                format!(
                    "{who} in {environment} {reads}, which {whom} would {}: {now}, or first release to {environment} a \
                     version of {who} that {then}",
                    self.predicate(&Mood::Would)
                )
            }
            Seen::ByProviderOfHeldPages(environment) => format!(
                "A page of {who} that browsers may still hold in {environment} {reads}, which {whom} would {}: wait until \
                 {who} has been released there once more",
                self.predicate(&Mood::Would)
            ),
            Seen::ByConsumer(environment) => format!(
                "{who} {reads}, which {whom} in {environment} {}: release {whom} there first",
                self.predicate(&Mood::Does)
            ),
            Seen::InTree => format!(
                "{who} {reads}, which the contract of {whom} {}: mend that, or correct \
                 api-types/contracts/consumers/{consumer}.json",
                self.predicate(&Mood::Does)
            ),
        }
    }

    /// Whether both are the same change. Who takes fewer types of events misses the same field.
    #[must_use]
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        match (&self.about, &other.about) {
            (About::Event(_, here), About::Event(_, there)) => here == there,
            (here, there) => here == there,
        }
    }

    /// What nobody registered as read: allowed, but worth saying.
    #[must_use]
    pub fn unread(&self, provider: &str) -> String {
        let would = self.predicate(&Mood::Would);
        format!("nobody registered to depend on {}, which {} would {would}", self.object(), titled(provider))
    }

    /// What the provider can do instead, and what the consumer must do before.
    fn cure(&self) -> (&'static str, &'static str) {
        match self.fault {
            Fault::Needed | Fault::NeededAlways => ("don't ask for it yet", "always sends it"),
            Fault::Unknown
            | Fault::Missing
            | Fault::Spared
            | Fault::Renamed(_)
            | Fault::NotTaken
            | Fault::NoReply(_)
            | Fault::Meant(..) => ("keep it", "does without it"),
            Fault::Sometimes
            | Fault::Wider(_)
            | Fault::Narrower(_)
            | Fault::FurtherReply(_)
            | Fault::Closed(_) => ("leave it as it is", "copes with that"),
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

    /// What the provider does or would do with it: goes after "which Booking would", or after "which Booking".
    fn predicate(&self, mood: &Mood) -> String {
        let gives = match self.about {
            About::Operation(_) => "answer",
            About::EventType(_) | About::Meaning => "publish",
            About::Output(_) => "put out",
            _ => "give",
        };
        match &self.fault {
            Fault::Unknown => "doesn't have".to_owned(),
            Fault::Missing | Fault::Spared => mood.not(gives),
            Fault::Renamed(name) => mood.yes("put out", &format!("as `{name}`")),
            Fault::Sometimes => mood.yes(gives, "only at times"),
            Fault::Wider(excess) => mood.yes(gives, &wider(excess)),
            Fault::NotTaken => mood.not("take"),
            Fault::Needed | Fault::NeededAlways => mood.yes("need", ""),
            Fault::Narrower(Excess::Null) => format!("{} as null", mood.not("take")),
            Fault::Narrower(Excess::Values(values)) => format!("{} as {}", mood.not("take"), quoted(values)),
            Fault::Narrower(excess) => mood.yes("take", &narrower(excess)),
            Fault::NoReply(status) => format!("{} with {status}", mood.not("answer")),
            Fault::FurtherReply(status) => mood.yes("answer", &format!("with {status} too")),
            Fault::Closed(way_in) => mood.yes("open", &format!("to {way_in} only")),
            Fault::Meant(is, was) => mood.yes(gives, &format!("as {is} instead of {was}")),
        }
    }
}

/// Of a release that is to come, or of what runs.
enum Mood {
    Would,
    Does,
}

impl Mood {
    fn yes(&self, verb: &str, how: &str) -> String {
        let verb = match (self, verb.split_once(' ')) {
            (Self::Would, _) => verb.to_owned(),
            (Self::Does, Some((verb, rest))) => format!("{verb}s {rest}"),
            (Self::Does, None) if verb.ends_with("sh") => format!("{verb}es"),
            (Self::Does, None) => format!("{verb}s"),
        };
        format!("{verb} {how}").trim_end().to_owned()
    }

    fn not(&self, verb: &str) -> String {
        match self {
            Self::Would => format!("no longer {verb}"),
            Self::Does => format!("doesn't {verb} yet"),
        }
    }
}

/// How more is given than the reader knows.
fn wider(excess: &Excess) -> String {
    match excess {
        Excess::Kind { is, was } => format!("as {is} instead of {was}"),
        Excess::Null => "as null too".to_owned(),
        Excess::Values(values) => format!("as {} too", quoted(values)),
        Excess::AnyValue => "with any value instead of the listed ones".to_owned(),
        Excess::Pattern(pattern) => format!("without keeping the pattern `{pattern}`"),
        Excess::Format(format) => format!("without keeping the format {format}"),
        Excess::Bound(keyword, own, other) => format!("with {} instead of {other}", bound(keyword, own)),
    }
}

/// How less is taken than the sender may send.
fn narrower(excess: &Excess) -> String {
    match excess {
        Excess::Kind { is, was } => format!("as {was} instead of {is}"),
        Excess::Null => "not as null".to_owned(),
        Excess::Values(values) => format!("not as {}", quoted(values)),
        Excess::AnyValue => "with listed values only".to_owned(),
        Excess::Pattern(pattern) => format!("only if it keeps the pattern `{pattern}`"),
        Excess::Format(format) => format!("only if it keeps the format {format}"),
        Excess::Bound(keyword, own, other) => {
            format!("with {keyword} {other} instead of {}", bound(keyword, own))
        }
    }
}

fn bound(keyword: &str, own: &Option<String>) -> String {
    own.as_ref().map_or_else(|| format!("no {keyword}"), |own| format!("{keyword} {own}"))
}

fn quoted(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
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
