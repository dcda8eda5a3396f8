use api_types::{Miles, Tier};
use service_kit::service::{BoxError, Environment, LocalMember, Parts, Service, function, queue};

use crate::compare_bookings::compare_bookings;
use crate::enrolment::{Enrolment, enrol};
use crate::events::Consumer;
use crate::{App, AppParts, http, store};

/// Airmiles for the laptop.
pub const SERVICE: Service =
    Service { descriptor: include_str!("../service.toml"), open: |environment| Box::pin(open(environment)) };

async fn open(environment: Environment) -> Result<Parts, BoxError> {
    let Environment { dynamodb, table, clock, .. } = environment;
    store::create_table(&dynamodb, &table).await?;
    let app = App::new(AppParts { dynamodb, table, clock });
    for member in local_members() {
        // Once a data folder: a member who is enrolled stays as they are.
        let LocalMember { member_id, tier, opening_balance, status_miles, .. } = member;
        let enrolment = Enrolment { member_id, tier, opening_balance, status_miles, at: app.clock().now() };
        enrol(app.store(), enrolment).await?;
    }
    let apply = queue(Consumer::from(app.clone()));
    let ledger = app.store().clone();
    let compare = function(move |listing| {
        let ledger = ledger.clone();
        async move { compare_bookings(&ledger, listing).await }
    });
    let functions = [("events", apply), ("compare", compare)].into();
    Ok(Parts { router: http::router(app), functions, members: local_members() })
}

/// The members of a laptop: one per tier, one who has never flown, one between tiers.
#[must_use]
pub fn local_members() -> Vec<LocalMember> {
    let members = [
        ("amelia-okafor", "Amelia Okafor", Tier::Coast, 0, 0),
        ("kenji-mori", "Kenji Mori", Tier::Ridge, 18_400, 12_300),
        ("sofia-lindqvist", "Sofia Lindqvist", Tier::Stratus, 48_210, 31_000),
        ("rafael-ortiz", "Rafael Ortiz", Tier::Zenith, 212_750, 88_400),
        ("noor-haddad", "Noor Haddad", Tier::Coast, 3_150, 3_150),
    ];
    let member = |(id, name, tier, balance, status): (&str, _, _, _, _)| LocalMember {
        member_id: id.parse().expect("the ids are lower-case letters and hyphens"),
        name,
        tier,
        opening_balance: Miles(balance),
        status_miles: Miles(status),
    };
    members.into_iter().map(member).collect()
}
