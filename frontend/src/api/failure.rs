//! Why a request failed.

use std::rc::Rc;

use api_types::{Problem, ProblemCode};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiFailure {
    /// The service refused, with its reason.
    Problem(Rc<Problem>),
    /// No reply: the device is offline, or the service can't be reached.
    Offline,
    /// A reply that doesn't match the contract; its HTTP status.
    Unexpected(u16),
}

impl ApiFailure {
    /// The problem's code, if the service refused.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Offline | Self::Unexpected(_) => None,
        }
    }

    /// Whether the visitor has to sign in (again).
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        self.code() == Some(ProblemCode::Unauthenticated)
    }

    /// Whether a retry may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Self::Offline => true,
            Self::Unexpected(status) => *status >= 500,
        }
    }
}

/// The message for the visitor.
impl std::fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problem(problem) => f.write_str(&problem.detail),
            Self::Offline => f.write_str("We can't reach Tern. Check your connection and try again."),
            Self::Unexpected(_) => f.write_str("Something went wrong on our side. Try again in a minute."),
        }
    }
}
