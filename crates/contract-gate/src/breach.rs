//! Where a contract fails a consumer, in one sentence: who breaks, where, and who has to do what.

/// What is wrong with a place, operation, event type or output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The contract that the consumer was built with doesn't have it.
    Unknown,
    Missing,
    /// It isn't there, and the consumer can do without.
    Spared,
    /// The stack has an output of the same meaning under this name.
    Renamed(String),
    Optional,
    /// It may hold this, which the consumer doesn't know.
    Gives(String),
    NotTaken,
    /// This, which may be sent, isn't taken.
    Refuses(String),
    Required,
    /// Success isn't answered with this status and JSON any more.
    NoReply(String),
    FurtherReply(String),
    /// Only this lets a caller in.
    Closed(String),
    /// Events mean something else: the new `$id`.
    Means(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// For instance "`offers[].miles` of GET /flights".
    pub object: String,
    /// What the consumer does with it: calls, sends, reads, ...
    pub verb: &'static str,
    pub fault: Fault,
}

/// Which release would cause the breach: this decides who has to do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The provider's, into an environment in which the consumer runs.
    ByProvider(&'a str),
    /// The same, and the consumer is a page of a former release that browsers may still hold.
    ByProviderOfHeldPages(&'a str),
    /// The consumer's, into an environment in which the provider runs.
    ByConsumer(&'a str),
    /// None: the registration doesn't fit the contract of the same checkout.
    InTree,
}

impl Breach {
    /// The sentence for the teams. `consumer` and `provider` are names of services.
    pub fn sentence(&self, consumer: &str, provider: &str, seen: Seen<'_>) -> String {
        let (who, whom, object) = (titled(consumer), titled(provider), &self.object);
        let (keep, copes) = self.cure();
        let verb = self.verb;
        match seen {
            Seen::ByProvider(at) | Seen::ByProviderOfHeldPages(at) if self.fault == Fault::Unknown => {
                format!(
                    "{who} in {at} registered {object}, which the {whom} that it was built with doesn't have. {who}: correct the \
                 registration and release to {at} again."
                )
            }
            Seen::ByProvider(at) => format!(
                "{who} in {at} {verb} {object}, {}. {whom}: {keep} until {at} runs a version of {who} that {copes}.",
                self.problem(&format!("this {whom}"))
            ),
            Seen::ByProviderOfHeldPages(at) => format!(
                "A former page of {who} that browsers may hold in {at} {verb} {object}, {}. {whom}: {keep} until {who} is \
                 released to {at} once more.",
                self.problem(&format!("this {whom}"))
            ),
            Seen::ByConsumer(at) => format!(
                "{who} {verb} {object}, {}. {who}: wait until this {whom} is released to {at}.",
                self.problem(&format!("{whom} in {at}"))
            ),
            Seen::InTree => format!(
                "{who} {verb} {object}, {}. {whom}: {keep} until {who}'s team has released a version that {copes}.",
                self.problem(&format!("this {whom}"))
            ),
        }
    }

    /// How the provider differs: goes after a comma.
    pub fn problem(&self, whom: &str) -> String {
        match &self.fault {
            Fault::Unknown | Fault::Missing | Fault::Spared => format!("which {whom} doesn't have"),
            Fault::Renamed(name) => format!("which {whom} calls `{name}`"),
            Fault::Optional => format!("which {whom} may leave out"),
            Fault::Gives(excess) => format!("where {whom} may give {excess}"),
            Fault::NotTaken => format!("which {whom} doesn't take"),
            Fault::Refuses(excess) => format!("where {whom} refuses {excess}"),
            Fault::Required => format!("which {whom} requires"),
            Fault::NoReply(status) => format!("which {whom} doesn't answer with {status} and JSON"),
            Fault::FurtherReply(status) => format!("which {whom} may answer with {status}"),
            Fault::Closed(to) => format!("which {whom} opens to {to} only"),
            Fault::Means(meaning) => format!("which {whom} publishes as {meaning}"),
        }
    }

    /// What the provider does meanwhile, and what the consumer must do before.
    fn cure(&self) -> (&'static str, &'static str) {
        match self.fault {
            Fault::Required => ("leave it optional", "always sends it"),
            Fault::Unknown | Fault::Missing | Fault::Spared | Fault::Renamed(_) | Fault::NotTaken => {
                ("keep it", "does without it")
            }
            _ => ("leave it as it was", "copes with that"),
        }
    }
}

/// A service's name at the beginning of a sentence.
pub fn titled(service: &str) -> String {
    let mut letters = service.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
