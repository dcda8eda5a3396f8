use std::sync::LazyLock;

use api_types::{MemberId, Miles, Tier};

/// Someone who can sign in on a laptop.
#[derive(Clone, Debug)]
pub struct LocalMember {
    /// Who it is.
    pub member_id: MemberId,
    /// What the person is called.
    pub name: &'static str,
    /// Their tier when the data folder was made.
    pub tier: Tier,
    /// The miles they brought along.
    pub opening_balance: Miles,
    /// Those that count towards their tier.
    pub status_miles: Miles,
}

/// The members of a laptop: one per tier, one who has never flown, one between tiers.
#[must_use]
pub fn members() -> &'static [LocalMember] {
    static MEMBERS: LazyLock<Vec<LocalMember>> = LazyLock::new(|| {
        let member = |id: &str, name, tier, opening_balance, status_miles| LocalMember {
            member_id: id.parse().expect("the ids below are lower-case letters and hyphens"),
            name,
            tier,
            opening_balance: Miles(opening_balance),
            status_miles: Miles(status_miles),
        };
        vec![
            member("amelia-okafor", "Amelia Okafor", Tier::Coast, 0, 0),
            member("kenji-mori", "Kenji Mori", Tier::Ridge, 18_400, 12_300),
            member("sofia-lindqvist", "Sofia Lindqvist", Tier::Stratus, 48_210, 31_000),
            member("rafael-ortiz", "Rafael Ortiz", Tier::Zenith, 212_750, 88_400),
            member("noor-haddad", "Noor Haddad", Tier::Coast, 3_150, 3_150),
        ]
    });
    &MEMBERS
}
