//! The parts of HTTP that no service decides for itself.

mod caller;
mod error;
mod extract;
mod middleware;
mod parameters;
mod routes;

pub use caller::Caller;
pub use error::ApiError;
pub use extract::{Json, Path, Query};
pub use middleware::{MAX_BODY_BYTES, with_middleware};
pub use parameters::{DEFAULT_LIMIT, MAX_LIMIT, Page, Parameters};
#[doc(hidden)]
pub use routes::{answering, described};
