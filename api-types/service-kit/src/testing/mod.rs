//! What the services' tests share.

mod contract;
mod dynamo;

pub use contract::routes_what_is_documented;
pub use dynamo::EmbeddedDynamo;
