//! What a Lambda's `main` calls.

use api_types::MemberId;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use lambda_http::Error;
use lambda_http::request::RequestContext;

use crate::http::Caller;

/// Answers API Gateway's REST requests with `routes`, until Lambda ends the process.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn run_http(routes: Router) -> Result<(), Error> {
    lambda_http::run(routes.layer(middleware::from_fn(admit))).await
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
