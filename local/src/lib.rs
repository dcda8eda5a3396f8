//! Tern whole on a laptop: one process that stands for what AWS gives.
//!
//! | what AWS gives | what stands for it here |
//! |---|---|
//! | CloudFront and the bucket behind it | [`web`]: the built files, headers, deep links |
//! | API Gateway and Cognito | [`gateway`]: tokens, the caller, both services' routers |
//! | DynamoDB, one account each | `embedded-dynamo`: a store per service, in a file, without a socket |
//! | the table stream, SNS, SQS and what invokes the functions | [`bus`] |
//! | durable disks | [`data_folder`]: whose folder it is, who holds it, its keys |
//!
//! The services themselves are the same code as in AWS: their routers, their event handlers, the unmodified
//! `aws-sdk-dynamodb`. No rule of the business is here.

mod arguments;
pub mod bus;
pub mod data_folder;
pub mod gateway;
mod run;
mod services;
pub mod web;

pub use arguments::Arguments;
pub use run::{Local, StartError};
pub use services::ServicesError;
