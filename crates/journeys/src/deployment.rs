//! The addresses and members of a running Tern.

use std::collections::BTreeMap;
use std::time::Duration;

use api_types::{Miles, Tier};
use serde::{Deserialize, Serialize};

use crate::Traveller;

/// A running Tern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    pub origin: Origin,
    /// Signed-in members, by their id on a laptop.
    pub members: BTreeMap<String, Member>,
    /// The longest time until a booking's miles are visible, in milliseconds.
    pub miles_within_ms: u64,
    /// Whether the gateway sends problem bodies. The emulator's sends the bare status.
    pub gateway_says_why: bool,
}

/// Someone who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The token that the gateway verifies.
    pub access_token: String,
    /// Miles at enrolment.
    pub opening_balance: Miles,
    /// The tier, which decides the bonus.
    pub tier: Tier,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin(Vec<Root>);

/// The base address of all paths with one prefix.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Root {
    /// The prefix; it is removed, as the edge does.
    pub below: String,
    /// Its replacement.
    pub base: String,
    /// Added to every request's query: it selects the emulated account.
    pub query: Option<String>,
}

impl From<&str> for Origin {
    /// All paths are at `base`.
    fn from(base: &str) -> Self {
        Self(vec![Root { below: String::new(), base: base.to_owned(), query: None }])
    }
}

impl From<&String> for Origin {
    fn from(base: &String) -> Self {
        base.as_str().into()
    }
}

impl Origin {
    /// The address of one of the web app's paths.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let found = self.0.iter().find_map(|root| Some((root, path.strip_prefix(&root.below)?)));
        let (root, rest) = found.unwrap_or_else(|| panic!("nothing answers {path}"));
        let joint = if rest.contains('?') { '&' } else { '?' };
        match &root.query {
            Some(query) => format!("{}{rest}{joint}{query}", root.base),
            None => format!("{}{rest}", root.base),
        }
    }
}

impl Deployment {
    /// A traveller without a token.
    #[must_use]
    pub fn nobody(&self) -> Traveller {
        Traveller::unknown(self.origin.clone())
    }

    #[must_use]
    pub fn member(&self, id: &str) -> (Traveller, &Member) {
        let member = self.members.get(id).unwrap_or_else(|| panic!("{id} is not signed in"));
        (self.nobody().with_token(&member.access_token), member)
    }

    /// The longest time until a booking's miles are visible.
    #[must_use]
    pub fn miles_within(&self) -> Duration {
        Duration::from_millis(self.miles_within_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_answered_at_its_root() {
        let root = |below: &str, query: Option<&str>| Root {
            below: below.to_owned(),
            base: format!("http://there{below}/live"),
            query: query.map(str::to_owned),
        };
        let accounts = Origin(vec![root("/api/booking", Some("whose=1")), root("/api/airmiles", None)]);
        for (origin, path, url) in [
            (&Origin::from("http://here"), "/api/booking/airports", "http://here/api/booking/airports"),
            (&accounts, "/api/booking/airports", "http://there/api/booking/live/airports?whose=1"),
            (
                &accounts,
                "/api/booking/bookings?limit=2",
                "http://there/api/booking/live/bookings?limit=2&whose=1",
            ),
            (&accounts, "/api/airmiles/account", "http://there/api/airmiles/live/account"),
        ] {
            assert_eq!(origin.url(path), url);
        }
    }
}
