//! Where Tern runs, as far as a traveller notices.

use std::collections::BTreeMap;
use std::time::Duration;

use api_types::{Miles, Tier};
use serde::{Deserialize, Serialize};

use crate::Traveller;

/// A running Tern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// Where it answers.
    pub origin: Origin,
    /// Who is signed in here, by the id that they have on a laptop.
    pub members: BTreeMap<String, Member>,
    /// How soon a booking's miles must be seen, in milliseconds.
    pub miles_within_ms: u64,
    /// Whether the gateway refuses in words of ours. The emulator's drops them and sends the bare status.
    pub gateway_says_why: bool,
}

/// Someone who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// What the gateway verifies.
    pub access_token: String,
    /// The miles they brought along.
    pub opening_balance: Miles,
    /// Their tier: what bonus they earn.
    pub tier: Tier,
}

/// Where the web app's own paths are answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin(Vec<Root>);

/// Where the paths below one are answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Root {
    /// What a path begins with; it is taken away, as the edge does.
    pub below: String,
    /// What is put in its place.
    pub base: String,
    /// Added to every request's query: an emulator's way to tell accounts apart.
    pub query: Option<String>,
}

impl From<&str> for Origin {
    /// Everything is answered at `base`, under its own path.
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
    /// The address of a path of the web app's.
    ///
    /// # Panics
    /// When nothing answers there.
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
    /// Someone who is not signed in.
    #[must_use]
    pub fn nobody(&self) -> Traveller {
        Traveller::unknown(self.origin.clone())
    }

    /// A member, and what is known of them.
    ///
    /// # Panics
    /// When they are not signed in here.
    #[must_use]
    pub fn member(&self, id: &str) -> (Traveller, &Member) {
        let member = self.members.get(id).unwrap_or_else(|| panic!("{id} is not signed in"));
        (self.nobody().with_token(&member.access_token), member)
    }

    /// How soon a booking's miles must be seen.
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
