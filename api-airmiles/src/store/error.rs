use std::error::Error;

/// The table could not be read or written, or holds what this version can't read.
///
/// Nothing was half-written, and the same call again is safe.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct StoreError {
    doing: &'static str,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    pub(super) fn new(doing: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, cause: cause.into() }
    }

    /// For `map_err`: what was being done when `cause` came.
    pub(super) fn while_doing<E: Into<Box<dyn Error + Send + Sync>>>(
        doing: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |cause| Self::new(doing, cause)
    }
}
