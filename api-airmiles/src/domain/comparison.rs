//! The difference between a booking as Booking lists it and as the ledger has it.

use api_types::{BookingStatus, DifferenceKind, ListedBooking, MemberId, MilesStatus};

use super::Projection;

/// The first difference that applies, or `None` when both agree.
///
/// `owner` is the member to whom the ledger has assigned the booking, and `projection` that of the listed member.
#[must_use]
pub fn difference(
    listed: &ListedBooking,
    owner: Option<&MemberId>,
    projection: Option<&Projection>,
) -> Option<DifferenceKind> {
    if owner.is_some_and(|owner| *owner != listed.member_id) {
        return Some(DifferenceKind::OtherMember);
    }
    let Some(known) = projection else { return Some(DifferenceKind::Missing) };
    let same_status = match listed.status {
        BookingStatus::Confirmed => matches!(known.status, MilesStatus::Pending | MilesStatus::Posted),
        BookingStatus::Cancelled => known.status == MilesStatus::Reversed,
    };
    match known.applied_version.cmp(&listed.version) {
        std::cmp::Ordering::Less => Some(DifferenceKind::Behind),
        std::cmp::Ordering::Greater => Some(DifferenceKind::Ahead),
        std::cmp::Ordering::Equal if !same_status => Some(DifferenceKind::StatusDiffers),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use api_types::{Miles, Tier};

    use super::*;

    #[test]
    fn each_difference_has_its_name() {
        use BookingStatus::{Cancelled, Confirmed};
        use DifferenceKind::{Ahead, Behind, Missing, OtherMember, StatusDiffers};
        use MilesStatus::{Pending, Posted, Reversed};
        let (own, other): (MemberId, MemberId) = ("a".parse().unwrap(), "b".parse().unwrap());
        for (status, owner, known, expected) in [
            (Confirmed, Some(&own), Some((2, Pending)), None),
            (Confirmed, Some(&own), Some((2, Posted)), None),
            (Cancelled, Some(&own), Some((2, Reversed)), None),
            (Confirmed, None, Some((2, Pending)), None), // stored before owners were
            (Confirmed, None, None, Some(Missing)),
            (Confirmed, Some(&own), None, Some(Missing)),
            (Confirmed, Some(&other), None, Some(OtherMember)),
            (Confirmed, Some(&other), Some((2, Pending)), Some(OtherMember)),
            (Confirmed, Some(&own), Some((1, Pending)), Some(Behind)),
            (Cancelled, Some(&own), Some((1, Pending)), Some(Behind)),
            (Confirmed, Some(&own), Some((3, Reversed)), Some(Ahead)),
            (Cancelled, Some(&own), Some((2, Pending)), Some(StatusDiffers)),
            (Confirmed, Some(&own), Some((2, Reversed)), Some(StatusDiffers)),
        ] {
            let locator = "K7QZ4M".parse::<api_types::RecordLocator>().unwrap();
            let listed =
                ListedBooking { record_locator: locator.clone(), member_id: own.clone(), version: 2, status };
            let projection = known.map(|(applied_version, status)| Projection {
                record_locator: locator,
                applied_version,
                awarded: Miles(0),
                tier: Tier::Coast,
                rules_version: "2026-11".to_owned(),
                status,
                lines: vec![],
            });
            let found = difference(&listed, owner, projection.as_ref());
            assert_eq!(found, expected, "{status:?} of {owner:?}, known {known:?}");
        }
    }
}
