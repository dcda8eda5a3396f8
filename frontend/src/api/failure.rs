//! Why a request came to nothing.

use std::rc::Rc;

use api_types::{Problem, ProblemCode};

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiFailure {
    /// The service refused, and says why.
    Problem(Rc<Problem>),
    /// No answer came: the device is offline, or the service can't be reached.
    Offline,
    /// An answer came that is not of the agreed form; its HTTP status.
    Unexpected(u16),
}

impl ApiFailure {
    /// The service's code, if it refused.
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

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Self::Offline => true,
            Self::Unexpected(status) => *status >= 500,
        }
    }
}

/// What to tell the visitor.
impl std::fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problem(problem) => f.write_str(&problem.detail),
            Self::Offline => f.write_str("We can't reach Tern. Check your connection and try again."),
            Self::Unexpected(_) => f.write_str("Something went wrong on our side. Try again in a minute."),
        }
    }
}
