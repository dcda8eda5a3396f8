use std::error::Error;
use std::fmt::Debug;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::http::ApiError;

/// A request to the database failed. Nothing was half-written, and the same call again is safe.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database throttled the request or could not be reached in time.
    #[error("{doing}: the database is busy or unreachable")]
    Busy {
        /// The work that failed, such as "listing bookings".
        doing: &'static str,
        /// The SDK's error.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The database refused the request; a retry won't help.
    #[error("{doing}: the database request failed")]
    Failed {
        /// The work that failed.
        doing: &'static str,
        /// The SDK's error.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// This version can't read a stored item.
    #[error("{doing}: a stored item can't be read")]
    Unreadable {
        /// The work that failed.
        doing: &'static str,
        /// What is wrong with the item.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

/// The codes by which DynamoDB reports load or throttling.
const BUSY_CODES: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded", // so spelled among a transaction's cancellation reasons
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError", // likewise
    "TransactionInProgressException",
];

/// Whether `code` reports load or throttling, so that the same request may succeed later.
#[must_use]
pub fn is_busy_code(code: &str) -> bool {
    BUSY_CODES.contains(&code)
}

impl StoreError {
    /// For `map_err`: the SDK's error, and what was being done when it came.
    pub fn while_doing<E, R>(doing: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: Debug + Send + Sync + 'static,
    {
        move |error| {
            let unreachable = matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_));
            if unreachable || error.code().is_some_and(is_busy_code) {
                Self::Busy { doing, cause: Box::new(error) }
            } else {
                Self::Failed { doing, cause: Box::new(error) }
            }
        }
    }

    /// A request that could not be made, or that failed for a reason of our own.
    pub fn failed(doing: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { doing, cause: cause.into() }
    }

    /// A stored item that does not hold what it should.
    pub fn unreadable(doing: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreadable { doing, cause: cause.into() }
    }
}

/// Busy is 503 with `Retry-After`; everything else is 500, and its cause goes to the log only.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy { .. } => Self::busy(error),
            StoreError::Failed { .. } | StoreError::Unreadable { .. } => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[test]
    fn throttling_and_timeouts_are_busy_and_all_else_is_internal() {
        let service_error = |code: &str| {
            let error = GetItemError::generic(ErrorMetadata::builder().code(code).build());
            let status = StatusCode::try_from(400).unwrap();
            SdkError::service_error(error, HttpResponse::new(status, SdkBody::empty()))
        };
        let timeout = SdkError::<GetItemError, HttpResponse>::timeout_error("8 s");
        for (error, status, code) in [
            (service_error("ThrottlingException"), 503, "busy"),
            (service_error("ProvisionedThroughputExceededException"), 503, "busy"),
            (timeout, 503, "busy"),
            (service_error("ValidationException"), 500, "internal"),
            (service_error("ResourceNotFoundException"), 500, "internal"),
        ] {
            let problem = ApiError::from(StoreError::while_doing("reading")(error));
            assert_eq!((problem.problem().status, problem.problem().code.as_str()), (status, code));
        }
        let unreadable = ApiError::from(StoreError::unreadable("reading", "no document"));
        assert_eq!(unreadable.problem().status, 500);
        assert!(!unreadable.problem().detail.contains("document"), "{unreadable:?}");
    }
}
