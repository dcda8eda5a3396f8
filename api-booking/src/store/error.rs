use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The store could not do what it was asked to. Asking again is safe, whatever it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It was too busy, or could not be reached in time.
    #[error("{doing}: the store asks for patience")]
    Busy {
        /// What it was asked to do.
        doing: &'static str,
        /// What it said.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// It refused in a way that no retry mends.
    #[error("{doing}: the store failed")]
    Failed {
        /// What it was asked to do.
        doing: &'static str,
        /// What it said.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// It holds something that this version can't read.
    #[error("{doing}: a stored item can't be read")]
    Unreadable {
        /// What it was asked to do.
        doing: &'static str,
        /// What is wrong with the item.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

/// The codes with which DynamoDB says that it is the load and not the request.
const BUSY_CODES: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded", // so written among the reasons of a cancelled transaction
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError", // likewise
    "TransactionInProgressException",
];

/// Whether `code` says that it is the load and not the request.
pub(super) fn is_busy_code(code: &str) -> bool {
    BUSY_CODES.contains(&code)
}

impl StoreError {
    /// What the SDK reported while `doing` something.
    pub(super) fn of_sdk<E, R>(doing: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let unreachable = matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_));
        if unreachable || error.code().is_some_and(is_busy_code) {
            Self::Busy { doing, cause: Box::new(error) }
        } else {
            Self::Failed { doing, cause: Box::new(error) }
        }
    }

    /// An item that does not hold what it should.
    pub(super) fn unreadable(doing: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreadable { doing, cause: cause.into() }
    }
}
