//! Why a transaction was cancelled: DynamoDB gives a reason for each action, and they are read one by one.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::CancellationReason;
use service_kit::store::{Cancellation, condition_failed};

use super::{CabinOfFlight, SeatOfFlight, keys::Item};

/// Why the transaction that creates a booking was cancelled.
#[derive(Debug, PartialEq)]
pub(super) enum TransactionOutcome<'a> {
    /// The key has an answer: the item that holds it, if it came along.
    Answered(Option<&'a Item>),
    /// Something belongs to another booking.
    Taken { locator: bool, cabins: BTreeSet<CabinOfFlight> },
    /// Nothing but other transactions on the same items.
    Conflict,
    /// The table had no capacity; the reason's code.
    Busy(String),
    /// A reason of another kind.
    Unforeseen,
}

/// Reads the reasons one by one. They are in the order of the transaction's actions: the key's, the booking's, one for
/// each of `seats`, the outbox's.
pub(super) fn transaction_outcome<'a>(
    seats: &[SeatOfFlight],
    reasons: &'a [CancellationReason],
) -> TransactionOutcome<'a> {
    if reasons.len() != seats.len() + 3 {
        return TransactionOutcome::Unforeseen;
    }
    if condition_failed(&reasons[0]) {
        return TransactionOutcome::Answered(reasons[0].item.as_ref());
    }
    match Cancellation::of(reasons) {
        Cancellation::Busy(code) => TransactionOutcome::Busy(code),
        Cancellation::ConditionsFailed(positions) => TransactionOutcome::Taken {
            locator: positions.contains(&1),
            cabins: positions
                .iter()
                .filter_map(|at| seats.get(at.checked_sub(2)?))
                .map(|seat| seat.cabin.clone())
                .collect(),
        },
        Cancellation::Conflict => TransactionOutcome::Conflict,
        Cancellation::Unforeseen => TransactionOutcome::Unforeseen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(flight: &str, number: u32) -> SeatOfFlight {
        let cabin = CabinOfFlight {
            flight_number: flight.parse().unwrap(),
            departure_date: "2026-12-05".parse().unwrap(),
            cabin: api_types::Cabin::Economy,
        };
        SeatOfFlight { cabin, number }
    }

    /// Two seats on TN1, one on TN2: the reasons are the key's, the booking's, three seats' and the outbox's.
    fn read(codes: [&str; 6]) -> String {
        let reasons = codes.map(|code| {
            let code = match code {
                "-" => "None",
                "x" => "ConditionalCheckFailed",
                "c" => "TransactionConflict",
                other => other,
            };
            CancellationReason::builder().code(code).build()
        });
        match transaction_outcome(&[seat("TN1", 1), seat("TN1", 2), seat("TN2", 1)], &reasons) {
            TransactionOutcome::Taken { locator, cabins } => {
                let flights: Vec<_> = cabins.iter().map(|cabin| cabin.flight_number.as_str()).collect();
                format!("taken: {}{}", if locator { "locator " } else { "" }, flights.join(" "))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_reasons_are_read_one_by_one() {
        for (codes, meaning) in [
            (["x", "-", "-", "-", "-", "-"], "Answered(None)"),
            (["x", "x", "x", "c", "-", "-"], "Answered(None)"), // an answered key comes before all else
            (["-", "x", "-", "-", "-", "-"], "taken: locator "),
            (["-", "-", "x", "-", "-", "-"], "taken: TN1"),
            (["-", "-", "x", "x", "x", "-"], "taken: TN1 TN2"),
            (["-", "x", "-", "-", "x", "-"], "taken: locator TN2"),
            (["-", "-", "-", "c", "x", "-"], "taken: TN2"), // a taken seat stays taken, conflict or not
            (["-", "-", "c", "-", "-", "-"], "Conflict"),
            (["c", "c", "c", "c", "c", "c"], "Conflict"),
            (["-", "-", "c", "ThrottlingError", "-", "-"], "Busy(\"ThrottlingError\")"),
            (
                ["-", "ProvisionedThroughputExceeded", "x", "-", "-", "-"],
                "Busy(\"ProvisionedThroughputExceeded\")",
            ),
            (["-", "-", "c", "ValidationError", "-", "-"], "Unforeseen"),
            (["-", "-", "-", "ItemCollectionSizeLimitExceeded", "-", "-"], "Unforeseen"),
            (["-", "-", "-", "-", "-", "-"], "Unforeseen"),
        ] {
            assert_eq!(read(codes), meaning, "{codes:?}");
        }
        let too_few = [CancellationReason::builder().code("ConditionalCheckFailed").build()];
        assert_eq!(transaction_outcome(&[], &too_few), TransactionOutcome::Unforeseen);
        assert_eq!(transaction_outcome(&[], &[]), TransactionOutcome::Unforeseen);
    }
}
