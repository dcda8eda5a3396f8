//! What a Lambda's `main` calls.

use api_types::MemberId;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::Caller;
use crate::station::Station;
use crate::trace::Origin;

/// Answers API Gateway's REST requests with `routes`, until Lambda ends the process.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn run_http(routes: Router) -> Result<(), Error> {
    lambda_http::run(routes.layer(middleware::from_fn(admit))).await
}

/// Gives what the function `name` is invoked for to `handle`, until Lambda ends the process.
///
/// `handle` works at the invocation's own station, so that each of its log lines names the invocation.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn run_events<E, R, H, F>(name: &'static str, handle: H) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
    H: Fn(E) -> F,
    F: Future<Output = Result<R, Error>>,
{
    let invoke = |event: LambdaEvent<E>| {
        let LambdaEvent { payload, context } = event;
        let origin = context.xray_trace_id.as_deref().and_then(Origin::of_xray);
        let station = Station::of_call(name, origin.unwrap_or_else(Origin::nobody), Some(context.request_id));
        // Boxed: the SDK's futures within futures are deeper than the compiler follows.
        let handled = Box::pin(handle(payload));
        async move { station.work(handled).await }
    };
    lambda_runtime::run(service_fn(invoke)).await
}

/// Takes the caller from the claims that API Gateway's authorizer verified.
///
/// It reads the request's context, never a header: what a client sends can't make it somebody else.
async fn admit(mut request: Request, next: Next) -> Response {
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
