//! Why a transaction was cancelled: DynamoDB gives a reason for each action, and they are read one by one.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::CancellationReason;

use service_kit::store::is_busy_code;

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
    Busy(&'a str),
    /// A reason of another kind.
    Unforeseen,
}

/// Reads the reasons one by one. They are in the order of the transaction's actions: the key's, the booking's, one for
/// each of `seats`, the outbox's.
pub(super) fn transaction_outcome<'a>(
    seats: &[SeatOfFlight],
    reasons: &'a [CancellationReason],
) -> TransactionOutcome<'a> {
    let [key, booking, others @ ..] = reasons else { return TransactionOutcome::Unforeseen };
    if others.len() != seats.len() + 1 {
        return TransactionOutcome::Unforeseen;
    }
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    if failed(key) {
        return TransactionOutcome::Answered(key.item.as_ref());
    }
    let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
    if let Some(code) = codes.iter().find(|code| is_busy_code(code)) {
        return TransactionOutcome::Busy(code);
    }
    if codes.iter().any(|code| !["None", "ConditionalCheckFailed", "TransactionConflict"].contains(code)) {
        return TransactionOutcome::Unforeseen;
    }
    let taken = seats.iter().zip(others).filter(|(_, reason)| failed(reason));
    let cabins: BTreeSet<_> = taken.map(|(seat, _)| seat.cabin.clone()).collect();
    if failed(booking) || !cabins.is_empty() {
        return TransactionOutcome::Taken { locator: failed(booking), cabins };
    }
    if codes.contains(&"TransactionConflict") {
        TransactionOutcome::Conflict
    } else {
        TransactionOutcome::Unforeseen
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
