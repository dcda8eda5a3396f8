//! Why DynamoDB cancelled a transaction: one reason for each of its actions, in their order.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use super::is_busy_code;

/// What the reasons of a cancelled transaction come to. Nothing was written in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// The database throttled one of the actions: the code.
    Busy(String),
    /// The conditions of the actions at these positions don't hold. Other actions may have met other transactions.
    ConditionsFailed(Vec<usize>),
    /// Other transactions wrote to the same items at the same time. The same transaction may succeed now.
    Conflict,
    /// A reason that no retry removes, such as a value that is too large.
    Unforeseen,
}

impl Cancellation {
    /// Reads the reasons of a cancelled transaction.
    #[must_use]
    pub fn of(reasons: &[CancellationReason]) -> Self {
        let codes = || reasons.iter().map(|reason| reason.code().unwrap_or("None"));
        if let Some(code) = codes().find(|code| is_busy_code(code)) {
            return Self::Busy(code.to_owned());
        }
        if codes().any(|code| !matches!(code, "None" | CONDITION_FAILED | "TransactionConflict")) {
            return Self::Unforeseen;
        }
        let failed = reasons.iter().enumerate().filter(|(_, reason)| condition_failed(reason));
        let failed: Vec<_> = failed.map(|(position, _)| position).collect();
        if !failed.is_empty() {
            Self::ConditionsFailed(failed)
        } else if codes().any(|code| code == "TransactionConflict") {
            Self::Conflict
        } else {
            Self::Unforeseen
        }
    }
}

const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Whether an action's own condition is among the reasons.
#[must_use]
pub fn condition_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some(CONDITION_FAILED)
}

/// The reasons within `error`, if the transaction was cancelled.
#[must_use]
pub fn cancellation_reasons<R>(
    error: &SdkError<TransactWriteItemsError, R>,
) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_one_by_one() {
        use Cancellation::{Busy, ConditionsFailed, Conflict, Unforeseen};
        for (codes, cancellation) in [
            (&["None", "ConditionalCheckFailed", "None"][..], ConditionsFailed(vec![1])),
            (
                &["ConditionalCheckFailed", "TransactionConflict", "ConditionalCheckFailed"],
                ConditionsFailed(vec![0, 2]),
            ),
            (&["None", "TransactionConflict"], Conflict),
            (&["TransactionConflict", "ThrottlingError"], Busy("ThrottlingError".to_owned())),
            (
                &["ConditionalCheckFailed", "ProvisionedThroughputExceeded"],
                Busy("ProvisionedThroughputExceeded".to_owned()),
            ),
            (&["ConditionalCheckFailed", "ValidationError"], Unforeseen),
            (&["TransactionConflict", "ItemCollectionSizeLimitExceeded"], Unforeseen),
            (&["None", "None"], Unforeseen),
            (&[], Unforeseen),
        ] {
            let reasons: Vec<_> =
                codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
            assert_eq!(Cancellation::of(&reasons), cancellation, "{codes:?}");
        }
        let without_code = CancellationReason::builder().build();
        assert_eq!(Cancellation::of(&[without_code]), Unforeseen);
    }
}
