//! The `main` of a Lambda function.

use api_types::MemberId;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::{Instrument, info_span};

pub use lambda_http::Error;
pub use mimalloc::MiMalloc;

use crate::aws::{AwsEnv, dynamodb, sns, variable};
use crate::events::outbox::{Outbox, SnsPublisher};
use crate::events::queue::QueueConsumer;
use crate::http::Caller;
use crate::trace::Origin;
use crate::{Clock, telemetry};

/// Defines the `main` of a Lambda function: allocator, telemetry, configuration from the environment, the loop over
/// invocations. Service and function are named after package and binary.
///
/// | form | the function |
/// |---|---|
/// | `lambda_main!(http: routes)` | answers API Gateway with an axum router |
/// | `lambda_main!(queue: consumer)` | applies the batches of a queue with a [`QueueConsumer`](crate::events::queue::QueueConsumer) |
/// | `lambda_main!(outbox)` | publishes the outbox of `TABLE_NAME` to `TOPIC_ARN` |
/// | `lambda_main!(async { .. })` | does what the future does, which calls [`lambda::events`](crate::lambda::events) |
#[macro_export]
macro_rules! lambda_main {
    (http: $routes:expr) => {
        $crate::lambda_main!(async { $crate::lambda::http($routes).await });
    };
    (queue: $consumer:expr) => {
        $crate::lambda_main!(async { $crate::lambda::queue($consumer).await });
    };
    (outbox) => {
        $crate::lambda_main!($crate::lambda::outbox(env!("CARGO_BIN_NAME")));
    };
    ($run:expr) => {
        #[global_allocator]
        static ALLOCATOR: $crate::lambda::MiMalloc = $crate::lambda::MiMalloc;

        fn main() -> Result<(), $crate::lambda::Error> {
            $crate::lambda::block_on(env!("CARGO_PKG_NAME"), env!("CARGO_BIN_NAME"), || $run)
        }
    };
}

/// The name of a function of the calling package: `function!("http")` in `api-booking` is `"booking-http"`.
#[macro_export]
macro_rules! function {
    ($role:literal) => {
        const { concat!(env!("CARGO_PKG_NAME"), "-", $role).split_at("api-".len()).1 }
    };
}

/// Starts telemetry for `function` of the package `api-<service>`, and runs what `start` returns.
///
/// # Errors
/// When there is no runtime, or the future's own.
#[doc(hidden)]
pub fn block_on<F>(
    package: &'static str,
    function: &'static str,
    start: impl FnOnce() -> F,
) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    telemetry::init(package.strip_prefix("api-").unwrap_or(package), function);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(start())
}

/// Answers API Gateway's REST requests with `routes`, until Lambda ends the process.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn http(routes: Router) -> Result<(), Error> {
    lambda_http::run(routes.layer(middleware::from_fn(identify_caller))).await
}

/// Applies the batches of a queue, until Lambda ends the process.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn queue<C: QueueConsumer>(consumer: C) -> Result<(), Error> {
    events(C::FUNCTION, async |batch| Ok(consumer.handle(batch).await)).await
}

/// Publishes the outbox of `TABLE_NAME` to `TOPIC_ARN` as `function`, until Lambda ends the process.
///
/// # Errors
/// When a variable is missing, or the Runtime API can't be reached.
pub async fn outbox(function: &'static str) -> Result<(), Error> {
    let aws = AwsEnv::from_env()?;
    let publisher = SnsPublisher::new(sns(&aws), variable("TOPIC_ARN")?);
    let outbox = Outbox::new(function, publisher, dynamodb(&aws), variable("TABLE_NAME")?, Clock::system());
    events(function, async |payload| Ok(outbox.invoke(payload).await?)).await
}

/// Gives the payload of each invocation of `function` to `handle`, until Lambda ends the process.
///
/// `handle` runs in the invocation's span, so that its log lines name the invocation.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn events<E, R>(
    function: &'static str,
    handle: impl AsyncFn(E) -> Result<R, Error>,
) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
{
    let handle = &handle;
    let invoke = async |event: LambdaEvent<E>| {
        let LambdaEvent { payload, context } = event;
        let origin = context.xray_trace_id.as_deref().and_then(Origin::of_xray);
        let origin = origin.unwrap_or_else(Origin::nobody);
        let span = info_span!(
            "invocation",
            function,
            traceparent = %origin.caller.new_span(),
            invocation_id = context.request_id,
        );
        // Boxed: the SDK's nested futures are deeper than the compiler follows.
        Box::pin(handle(payload)).instrument(span).await
    };
    lambda_runtime::run(service_fn(invoke)).await
}

/// Takes the caller from the claims that API Gateway's authorizer verified.
///
/// It reads the request's context, never a header, which a client could forge.
async fn identify_caller(mut request: Request, next: Next) -> Response {
    let member_id = request.extensions().get::<RequestContext>().and_then(verified_subject);
    if let Some(member_id) = member_id {
        request.extensions_mut().insert(Caller { member_id });
    }
    next.run(request).await
}

fn verified_subject(context: &RequestContext) -> Option<MemberId> {
    let RequestContext::ApiGatewayV1(context) = context else { return None };
    context.authorizer.fields.get("claims")?.get("sub")?.as_str()?.parse().ok()
}
